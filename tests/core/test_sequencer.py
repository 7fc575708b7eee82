"""The one order of all events: nothing lost, no gap, and a seal that shows every change."""

import random
import threading
import time
from contextlib import closing

import psycopg2
import pytest
from django.db import connection, connections, transaction

from core.actor import NOBODY, SYSTEM
from core.events import record
from core.models import Event, SequenceEntry, Unsequenced
from core.scope import scope
from core.sequencer import first_broken, sequence
from tests.factories import NOW, PartnerFactory

WRITERS, EACH = 8, 12


def happen(times: int = 1) -> None:
    partner = PartnerFactory()
    for n in range(times):
        record("tested", partner, by=SYSTEM, at=NOW, data={"n": n})


def sequence_all() -> int:
    """Everything that waits gets its place; how many did."""
    done = 0
    while True:
        with scope(SYSTEM):
            several = sequence()
        if not several:
            return done
        done += several


def whole_order() -> list[tuple]:
    """(position, xid, event id) of all events that have a place."""
    sql = (
        "SELECT position, xid::text::bigint, id FROM core_sequence s JOIN core_event e ON e.id = s.event_id ORDER BY 1"
    )
    with scope(SYSTEM), connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _write_slowly(seed: int) -> None:
    chance = random.Random(seed)
    for _n in range(EACH):
        with scope(SYSTEM):
            happen()
            time.sleep(chance.uniform(0, 0.03))
            happen(2)
            transaction.set_rollback(chance.random() < 0.2)
    connections.close_all()


def _sequence_until(over: threading.Event, faults: list) -> None:
    seen = 0
    while not over.is_set():
        with scope(SYSTEM):
            sequence(limit=7)
            positions = list(
                SequenceEntry.objects.filter(position__gt=seen).order_by("position").values_list("position", flat=True)
            )
        if positions != list(range(seen + 1, seen + 1 + len(positions))):
            faults.append(positions)
        seen += len(positions)
    connections.close_all()


def test_eight_writers_and_two_sequencers_lose_nothing_and_leave_no_gap(committed):
    over, faults = threading.Event(), []
    writers = [threading.Thread(target=_write_slowly, args=(seed,)) for seed in range(WRITERS)]
    readers = [threading.Thread(target=_sequence_until, args=(over, faults)) for _ in range(2)]
    for thread in (*readers, *writers):
        thread.start()
    for thread in writers:
        thread.join(120)
    over.set()
    for thread in readers:
        thread.join(30)
    sequence_all()
    order = whole_order()
    with scope(SYSTEM):
        assert len(order) == Event.objects.count() > WRITERS * EACH
        assert (Unsequenced.objects.count(), first_broken()) == (0, None)
    assert faults == []
    assert [position for position, _xid, _id in order] == list(range(1, len(order) + 1))
    assert [(xid, pk) for _position, xid, pk in order] == sorted((xid, pk) for _position, xid, pk in order)


def test_events_of_a_quiet_time_stand_in_the_order_of_their_transactions(committed):
    for _n in range(5):
        with scope(SYSTEM):
            happen(3)
    assert sequence_all() == 15
    order = [(xid, pk) for _position, xid, pk in whole_order()]
    assert order == sorted(order)


def test_an_event_waits_for_older_open_transactions(committed):
    """Else a reader that has gone past could never see what they still add."""
    opened, go_on = threading.Event(), threading.Event()

    def slow():
        with scope(SYSTEM):
            happen()
            opened.set()
            go_on.wait(20)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert opened.wait(20)
    with scope(SYSTEM):
        happen()
    assert sequence_all() == 0
    go_on.set()
    thread.join(20)
    assert sequence_all() == 2
    xids = [xid for _position, xid, _pk in whole_order()]
    assert xids == sorted(xids)


def test_only_one_sequencer_works_at_a_time(committed):
    with scope(SYSTEM):
        happen()
    with closing(psycopg2.connect(committed.place.url("prm_app", committed.name))) as other:
        other.cursor().execute("SELECT pg_advisory_lock(%s)", [0x70726D01])
        assert sequence_all() == 0
        other.cursor().execute("SELECT pg_advisory_unlock(%s)", [0x70726D01])  # a closed line gives it back later
    assert sequence_all() == 1


def test_events_from_before_a_restore_are_sequenced(committed):
    """Their transaction numbers lie in this cluster's future."""
    with scope(SYSTEM):
        happen(2)
        Event.objects.create(
            type="partner.tested", subject_type="partner", subject_id=PartnerFactory().pk, subject_public_id="ptr_x",
            at=NOW, actor_kind="system", actor_label="System", xid="900000000000",
        )  # fmt: skip
    assert sequence_all() == 3
    with scope(SYSTEM):
        assert first_broken() is None


# --- the seal --------------------------------------------------------------------------------------------------------


@pytest.fixture
def sealed(committed):
    with scope(SYSTEM):
        happen(5)
    sequence_all()
    return committed


def _as_owner(database, sql: str) -> None:
    """What only maintenance may do."""
    with closing(psycopg2.connect(database.place.url("prm_owner", database.name))) as own, own, own.cursor() as cursor:
        cursor.execute("SET app.sees_all = 'on'")
        cursor.execute(sql)
        assert cursor.rowcount == 1


THIRD = "(SELECT event_id FROM core_sequence WHERE position = 3)"


@pytest.mark.parametrize(
    "tampering",
    [
        """UPDATE core_event SET data = '{"n": 99}' WHERE id = """ + THIRD,
        "UPDATE core_event SET at = at + interval '1 microsecond' WHERE id = " + THIRD,
        "UPDATE core_event SET actor_label = 'Eve' WHERE id = " + THIRD,
        "DELETE FROM core_event WHERE id = " + THIRD,
        "UPDATE core_sequence SET hash = sha256('x') WHERE position = 3",
        "UPDATE core_sequence SET prev_hash = sha256('x') WHERE position = 3",
        "DELETE FROM core_sequence WHERE position = 3",
    ],
)
def test_a_changed_link_breaks_the_chain_where_it_is(sealed, tampering):
    with scope(SYSTEM):
        assert first_broken() is None
    _as_owner(sealed, tampering)
    with scope(SYSTEM):
        assert first_broken() == 3


def test_the_chain_is_checked_across_batches(sealed):
    with scope(SYSTEM):
        assert first_broken(batch=2) is None
    _as_owner(sealed, "UPDATE core_sequence SET hash = sha256('x') WHERE position = 4")
    with scope(SYSTEM):
        assert first_broken(batch=2) == 4


def test_who_sees_no_events_cannot_sequence_them_away(committed):
    with scope(SYSTEM):
        happen()
    with pytest.raises(KeyError), scope(NOBODY):
        sequence()
    assert sequence_all() == 1


# --- the horizon of changes ------------------------------------------------------------------------------------------


def _horizon():
    with connection.cursor() as cursor:
        cursor.execute("SELECT core_horizon(), clock_timestamp()")
        return cursor.fetchone()


def test_the_horizon_stays_behind_the_oldest_open_transaction(committed):
    with closing(psycopg2.connect(committed.place.url("prm_app", committed.name))) as other:
        cursor = other.cursor()
        cursor.execute("SELECT transaction_timestamp()")
        [began] = cursor.fetchone()
        horizon, now = _horizon()
        assert horizon == began < now
        other.rollback()
        horizon, now = _horizon()
        assert began < horizon <= now


def test_the_horizon_does_not_wait_for_oneself(committed):
    with transaction.atomic():
        horizon, now = _horizon()
        assert (now - horizon).total_seconds() < 1


def test_a_row_above_the_horizon_is_not_there_yet(committed):
    """What is below the horizon can't grow any more: a slow writer's row comes out above the moment read before."""
    with closing(psycopg2.connect(committed.place.url("prm_app", committed.name))) as other:
        cursor = other.cursor()
        cursor.execute("SELECT set_config('app.sees_all', 'on', true)")
        horizon, _now = _horizon()
        columns = "(id, resource, system, ext_id, object_id, url)"
        values = "(gen_random_uuid(), 'x', 'x', 'x', gen_random_uuid(), '')"
        cursor.execute(f"INSERT INTO core_externalid {columns} VALUES {values} RETURNING first_seen")
        [written] = cursor.fetchone()
        other.commit()
    assert horizon < written
