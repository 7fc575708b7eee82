"""A partner disputes a line; it waits for our answer."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.actor import SYSTEM
from core.errors import Forbidden, IllegalTransition, Refused
from earnings.models import EarningLine
from earnings.particulars import Objection, Verdict
from earnings.services import dispute, include, refuse_dispute, release_holds, uphold
from tests.earnings.conftest import amounts
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(trade, cast):
    """A payable line of Acme."""
    trade.rule()
    trade.member()
    trade.members["referral"].partner = cast.acme
    trade.members["referral"].save()
    trade.pays(trade.referred())
    return EarningLine.objects.get()


def opened(line, cast, **more):
    return dispute(line, Objection("We agreed on 12%."), by=cast.actor("bo"), at=NOW, **more)


def test_a_disputed_line_is_in_no_payout(line, cast):
    opened(line, cast)
    assert amounts() == [("1000.00", "disputed")]
    assert EarningLine.objects.payable().count() == 0
    release_holds(at=NOW + timedelta(days=90))
    with pytest.raises(IllegalTransition):
        include(EarningLine.objects.all(), by=SYSTEM, at=NOW)


def test_a_refused_dispute_lets_the_line_go_on(line, cast):
    refuse_dispute(opened(line, cast), Verdict("The rule says 10%."), by=cast.actor("finn"), at=NOW)
    assert amounts() == [("1000.00", "approved")]


def test_an_upheld_dispute_adds_the_difference_as_a_line_of_its_own(line, cast):
    uphold(opened(line, cast), Verdict("You are right.", Decimal("1200.00")), by=cast.actor("olga"), at=NOW)
    assert amounts() == [("1000.00", "approved"), ("200.00", "approved")]


def test_a_correction_by_hand_stays_when_the_deal_is_settled_again(line, cast, trade):
    uphold(opened(line, cast), Verdict("You are right.", Decimal("800.00")), by=cast.actor("olga"), at=NOW)
    trade.refunds(line.opportunity, "10000")
    assert [a for a, _state in amounts()] == ["1000.00", "-200.00", "-1000.00"]


def test_the_window_is_fifteen_days(line, cast):
    with pytest.raises(Refused):
        dispute(line, Objection("No."), by=cast.actor("bo"), at=NOW + timedelta(days=15))
    dispute(line, Objection("No."), by=cast.actor("bo"), at=NOW + timedelta(days=15) - timedelta(microseconds=1))


def test_who_may_dispute_and_who_may_answer(line, cast):
    for who in ("ada", "finn", "olga", "eve", "root"):
        with pytest.raises(Forbidden):
            dispute(line, Objection("No."), by=cast.actor(who), at=NOW)
    one = opened(line, cast)
    for who in ("bo", "mona", "eve", "root"):
        with pytest.raises(Forbidden):
            uphold(one, Verdict("Yes."), by=cast.actor(who), at=NOW)


@pytest.mark.parametrize("words", ["", None])
def test_words_are_needed_on_both_sides(line, cast, words):
    with pytest.raises(Refused):
        dispute(line, Objection(words or ""), by=cast.actor("bo"), at=NOW)
    one = opened(line, cast)
    with pytest.raises(Refused):
        uphold(one, Verdict(words or ""), by=cast.actor("finn"), at=NOW)
