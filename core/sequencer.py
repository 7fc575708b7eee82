"""The one order of all events: a gapless position and a hash chain, by a single sequencer at a time."""

import hashlib
import json
from collections.abc import Iterable, Iterator

from django.db import connection, transaction

from core.models import Event, SequenceEntry

GENESIS = bytes(32)
_LOCK = 0x70726D01
_FIELDS = (
    *("id", "type", "subject_type", "subject_id", "subject_public_id", "subject_version", "partner_id"),
    *("at", "recorded_at", "actor_kind", "actor_label", "actor_id", "request_id", "batch", "data"),
)
# Events of finished transactions, in the order (xid, id). An xid not yet given out in this cluster
# comes from the life before a restore, so it is finished too.
_READY = """
    SELECT u.event_id FROM core_unsequenced u
    WHERE u.xid < pg_snapshot_xmin(pg_current_snapshot()) OR u.xid >= pg_snapshot_xmax(pg_current_snapshot())
    ORDER BY u.xid, u.event_id LIMIT %s
"""


def seal(previous: bytes, event: Event) -> bytes:
    """SHA-256 over the previous hash and the event as canonical JSON (sorted keys, no spaces)."""
    facts = {name: getattr(event, name) for name in _FIELDS}
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)
    return hashlib.sha256(previous + text.encode()).digest()


def _plain(value) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _chain(last: SequenceEntry | None, events: Iterable[Event]) -> Iterator[SequenceEntry]:
    position, previous = (last.position, bytes(last.hash)) if last else (0, GENESIS)
    for event in events:
        position, digest = position + 1, seal(previous, event)
        yield SequenceEntry(position=position, event_id=event.pk, prev_hash=previous, hash=digest)
        previous = digest


def _ready(limit: int) -> list[Event]:
    with connection.cursor() as cursor:
        cursor.execute(_READY, [limit])
        ids = [row[0] for row in cursor.fetchall()]
    events = Event.objects.in_bulk(ids)
    return [events[i] for i in ids]


@transaction.atomic
def sequence(limit: int = 5000) -> int:
    """Gives waiting events their place; 0 when none waits or another is at it. Needs a scope that sees all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    events = _ready(limit)
    if not events:
        return 0
    last = SequenceEntry.objects.order_by("-position").first()
    SequenceEntry.objects.bulk_create(_chain(last, events), batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_unsequenced WHERE event_id = ANY (%s)", [[e.pk for e in events]])
    return len(events)


def first_broken(batch: int = 5000) -> int | None:
    """The first position whose hash, predecessor or number does not fit; None when the chain is whole."""
    previous, position = GENESIS, 0
    while entries := list(SequenceEntry.objects.filter(position__gt=position).order_by("position")[:batch]):
        events = Event.objects.in_bulk([e.event_id for e in entries])
        for entry in entries:
            position += 1
            event = events.get(entry.event_id)
            in_place = entry.position == position and bytes(entry.prev_hash) == previous
            if event is None or not in_place or seal(previous, event) != bytes(entry.hash):
                return position
            previous = bytes(entry.hash)
    return None
