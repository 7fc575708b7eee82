"""The worker's side of an import: takes it up, loads it chunk by chunk, survives being killed between any two.

A chunk's rows, its problems and how far the import came are one transaction. Who takes an import up raises its
`attempts`; a chunk of an earlier attempt is refused, so that a worker that only seemed dead does no harm.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.core.cache import cache
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from core import bulk
from core.errors import Refused
from core.scope import scope
from crm import mapping, uploads
from crm.enums import AT_WORK, ImportStatus, Mode
from crm.job import IMPORTER, Job
from crm.load import LOCK, RolledBack, load_all, missing_columns
from crm.mapping import MappingError
from crm.models import Import, ImportFile, ImportRow
from crm.reading import Table, Unreadable
from crm.report import Outcome, Report
from crm.workflow import IMPORT

log = structlog.get_logger(__name__)
Clock = Callable[[], datetime]
LEASE = timedelta(seconds=120)  # a chunk takes seconds
WHOLE_LEASE = timedelta(minutes=31)  # of what is one transaction; longer than a task may last
TRIES = 5
_PROBLEMS = ("invalid", "skipped")


class Taken(Exception):
    """The import was stopped, or is in other hands."""


def work(clock: Clock) -> int:
    """Does what waits, one import at a time in the whole installation. How many it took up.

    Who holds the lock knows that the worker of an import that seems to run is dead: its connection held the lock.
    Behind a pooler there is no lock, and the end of the lease tells.
    """
    done, locks = 0, not connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]
    try:
        with bulk.exclusive(LOCK):
            while (one := claim(clock(), alone=locks)) is not None:
                run(one, clock)
                done += 1
    except Refused:
        log.info("import_waits", why="another one is running")
    return done


def claim(at: datetime, *, alone: bool = False) -> Import | None:
    """Takes up the import that waits longest, or one whose worker died: its lease ended, or we are alone."""
    with scope(IMPORTER):
        left = Q(due_at__lte=at) | Q(status=ImportStatus.RUNNING, error="") if alone else Q(due_at__lte=at)
        due = Import.objects.filter(left, status__in=AT_WORK).order_by("due_at")
        one = due.select_for_update(skip_locked=True).first()
        if one is None:
            return None
        if one.tries >= TRIES:
            IMPORT.fire(one, "fail", by=IMPORTER, at=at, ended_at=at, due_at=None, error=one.error or _tired())
            return None
        held: dict[str, Any] = {"attempts": one.attempts + 1, "tries": one.tries + 1, "due_at": at + _lease(one)}
        if one.status == ImportStatus.WAITING:
            IMPORT.fire(one, "take_up", by=IMPORTER, at=at, started_at=one.started_at or at, **held)
        else:
            Import.objects.filter(pk=one.pk).update(**held)
            one.refresh_from_db()
        return one


def _tired() -> str:
    return _("It was tried %d times and did not get on. Nothing more was loaded.") % TRIES


def _is_whole(one: Import) -> bool:
    """Is it one transaction from the first row to the last?"""
    return one.mode == Mode.CHECK or one.all_or_nothing


def _lease(one: Import) -> timedelta:
    return WHOLE_LEASE if _is_whole(one) else LEASE


def run(one: Import, clock: Clock) -> None:
    """Loads an import that was claimed, to its end or until somebody stops it."""
    try:
        with _tables(one) as (meant, tables):
            (_run_whole if _is_whole(one) else _run_chunks)(one, meant, tables, clock)
    except Taken:
        log.info("import_left", subject=one.public_id)
    except (Unreadable, MappingError) as error:
        _end(one, Report(), clock, str(error))
    except Exception as error:  # tried again when the lease ends
        log.exception("import_broke", subject=one.public_id)
        with scope(IMPORTER):
            Import.objects.filter(pk=one.pk, attempts=one.attempts).update(
                error=f"{type(error).__name__}", due_at=clock()
            )


@contextmanager
def _tables(one: Import) -> Iterator[tuple[mapping.Mapping, dict[str, Table]]]:
    meant = mapping.of(one.mapping, one.name)
    with scope(IMPORTER):
        files = [file for file in one.files.all() if file.kind in meant.files]
    with uploads.written_out(files, scope(IMPORTER)) as paths:
        tables = {file.kind: _table(meant, file, paths[file.kind]) for file in files}
        yield meant, tables


def _table(meant: mapping.Mapping, file: ImportFile, path: Path) -> Table:
    known = meant.files[file.kind]
    table = uploads.table_of(path, known.encoding, known.delimiter)
    if problems := list(missing_columns(meant, file.kind, table, file.name)):
        raise MappingError(problems)
    return table


# --- by chunks --------------------------------------------------------------------------------------------------------


def _run_chunks(one: Import, meant: mapping.Mapping, tables: dict[str, Table], clock: Clock) -> None:
    report = Report.of_json(one.outcome)

    def chunk_done(kind: str, rows: int, outcomes: list[Outcome]) -> None:
        _note_problems(one, outcomes)
        come = {"at_kind": kind, "at_rows": rows, "outcome": report.as_json(), "tries": 0, "error": ""}
        held = Import.objects.filter(pk=one.pk, attempts=one.attempts, status=ImportStatus.RUNNING)
        if held.update(**come, due_at=clock() + LEASE) != 1:
            raise Taken

    assert one.started_at is not None
    load_all(Job(meant, tables, report, one.started_at, chunk_done, (one.at_kind, one.at_rows)))
    _end(one, report, clock)


def _note_problems(one: Import, outcomes: list[Outcome]) -> None:
    bad = [found for found in outcomes if found.outcome in _PROBLEMS]
    ImportRow.objects.bulk_create(
        ImportRow(of=one, kind=b.kind, line=b.line, ext_id=b.ext_id[:255], outcome=b.outcome, why=b.why) for b in bad
    )


# --- as one transaction -----------------------------------------------------------------------------------------------


def _run_whole(one: Import, meant: mapping.Mapping, tables: dict[str, Table], clock: Clock) -> None:
    """All or nothing, or nothing at all: what it finds is noted after what it did was taken back."""
    problems: list[Outcome] = []

    def chunk_done(kind: str, rows: int, outcomes: list[Outcome]) -> None:
        problems.extend(found for found in outcomes if found.outcome in _PROBLEMS)
        cache.set(progress_key(one), sum(report.counts.values()), 3600)
        if not Import.objects.filter(pk=one.pk, attempts=one.attempts, status=ImportStatus.RUNNING).exists():
            raise Taken

    assert one.started_at is not None
    report = Report()
    try:
        with scope(IMPORTER):
            load_all(Job(meant, tables, report, one.started_at, chunk_done))
            if one.mode == Mode.CHECK or report.invalid:
                raise RolledBack
            _end(one, report, clock)
            _note_problems(one, problems)
    except RolledBack:
        with scope(IMPORTER):
            _end(one, report, clock)
            _note_problems(one, problems)


def progress_key(one: Import) -> str:
    return f"import:{one.pk}:{one.attempts}"


# --- the end ----------------------------------------------------------------------------------------------------------


def _end(one: Import, report: Report, clock: Clock, error: str = "") -> None:
    """Notes what came of it. Raises Taken when it is in other hands."""
    at = clock()
    with scope(IMPORTER):
        held = Import.objects.select_for_update().filter(pk=one.pk, attempts=one.attempts, status=ImportStatus.RUNNING)
        mine = held.first()
        if mine is None:
            raise Taken
        step, said = _judged(mine, report, error)
        values = {"outcome": report.as_json() if not error else mine.outcome, "error": said}
        IMPORT.fire(
            mine, step, by=IMPORTER, at=at, ended_at=at, due_at=None, data={"made": dict(report.made)}, **values
        )


def _judged(one: Import, report: Report, error: str) -> tuple[str, str]:
    """How it ended: the step, and a sentence where something is to be said."""
    if error:
        return "fail", error
    if one.mode == Mode.CHECK:
        return "report", ""
    if one.all_or_nothing and report.invalid:
        return "fail", _("Nothing was loaded, as you asked: rows are invalid.")
    if not report.counts:
        return "fail", _("The file holds no rows below its header.")
    if not report.loaded:
        return "fail", _("No row could be loaded. Each is listed with its reason.")
    return ("finish_partly" if report.invalid else "finish"), ""
