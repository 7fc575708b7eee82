"""From an event to its effect: once in our database, under one name outside."""

import threading
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.db import connections, transaction

from core import events
from core.actor import SYSTEM
from core.deliver import MAX_ATTEMPTS, claim, deliver, deliver_due, due_after, outside, retry_dead
from core.events import record
from core.ids import uuid7
from core.mail import FileBackend
from core.models import Delivery, DeliveryState, Event, ExternalId
from core.scope import scope
from core.tasks import sweep_deliveries
from tests.factories import PartnerFactory

TYPE = "partner.tested"


def leave_a_mark(event: Event) -> None:
    """An effect in our database that would show a repeat."""
    ExternalId.objects.create(resource="mark", system="test", ext_id=uuid7().hex, object_id=event.subject_id)


def marks() -> int:
    return ExternalId.objects.filter(resource="mark").count()


def fail(event: Event) -> None:
    leave_a_mark(event)
    raise RuntimeError("not today")


@pytest.fixture
def reacting(monkeypatch):
    """Sets what reacts to TYPE."""
    return lambda *reactions: monkeypatch.setattr(events, "_table", {TYPE: reactions})


def happen():
    """An event with its open deliveries."""
    return record("tested", PartnerFactory(), by=SYSTEM, at=now())


def now():
    """The database's own moment: deliveries are due by its clock."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_a_delivery_is_one_row_per_event_and_reaction(reacting):
    reacting(leave_a_mark, fail)
    happen()
    names = Delivery.objects.order_by("reaction").values_list("reaction", "state", "attempts")
    module = "tests.core.test_deliver"
    assert list(names) == [(f"{module}.fail", "open", 0), (f"{module}.leave_a_mark", "open", 0)]


@pytest.mark.django_db
def test_the_effect_and_the_mark_come_together(reacting):
    reacting(leave_a_mark)
    happen()
    assert deliver_due(now()) == 1
    row = Delivery.objects.get()
    assert (marks(), row.state, row.error, row.done_at is not None) == (1, DeliveryState.DONE, "", True)
    assert deliver_due(now() + timedelta(days=1)) == 0


@pytest.mark.django_db
def test_what_is_rolled_back_delivers_nothing(reacting):
    reacting(leave_a_mark)
    with transaction.atomic():
        happen()
        transaction.set_rollback(True)
    assert (Delivery.objects.count(), deliver_due(now())) == (0, 0)


@pytest.mark.django_db
def test_a_failing_reaction_leaves_nothing_and_is_tried_later_and_later_until_it_is_dead(reacting):
    reacting(fail)
    happen()
    at, waits = now(), []
    for _try in range(MAX_ATTEMPTS):
        assert deliver_due(at) == 0
        row = Delivery.objects.get()
        waits.append((row.due_at - at).total_seconds())
        at = row.due_at
    assert (row.state, row.attempts, row.error) == (DeliveryState.DEAD, MAX_ATTEMPTS, "RuntimeError: not today")
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (20, 3600)
    assert marks() == 0
    assert claim(at + timedelta(days=30)) == []


@pytest.mark.django_db
def test_a_dead_delivery_can_be_offered_again(reacting):
    reacting(fail)
    happen()
    Delivery.objects.update(state=DeliveryState.DEAD, attempts=MAX_ATTEMPTS)
    reacting(leave_a_mark)
    Delivery.objects.update(reaction=events.name_of(leave_a_mark))
    assert retry_dead([Delivery.objects.get().pk], now()) == 1
    assert (deliver_due(now()), marks()) == (1, 1)


@pytest.mark.django_db
def test_a_reaction_that_is_gone_is_reported_and_not_lost(reacting):
    reacting(leave_a_mark)
    happen()
    reacting()
    assert deliver_due(now()) == 0
    assert Delivery.objects.get().error.startswith("LookupError: no reaction is named")


@pytest.mark.django_db
def test_one_failure_does_not_hold_up_the_others(reacting):
    reacting(fail, leave_a_mark)
    for _event in range(3):
        happen()
    assert (deliver_due(now()), marks()) == (3, 3)


@pytest.mark.django_db
def test_a_claim_is_ours_for_a_while_and_comes_back_when_its_worker_dies(reacting):
    reacting(leave_a_mark)
    happen()
    at = now()
    assert [row.attempts for row in claim(at)] == [1]
    assert claim(at + timedelta(seconds=19)) == []
    assert [row.attempts for row in claim(due_after(1, at))] == [2]


# --- outside --------------------------------------------------------------------------------------------------------


@pytest.fixture
def letters(settings, tmp_path) -> Path:
    settings.MAIL_DIR = tmp_path
    return tmp_path


def _letter(delivery: Delivery, text: str) -> EmailMessage:
    name = f"<{delivery.pk}@prm.example>"
    return EmailMessage("News", text, "a@prm.example", ["ada@acme.example"], headers={"Message-ID": name})


def _writing(then=lambda: None):
    """An outside reaction that writes a letter, then does `then`; what it wrote before counts."""
    tries = []

    @outside
    def write(event: Event, delivery: Delivery):
        def send():
            tries.append(delivery.attempts)
            FileBackend().send_messages([_letter(delivery, f"try {len(tries)}")])
            then()

        return send

    return write, tries


def _die():
    raise ConnectionError("the line broke")


@pytest.mark.django_db
def test_a_repeat_outside_comes_under_the_same_message_id(reacting, letters):
    write, tries = _writing(then=_die)
    reacting(write)
    happen()
    at = now()
    assert deliver_due(at) == 0
    assert deliver_due(Delivery.objects.get().due_at) == 0
    assert tries == [1, 2]
    [file] = letters.iterdir()
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert message["Message-ID"] == f"<{Delivery.objects.get().pk}@prm.example>"
    assert message.get_content().strip() == "try 2"


@pytest.mark.django_db
def test_an_outside_reaction_that_has_nobody_to_tell_is_done(reacting):
    @outside
    def nobody(event, delivery):
        return None

    reacting(nobody)
    happen()
    assert (deliver_due(now()), Delivery.objects.get().state) == (1, DeliveryState.DONE)


@pytest.mark.django_db
def test_a_worker_whose_claim_is_too_old_sends_nothing_and_marks_nothing(reacting, letters):
    write, tries = _writing()
    reacting(write)
    happen()
    [slow] = claim(now())
    [quick] = claim(slow.due_at)
    assert (deliver(slow, now()), tries) == (False, [])
    assert Delivery.objects.get().state == DeliveryState.OPEN
    assert (deliver(quick, now()), tries) == (True, [2])


@pytest.mark.django_db
def test_an_outside_reaction_is_never_run_inside():
    write, _tries = _writing()
    with pytest.raises(TypeError):
        write(None)


# --- several workers at once ----------------------------------------------------------------------------------------


def _at_once(work, times: int) -> None:
    start = threading.Barrier(times)

    def run():
        start.wait()
        try:
            work()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(times)]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]


def test_five_messages_to_two_workers_make_one_effect(committed, reacting):
    reacting(leave_a_mark)
    with scope(SYSTEM):
        for _event in range(10):
            happen()
    _at_once(sweep_deliveries, 5)
    with scope(SYSTEM):
        assert marks() == 10
        assert set(Delivery.objects.values_list("state", "attempts")) == {("done", 1)}


def test_two_workers_with_the_same_claim_make_one_effect(committed, reacting):
    reacting(leave_a_mark)
    with scope(SYSTEM):
        happen()
    [row] = claim(now())
    for _round in range(20):
        with scope(SYSTEM):
            Delivery.objects.update(state=DeliveryState.OPEN)
            before = marks()
        _at_once(lambda: deliver(row, now()), 4)
        with scope(SYSTEM):
            assert marks() == before + 1
