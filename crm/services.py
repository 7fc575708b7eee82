"""What people do to imports: upload, say what columns mean, check, start, stop, go on, discard."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from core.actor import Actor
from core.events import record
from crm import uploads
from crm.enums import AT_WORK, STARTABLE, Mode
from crm.models import Import, ImportFile, ImportPiece, ImportRow, SavedMapping
from crm.particulars import Meaning, NewImport, Start, names
from crm.workflow import IMPORT

KEPT = timedelta(days=30)


def upload(new: NewImport, *, by: Actor, at: datetime) -> Import:
    """Keeps the files until they are loaded, or for 30 days."""
    by.require("crm.import")
    rows = sum(one.rows for one in new.files.values())
    made = Import.objects.create(
        name=names(list(new.files.values())), mapping=dict(new.mapping), rows=rows, by_label=by.label
    )
    for kind, arrived in new.files.items():
        facts = {"name": arrived.name, "suffix": arrived.suffix, "size": arrived.upload.size, "rows": arrived.rows}
        seen = {"columns": list(arrived.columns), "first": arrived.first, "words": arrived.words}
        uploads.keep(arrived, ImportFile.objects.create(of=made, kind=kind, **facts, **seen))
    made.refresh_from_db()
    record("uploaded", made, by=by, at=at, data={"files": list(new.files)})
    return made


def explain(one: Import, meaning: Meaning, *, by: Actor, at: datetime) -> None:
    """Says what the columns mean."""
    by.require("crm.import")
    if meaning.save_as:
        data = dict(meaning.mapping)
        saved, _made = SavedMapping.objects.update_or_create(name=meaning.save_as, defaults={"data": data})
        saved.refresh_from_db()
        record("saved", saved, by=by, at=at)
    Import.objects.filter(pk=one.pk, status__in=STARTABLE).update(mapping=dict(meaning.mapping))
    one.refresh_from_db()
    record("mapped", one, by=by, at=at, data={"fields": ["mapping"]})


def _ask(one: Import, step: str, mode: Mode, *, by: Actor, at: datetime, all_or_nothing: bool = False) -> None:
    """A worker begins anew; what an earlier check found goes."""
    fresh: dict[str, Any] = {
        "at_kind": "",
        "at_rows": 0,
        "outcome": {},
        "error": "",
        "tries": 0,
        "started_at": None,
        "ended_at": None,
    }
    IMPORT.fire(one, step, by=by, at=at, mode=mode, all_or_nothing=all_or_nothing, due_at=at, **fresh)
    ImportRow.objects.filter(of=one).delete()


def check(one: Import, *, by: Actor, at: datetime) -> None:
    """Finds out what a load would do, and does nothing."""
    _ask(one, "check", Mode.CHECK, by=by, at=at)


def start(one: Import, how: Start, *, by: Actor, at: datetime) -> None:
    _ask(one, "start", Mode.LOAD, by=by, at=at, all_or_nothing=how.all_or_nothing)


def stop(one: Import, *, by: Actor, at: datetime) -> None:
    """The worker stops before its next rows; what is loaded stays."""
    held = Import.objects.select_for_update().get(pk=one.pk)  # between two chunks
    IMPORT.fire(held, "stop", by=by, at=at, due_at=None)


def go_on(one: Import, *, by: Actor, at: datetime) -> None:
    """Loads on from where it was stopped."""
    IMPORT.fire(one, "go_on", by=by, at=at, due_at=at, tries=0)


def discard(one: Import, *, by: Actor, at: datetime) -> None:
    """Forgets the file at once."""
    IMPORT.fire(one, "discard", by=by, at=at, due_at=None, ended_at=at)
    _forget(one, at)


def forget_old(at: datetime) -> int:
    """Removes files and rows of imports that nobody touched for 30 days; counts stay. How many it were."""
    old = Q(updated_at__lt=at - KEPT) | Q(ended_at__lt=at - KEPT)
    found = list(Import.objects.filter(old, forgotten_at=None).exclude(status__in=AT_WORK))
    for one in found:
        _forget(one, at)
    return len(found)


def _forget(one: Import, at: datetime) -> None:
    ImportPiece.objects.filter(file__of=one).delete()
    ImportRow.objects.filter(of=one).delete()
    ImportFile.objects.filter(of=one).update(first=[], words={})
    listed = {name: one.outcome[name] for name in ("counts", "made") if name in one.outcome}
    Import.objects.filter(pk=one.pk).update(forgotten_at=at, outcome=listed)
