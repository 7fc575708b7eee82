"""Brings open deliveries to their reactions: exactly one effect in our database, at least once outside."""

from datetime import datetime, timedelta

import structlog
from django.db.models import Q, QuerySet

from core.actor import SYSTEM
from core.events import reaction_named
from core.models import Delivery, DeliveryState, Event
from core.scope import scope

log = structlog.get_logger(__name__)
MAX_ATTEMPTS = 12
_LEASE_SECONDS = (20, 20, 40, 60, 120, 300, 600, 1200, 2400, 3600, 3600, 3600)


def due_after(attempts: int, at: datetime) -> datetime:
    """When a delivery is offered again if its `attempts`-th try says nothing."""
    return at + timedelta(seconds=_LEASE_SECONDS[min(attempts, len(_LEASE_SECONDS)) - 1])


def claim(at: datetime, limit: int = 20) -> list[Delivery]:
    """Takes due deliveries for a while, so that no second worker tries them; a killed worker's come back."""
    with scope(SYSTEM):
        rows = list(
            Delivery.objects.filter(state=DeliveryState.OPEN, due_at__lte=at)
            .order_by("due_at")
            .select_for_update(skip_locked=True)[:limit]
        )
        for row in rows:
            row.attempts += 1
            row.due_at = due_after(row.attempts, at)
        Delivery.objects.bulk_update(rows, ["attempts", "due_at"])
    return rows


def deliver(claimed: Delivery, at: datetime) -> bool:
    """Runs one reaction: an `outside` one acts first and is marked after, others act and mark in one transaction."""
    reaction = reaction_named(claimed.reaction)
    try:
        if reaction is None:
            raise LookupError(f"no reaction is named {claimed.reaction}")
        prepare = getattr(reaction, "prepare", None)
        send = _prepared(prepare, claimed) if prepare else _nothing
        if send is None:
            return False
        send()
        return _effect_and_mark(claimed, None if prepare else reaction, at)
    except Exception as error:
        log.exception("delivery_failed", delivery=str(claimed.pk), reaction=claimed.reaction)
        _note_failure(claimed, error, at)
        return False


def _prepared(prepare, claimed: Delivery):
    """What to call; None when it was done meanwhile, or when our claim is so old that another worker took it."""
    ours = {"pk": claimed.pk, "state": DeliveryState.OPEN, "attempts": claimed.attempts}
    with scope(SYSTEM):
        if not Delivery.objects.filter(**ours).exists():
            log.info("delivery_duplicate", delivery=str(claimed.pk))
            return None
        return prepare(Event.objects.get(pk=claimed.event_id), claimed) or _nothing


def _nothing() -> None:
    """What an outside reaction calls when nobody is to hear of it."""


def _effect_and_mark(claimed: Delivery, reaction, at: datetime) -> bool:
    with scope(SYSTEM):
        row = Delivery.objects.select_for_update(skip_locked=True).filter(pk=claimed.pk).first()
        if row is None or row.state != DeliveryState.OPEN:
            log.info("delivery_duplicate", delivery=str(claimed.pk))
            return False
        if reaction is not None:
            reaction(Event.objects.get(pk=row.event_id))
        Delivery.objects.filter(pk=row.pk).update(state=DeliveryState.DONE, done_at=at, error="")
    return True


def _note_failure(claimed: Delivery, error: Exception, at: datetime) -> None:
    state = DeliveryState.DEAD if claimed.attempts >= MAX_ATTEMPTS else DeliveryState.OPEN
    with scope(SYSTEM):
        Delivery.objects.filter(pk=claimed.pk, state=DeliveryState.OPEN).update(
            state=state, error=f"{type(error).__name__}: {error}"[:2000]
        )


def deliver_due(at: datetime, rounds: int = 50) -> int:
    """Delivers what is due, in claims of 20; returns how many were done."""
    done = 0
    for _round in range(rounds):
        claimed = claim(at)
        if not claimed:
            break
        done += sum(deliver(row, at) for row in claimed)
    return done


def outside(prepare):
    """Marks a reaction whose effect is outside our database: `prepare(event, delivery)` returns what to call.

    The call happens outside any transaction, before the delivery is marked; it must bear a repeat under a stable id.
    """

    def reaction(event: Event) -> None:
        raise TypeError("an outside reaction runs through its prepare function")

    reaction.__name__, reaction.__module__ = prepare.__name__, prepare.__module__
    setattr(reaction, "prepare", prepare)  # noqa: B010 - a function's own attribute, unknown to its type
    return reaction


def retry_dead(pks, at: datetime) -> int:
    """Offers dead deliveries again."""
    return Delivery.objects.filter(pk__in=pks, state=DeliveryState.DEAD).update(
        state=DeliveryState.OPEN, attempts=0, due_at=at
    )


def in_trouble() -> QuerySet[Delivery]:
    """Deliveries that were given up, then those that failed and are tried again; the newest first."""
    failed = Delivery.objects.filter(Q(state=DeliveryState.DEAD) | Q(state=DeliveryState.OPEN) & ~Q(error=""))
    return failed.select_related("event").order_by("state", "-due_at", "pk")
