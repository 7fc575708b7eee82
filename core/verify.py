"""Does what must always hold still hold? Each check names the first things that are wrong; none changes anything."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection

from core import slots
from core.actor import SYSTEM
from core.models import Delivery, DeliveryState, Record
from core.sequencer import first_broken

SHOWN = 5
PATIENCE = timedelta(minutes=5)  # a delivery open for longer than this is in trouble
Finding = tuple[str, list[str]]  # (name of the check, what is wrong)

_LOST = """
    SELECT e.id FROM core_event e WHERE NOT EXISTS (SELECT 1 FROM core_sequence s WHERE s.event_id = e.id)
    AND NOT EXISTS (SELECT 1 FROM core_unsequenced u WHERE u.event_id = e.id) ORDER BY e.id LIMIT %s
"""
_OPEN_TABLES = """
    SELECT c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.attname = 'partner_id' AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY c.relname
"""
_MIGHTY = "SELECT rolname FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)"
_OWNED = "SELECT relname FROM pg_class WHERE relkind = 'r' AND pg_get_userbyid(relowner) = current_user LIMIT %s"
# The last event that tells of a state, against the state the row is in.
_STATES = """
    SELECT r.id FROM {table} r JOIN LATERAL (
        SELECT e.data #>> '{{changes,{column},1}}' AS state FROM core_event e
        WHERE e.subject_id = r.id AND e.data #> '{{changes,{column}}}' IS NOT NULL ORDER BY e.id DESC LIMIT 1
    ) last ON true WHERE last.state <> r.{column} LIMIT %s
"""


def _column(sql: str, *values: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return [str(row[0]) for row in cursor.fetchall()]


def chain(at: datetime) -> list[str]:
    """The hash chain is whole and holds every event of finished transactions."""
    broken = first_broken()
    lost = [f"event {pk} is in no place of the order" for pk in _column(_LOST, SHOWN)]
    return ([f"position {broken} doesn't fit its event or its predecessor"] if broken else []) + lost


def deliveries(at: datetime) -> list[str]:
    """Nothing waits for delivery too long, nothing was given up."""
    late = Delivery.objects.filter(state=DeliveryState.OPEN, due_at__lt=at - PATIENCE).order_by("due_at")
    dead = Delivery.objects.filter(state=DeliveryState.DEAD).order_by("due_at")
    return [f"{d.pk} ({d.reaction}) is late" for d in late[:SHOWN]] + [
        f"{d.pk} ({d.reaction}) was given up: {d.error[:80]}" for d in dead[:SHOWN]
    ]


def states(at: datetime) -> list[str]:
    """Every state agrees with the last event that tells of it."""
    return [found for model in _stateful() for found in _strayed(model)]


def _stateful() -> Iterable[type[Record]]:
    records = (m for m in apps.get_models() if issubclass(m, Record))
    return (m for m in records if any(f.name == "status" for f in m._meta.get_fields()))


def _strayed(model: type[Record]) -> list[str]:
    sql = _STATES.format(table=model._meta.db_table, column="status")
    return [f"{model.resource} {pk} is in a state that no event tells of" for pk in _column(sql, SHOWN)]


def walls(at: datetime) -> list[str]:
    """Row-level security is forced on every table of a partner, and this role can't step over it."""
    unwalled = [f"{table} has no wall" for table in _column(_OPEN_TABLES)]
    mighty = [f"the role {role} sees through walls" for role in _column(_MIGHTY)]
    return unwalled + mighty + [f"the role owns {table}" for table in _column(_OWNED, SHOWN)]


CHECKS: dict[str, Callable[[datetime], list[str]]] = {
    "chain": chain,
    "deliveries": deliveries,
    "states": states,
    "walls": walls,
}


def verify(at: datetime) -> dict[str, list[str]]:
    """Check → what is wrong, empty when it holds; the checks of the apps come by the slot `verify`."""
    own = {name: check(at) for name, check in CHECKS.items()}
    return own | dict(slots.ask("verify", SYSTEM, None, at=at))
