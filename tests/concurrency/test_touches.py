"""The owner answers twice at once, or beside our own people: one answer stands, one event tells it."""

from datetime import date, timedelta

import pytest

from core.actor import SYSTEM
from core.models import Event
from core.scope import scope
from deals.models import Opportunity, Touch
from deals.particulars import Reason, TouchClaim
from deals.services import touches
from tests.concurrency.conftest import ROUNDS
from tests.factories import NOW

pytestmark = [pytest.mark.committed, pytest.mark.slow]


def answer(pk, act):
    with scope(SYSTEM):
        return act(Touch.objects.get(pk=pk))


def confirm(touch):
    return touches.confirm(touch, by=SYSTEM, at=NOW)


def refuse(touch):
    return touches.refuse(touch, Reason("No"), by=SYSTEM, at=NOW)


@pytest.mark.parametrize("other", [confirm, refuse])
def test_of_two_answers_at_once_one_stands(market, race, other):
    two = race(2)
    with scope(SYSTEM):
        deal = Opportunity.objects.create(opened_on=date(2026, 1, 1))
    for n in range(ROUNDS):
        with scope(SYSTEM):
            told = TouchClaim(market.cast.acme, "joint_call", NOW.date() - timedelta(days=n), deal)
            pk = touches.claim(told, by=SYSTEM, at=NOW).pk
        found = two.run(lambda pk=pk: answer(pk, confirm), lambda pk=pk: answer(pk, other))
        with scope(SYSTEM):
            told = Event.objects.filter(subject_id=pk, type__in=("touch.confirmed", "touch.refused")).count()
        assert (sum(isinstance(one, Exception) for one in found), told) == (1, 1)
