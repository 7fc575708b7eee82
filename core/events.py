"""record(): what happened is written in the transaction that made it happen, with its open deliveries."""

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.models import Delivery, Event, Record
from core.wake import wake_after_commit

Reaction = Callable[[Event], None]
Told = tuple[str, Record, UUID | None, dict[str, Any]]  # verb, subject, who may read it beside the vendor, data
_table: Mapping[str, Sequence[Reaction]] = {}
request_id: ContextVar[str] = ContextVar("request_id", default="")


def install(table: Mapping[str, Sequence[Reaction]]) -> None:
    """Sets THE table of reactions, once, at start."""
    global _table  # noqa: PLW0603 - the one joining place hands it in
    _table = table


def installed() -> Mapping[str, Sequence[Reaction]]:
    """THE table, as it was handed in."""
    return _table


def name_of(reaction: Reaction) -> str:
    """`app.function`: the stable name of a reaction in the delivery table."""
    return f"{reaction.__module__.removesuffix('.reactions')}.{reaction.__name__}"


def reaction_named(name: str) -> Reaction | None:
    return next((r for reactions in _table.values() for r in reactions if name_of(r) == name), None)


def record(
    verb: str, subject: Record, *, by: Actor, at: datetime, partner_id: UUID | None = None, data: dict | None = None
) -> Event:
    """Writes `<resource>.<verb>` about `subject`, readable by `partner_id` and the vendor, and opens its deliveries."""
    return record_many([(verb, subject, partner_id, data or {})], by=by, at=at)[0]


def record_many(told: Sequence[Told], *, by: Actor, at: datetime) -> list[Event]:
    """The same for many, in two statements and in this order."""
    events = Event.objects.bulk_create([_event(one, by, at) for one in told])
    open_deliveries(*events)
    return events


def _event(told: Told, by: Actor, at: datetime) -> Event:
    verb, subject, partner_id, data = told
    return Event(
        type=f"{subject.resource}.{verb}",
        subject_type=subject.resource,
        subject_id=subject.pk,
        subject_public_id=subject.public_id,
        subject_version=subject.version if isinstance(subject.version, int) else None,
        partner_id=partner_id,
        at=at,
        actor_kind=by.kind,
        actor_label=by.label,
        actor_id=by.id,
        request_id=request_id.get(),
        data=data,
    )


def open_deliveries(*events: Event) -> None:
    opened = [Delivery(event=e, reaction=name_of(r)) for e in events for r in _table.get(e.type, ())]
    if opened:
        Delivery.objects.bulk_create(opened)
        wake_after_commit()


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[str | None]]:
    """`{field: [before, after]}` as texts for the fields that differ."""
    return {name: [_text(before.get(name)), _text(value)] for name, value in after.items() if before.get(name) != value}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
