"""From a won deal to lines: forecast, earned, reversed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.actor import SYSTEM
from core.models import Event
from earnings.models import EarningLine, Entitlement
from earnings.rules import held
from earnings.services import include, pay, settle
from tests.earnings.conftest import WON, amounts, lines
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_a_won_referral_is_forecast_and_the_payment_makes_that_very_line_earned(trade):
    trade.rule()
    deal = trade.referred()
    assert amounts() == [("1000.00", "forecast")]
    trade.pays(deal)
    assert amounts() == [("1000.00", "approved")]  # the hold of 30 days after the payment is over by now


def test_nothing_is_forecast_before_the_deal_is_won(trade):
    trade.rule()
    trade.referred(won=None)
    assert amounts() == []


def test_a_line_waits_for_its_hold(trade):
    trade.rule(hold_days=30)
    deal = trade.referred(won=NOW.date() - timedelta(days=5))
    trade.pays(deal, day=NOW.date() - timedelta(days=3))
    assert lines("status", "hold_until") == [("on_hold", NOW.date() + timedelta(days=27))]


def test_each_payment_makes_a_line_and_the_rest_stays_forecast(trade):
    trade.rule()
    deal = trade.referred()
    trade.pays(deal, "4000")
    assert amounts() == [("600.00", "forecast"), ("400.00", "approved")]
    trade.pays(deal, "6000", WON + timedelta(days=20))
    assert amounts() == [("600.00", "approved"), ("400.00", "approved")]


def test_half_a_refund_takes_half_back_in_a_line_of_its_own(trade):
    trade.rule()
    deal = trade.referred()
    trade.pays(deal)
    before = EarningLine.objects.values().get()
    trade.refunds(deal, "5000")
    assert amounts() == [("1000.00", "approved"), ("-500.00", "approved")]
    assert EarningLine.objects.values().get(pk=before["id"]) == before
    assert lines("reverses", "reason", amount__lt=0) == [(before["id"], "Refund to the customer")]


def test_settling_again_changes_nothing(trade):
    trade.rule()
    deal = trade.referred()
    trade.pays(deal)
    trade.refunds(deal, "3333.33")
    before = list(EarningLine.objects.order_by("pk").values()), Event.objects.count()
    assert settle([deal.pk], at=NOW) == 0
    assert (list(EarningLine.objects.order_by("pk").values()), Event.objects.count()) == before


def test_a_deal_that_is_opened_again_gives_everything_back(trade):
    trade.rule()
    deal = trade.referred()
    trade.pays(deal, "4000")
    trade.reopen(deal)
    assert amounts() == [("600.00", "cancelled"), ("400.00", "approved"), ("-400.00", "approved")]
    assert lines("reason", amount__lt=0) == [("The deal was opened again",)]


def test_a_deal_that_is_won_again_earns_again(trade):
    trade.rule()
    deal = trade.referred()
    trade.pays(deal)
    trade.reopen(deal)
    trade.win(deal)
    assert sum(amount for (amount,) in lines("amount")) == Decimal(1000)
    assert Entitlement.objects.filter(ended_at=None).count() == 1


def test_a_payment_that_is_removed_is_taken_back_with_its_refund(trade):
    trade.rule()
    deal = trade.referred()
    paid = trade.pays(deal)
    trade.refunds(deal, "5000")
    trade.removes(paid)
    earned = lines("amount", status="approved")
    assert sum(amount for (amount,) in earned) == 0
    assert amounts(status="forecast") == [("1000.00", "forecast")]


def test_what_partners_share_adds_up_to_the_cent(trade):
    trade.rule(percent=Decimal("3.333"))
    parts = [
        (trade.member("referral", name), "sourcing", Decimal(share))
        for name, share in (("a", "33.33"), ("b", "33.33"), ("c", "33.34"))
    ]
    deal = trade.deal(*parts, amount="1000.01")
    trade.pays(deal, "1000.01")
    whole = Decimal("33.33")
    assert [f"{a}" for (a,) in lines("amount")] == ["11.11", "11.11", "11.11"]
    assert sum(a for (a,) in lines("amount")) == whole
    trade.refunds(deal, "333.34")
    assert sum(a for (a,) in lines("amount", amount__lt=0)) == Decimal("-11.11")
    trade.refunds(deal, "666.67")
    assert sum(a for (a,) in lines("amount")) == 0


def test_paid_lines_stay_and_what_is_taken_back_comes_beside_them(trade):
    trade.rule()
    deal = trade.referred()
    trade.pays(deal)
    pay(include(EarningLine.objects.all(), by=SYSTEM, at=NOW), by=SYSTEM, at=NOW)
    trade.refunds(deal, "10000")
    assert amounts() == [("1000.00", "paid"), ("-1000.00", "approved")]


def test_a_hold_ends_on_its_last_day():
    line = EarningLine(amount=Decimal(10), hold_until=NOW.date())
    assert held(line, NOW) is None
    assert held(line, NOW - timedelta(days=1)) == "This line is on hold until 23 November 2026."


def taken_back(deal) -> list[tuple[str, str]]:
    """(what the payment was, what of its line went back)."""
    paid = {event.pk: f"{event.amount:f}" for event in deal.revenue_events.all()}
    rows = EarningLine.objects.filter(opportunity=deal, reverses__isnull=False).select_related("reverses")
    return sorted((paid[line.reverses.revenue_event_id], f"{line.amount:f}") for line in rows)


def test_a_refund_takes_from_the_latest_payment_first_and_from_each_no_more_than_it_was(trade):
    trade.rule(percent=10)
    deal = trade.referred()
    trade.pays(deal, "6000")
    trade.pays(deal, "4000", WON + timedelta(days=20))
    trade.refunds(deal, "7000")
    assert taken_back(deal) == [("4000.00", "-400.00"), ("6000.00", "-300.00")]


def test_a_refund_takes_from_the_payment_that_it_names_first(trade):
    trade.rule(percent=10)
    deal = trade.referred()
    named = trade.pays(deal, "6000")
    trade.pays(deal, "4000", WON + timedelta(days=20))
    trade.refunds(deal, "5000", about=named)
    assert taken_back(deal) == [("6000.00", "-500.00")]
