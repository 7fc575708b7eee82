"""Timers as rows: a service sets them with the change they follow from, a sweep rings the ones that are due."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from uuid import UUID

import structlog
from django.db import connection

from core.actor import SYSTEM
from core.deliver import due_after
from core.errors import Refused, Stale
from core.models import Record, Timer
from core.scope import scope

Bell = Callable[[UUID, datetime], None]  # (id of the subject, now): loads it, calls one service
log = structlog.get_logger(__name__)
_table: Mapping[str, Bell] = {}


def install(table: Mapping[str, Bell]) -> None:
    """Sets THE table of timers, once, at start: `<resource>.<kind>` → what to do."""
    global _table  # noqa: PLW0603 - the one joining place hands it in
    _table = table


def installed() -> Mapping[str, Bell]:
    return _table


def put(subject: Record, moments: Mapping[str, datetime | None]) -> None:
    """Sets each kind of timer to its moment, anew where it rang already; None takes it away."""
    put_all([(subject, moments)])
    clear(subject, *(kind for kind, due in moments.items() if due is None))


def put_all(several: Iterable[tuple[Record, Mapping[str, datetime | None]]]) -> None:
    """Sets the timers of many records in few statements; where a moment is None, what stands is left alone."""
    _write(
        [
            Timer(subject_type=subject.resource, subject_id=subject.pk, kind=kind, due_at=due)
            for subject, moments in several
            for kind, due in moments.items()
            if due is not None
        ]
    )


def _write(rows: list[Timer]) -> None:
    fresh = ("due_at", "done_at", "attempts", "error")
    Timer.objects.bulk_create(rows, update_conflicts=True, unique_fields=("subject_id", "kind"), update_fields=fresh)


def clear(subject: Record, *kinds: str) -> None:
    """Takes timers away that have not rung."""
    if kinds:
        Timer.objects.filter(subject_id=subject.pk, kind__in=kinds, done_at=None).delete()


def stop(subject: Record) -> None:
    """Takes every timer away that has not rung: nothing more is awaited of this record."""
    Timer.objects.filter(subject_id=subject.pk, done_at=None).delete()


def ring(at: datetime, limit: int = 500) -> int:
    """Rings what is due, the earliest first, each in a transaction of its own; how many rang.

    A timer's row is locked last, after what its bell changes: services take locks in the same order.
    """
    with scope(SYSTEM):
        due = Timer.objects.filter(done_at=None, due_at__lte=at).order_by("due_at", "id")
        waiting = list(due.values_list("pk", flat=True)[:limit])
    rang = 0
    for pk in waiting:
        with scope(SYSTEM):
            timer = due.filter(pk=pk).first() if _mine(pk) else None
            if timer is not None:
                _ring(timer, at)
                rang += 1
    return rang


def _mine(pk: UUID) -> bool:
    """Whether no other sweep rings this timer now; ours until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 8))", [str(pk)])
        return bool(cursor.fetchone()[0])


def _ring(timer: Timer, at: datetime) -> None:
    """Does what the table says. Who has moved on needs no bell; what fails is tried again later."""
    error = ""
    try:
        with scope(SYSTEM):
            _table[f"{timer.subject_type}.{timer.kind}"](timer.subject_id, at)
    except Stale as stale:
        return _later(timer, stale, at)
    except Refused as refusal:
        error = refusal.reason
    except Exception as failure:
        log.exception("timer_failed", timer=str(timer.pk), kind=timer.kind)
        return _later(timer, failure, at)
    Timer.objects.filter(pk=timer.pk, due_at=timer.due_at).update(done_at=at, error=error[:2000])
    return None


def _later(timer: Timer, error: Exception, at: datetime) -> None:
    attempts, text = timer.attempts + 1, f"{type(error).__name__}: {error}"[:2000]
    Timer.objects.filter(pk=timer.pk).update(attempts=attempts, due_at=due_after(attempts, at), error=text)
