"""Reads for the pages of imports."""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db.models import QuerySet

from core.actor import Actor
from crm.enums import AT_WORK
from crm.models import Import, ImportFile, ImportRow, SavedMapping

SHOWN = 25


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import came: rows done, about of how many, and rows a second."""

    done: int
    of: int
    rate: int
    at_work: bool


def imports(actor: Actor) -> QuerySet[Import]:
    return Import.objects.visible_to(actor)


def saved(actor: Actor) -> QuerySet[SavedMapping]:
    return SavedMapping.objects.visible_to(actor).order_by("name")


def files(one: Import) -> list[ImportFile]:
    return list(ImportFile.objects.filter(of=one).order_by("pk"))


def problems(one: Import, kind: str = "") -> QuerySet[ImportRow]:
    """The rows that were not loaded, in the order of the file."""
    found = ImportRow.objects.filter(of=one).order_by("kind", "line")
    return found.filter(kind=kind) if kind else found


def counted(one: Import) -> dict[str, dict[str, int]]:
    """Kind → outcome → rows."""
    found: dict[str, dict[str, int]] = {}
    for kind, outcome, count in one.outcome.get("counts", ()):
        found.setdefault(kind, {})[outcome] = count
    return found


def progress(one: Import, at: datetime) -> Progress:
    done = sum(count for _kind, _outcome, count in one.outcome.get("counts", ()))
    if one.status in AT_WORK and not done:
        done = cache.get(f"import:{one.pk}:{one.attempts}") or 0
    seconds = (at - one.started_at).total_seconds() if one.started_at else 0
    rate = int(done / seconds) if seconds > 0 else 0
    return Progress(done, max(one.rows, done), rate, one.status in AT_WORK)
