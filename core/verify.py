"""Does what must always hold still hold? Each check names the first things that are wrong; none changes anything."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Q

from core import ledger, slots
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
# Finished deliveries stay for a while: they remember events that somebody removed together with their places.
_GONE = """
    SELECT DISTINCT d.event_id FROM core_delivery d
    WHERE NOT EXISTS (SELECT 1 FROM core_event e WHERE e.id = d.event_id) ORDER BY d.event_id LIMIT %s
"""
_OPEN_TABLES = """
    SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
    AND (EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'partner_id')
        OR EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)) ORDER BY c.relname
"""
# Reads, edits and removals ask who is asking; so do inserts but those of events, which everybody may add.
_OPEN_POLICIES = r"""
    SELECT tablename || ' (' || policyname || ')' FROM pg_policies WHERE schemaname = 'public'
    AND coalesce(qual, '') || coalesce(with_check, '') !~ 'app\.(sees_all|people)'
    AND NOT (tablename = 'core_event' AND cmd = 'INSERT') ORDER BY 1
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
# Events of one row whose states don't follow each other: what one left is what the next found.
_JUMPS = """
    SELECT subject_type || ' ' || subject_id || ' jumps at event ' || id FROM (
        SELECT e.id, e.subject_type, e.subject_id, told.value ->> 0 AS found,
            lag(told.value ->> 1) OVER (PARTITION BY e.subject_id, told.key ORDER BY e.id) AS left_behind
        FROM core_event e CROSS JOIN LATERAL jsonb_each(e.data -> 'changes') told
        WHERE jsonb_typeof(e.data -> 'changes') = 'object' AND told.key IN ('status', 'stage')
    ) moves WHERE left_behind IS NOT NULL AND found IS DISTINCT FROM left_behind ORDER BY id LIMIT %s
"""
_STATE_COLUMNS = ("status", "stage")


def _column(sql: str, *values: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return [str(row[0]) for row in cursor.fetchall()]


def chain(at: datetime) -> list[str]:
    """The hash chain is whole and holds every event of finished transactions."""
    broken = first_broken()
    lost = [f"event {pk} is in no place of the order" for pk in _column(_LOST, SHOWN)]
    gone = [f"event {pk} is gone, a delivery of it is left" for pk in _column(_GONE, SHOWN)]
    return ([f"position {broken} doesn't fit its event or its predecessor"] if broken else []) + lost + gone


def deliveries(at: datetime) -> list[str]:
    """Nothing waits for delivery too long, nothing was given up."""
    waiting = Q(due_at__lt=at - PATIENCE) | Q(event__recorded_at__lt=at - PATIENCE)
    late = Delivery.objects.filter(waiting, state=DeliveryState.OPEN).order_by("due_at")
    dead = Delivery.objects.filter(state=DeliveryState.DEAD).order_by("due_at")
    return [f"{d.pk} ({d.reaction}) is late" for d in late[:SHOWN]] + [
        f"{d.pk} ({d.reaction}) was given up: {d.error[:80]}" for d in dead[:SHOWN]
    ]


def states(at: datetime) -> list[str]:
    """Every state agrees with the last event that tells of it, and the events with each other."""
    return [found for model, column in _stateful() for found in _strayed(model, column)] + _column(_JUMPS, SHOWN)


def _stateful() -> Iterable[tuple[type[Record], str]]:
    records = (m for m in apps.get_models() if issubclass(m, Record))
    return ((m, f.column) for m in records for f in m._meta.concrete_fields if f.column in _STATE_COLUMNS)


def _strayed(model: type[Record], column: str) -> list[str]:
    sql = _STATES.format(table=model._meta.db_table, column=column)
    return [f"{model.resource} {pk} is in a state that no event tells of" for pk in _column(sql, SHOWN)]


def walls(at: datetime) -> list[str]:
    """Row-level security is forced on every table of a partner, and this role can't step over it."""
    unwalled = [f"{table} has no wall" for table in _column(_OPEN_TABLES)]
    unasked = [f"{policy} asks nobody" for policy in _column(_OPEN_POLICIES)]
    mighty = [f"the role {role} sees through walls" for role in _column(_MIGHTY)]
    return unwalled + unasked + mighty + [f"the role owns {table}" for table in _column(_OWNED, SHOWN)]


def money(at: datetime) -> list[str]:
    """Every transaction balances, every balance is the sum of its entries, and all are as their events tell."""
    return ledger.wrong()


CHECKS: dict[str, Callable[[datetime], list[str]]] = {
    "chain": chain,
    "deliveries": deliveries,
    "ledger": money,
    "states": states,
    "walls": walls,
}


def verify(at: datetime) -> dict[str, list[str]]:
    """Check → what is wrong, empty when it holds; the checks of the apps come by the slot `verify`."""
    own = {name: check(at) for name, check in CHECKS.items()}
    return own | dict(slots.ask("verify", SYSTEM, None, at=at))
