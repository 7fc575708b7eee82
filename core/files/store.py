"""Where files rest: on a disk outside every web root, under generated names, each with a row that says whose it is."""

import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused
from core.files.clean import Clean
from core.ids import uuid7
from core.models import Record, StoredFile

KEPT_LOOSE = timedelta(hours=24)  # a file that belongs to nothing by then is swept


def keep(file: Clean, *, partner_id: UUID | None, by: Actor, at: datetime, subject: Record | None = None) -> StoredFile:
    """Writes the file, then its row; readable by the partner and the vendor, or (None) by the vendor alone.

    Without a `subject` it is loose: `attach` it before a day is over. Raises Refused when the disk takes no more.
    """
    row = StoredFile(id=uuid7(), partner_id=partner_id, name=file.name, kind=file.kind, size=len(file.content))
    row.sha256, row.came_sha256, row.kept_at = file.sha256, file.came_sha256, at
    row.kept_by_id, row.kept_by = by.id, by.label
    if subject is not None:
        row.subject_type, row.subject_id = subject.resource, subject.pk
    _write(_path(row), file.content)
    row.save(force_insert=True)
    return row


def attach(files: Iterable[StoredFile], subject: Record) -> None:
    """Loose files belong to this record from now on. Raises Refused for one that belongs elsewhere already."""
    pks = [file.pk for file in files]
    loose = StoredFile.objects.filter(pk__in=pks, subject_id=None)
    if loose.update(subject_type=subject.resource, subject_id=subject.pk) != len(pks):
        raise Refused(_("A file was used already or is gone. Send it again."), code="file_gone")


def of(actor: Actor, subjects: Iterable[Record]) -> QuerySet[StoredFile]:
    """The files of these records that the actor may see, in the order they came."""
    rows = StoredFile.objects.visible_to(actor).filter(subject_id__in=[subject.pk for subject in subjects])
    return rows.order_by("kept_at", "id")


def drop(file: StoredFile) -> None:
    """Forgets a file; its bytes go when the change is committed."""
    path = _path(file)
    StoredFile.objects.filter(pk=file.pk).delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def open_file(file: StoredFile) -> IO[bytes]:
    """Its bytes. Raises FileNotFoundError."""
    return open(_path(file), "rb")


def sweep(at: datetime) -> int:
    """Removes loose files after a day, and what lies on the disk without a row; how many went."""
    went = _sweep_disk(at)
    loose = list(StoredFile.objects.filter(subject_id=None, kept_at__lt=at - KEPT_LOOSE)[:1000])
    for file in loose:
        drop(file)
    return went + len(loose)


def _sweep_disk(at: datetime) -> int:
    before, went = (at - KEPT_LOOSE).timestamp(), 0
    for folder in sorted(Path(settings.FILES_ROOT).glob("??")):
        old = {path.name: path for path in folder.iterdir() if path.stat().st_mtime < before}
        known = StoredFile.objects.filter(pk__in=[name for name in old if _is_ours(name)]).values_list("pk", flat=True)
        for name in old.keys() - {pk.hex for pk in known}:
            old[name].unlink(missing_ok=True)
            went += 1
    return went


def _is_ours(name: str) -> bool:
    return len(name) == 32 and all(digit in "0123456789abcdef" for digit in name)


def _path(file: StoredFile) -> Path:
    return Path(settings.FILES_ROOT) / file.pk.hex[-2:] / file.pk.hex


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and on the disk before anybody is told."""
    half = path.with_suffix(".half")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(half, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        with suppress(OSError):
            half.unlink()
        raise Refused(_("Files can't be kept just now. Try again in a few minutes."), code="no_space") from error
