"""Amounts in several currencies: converted by the rate of the day, or said to be missing; never by 1."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.actor import SYSTEM
from core.errors import Forbidden, Refused
from core.models import Event
from deals.models import ExchangeRate
from deals.particulars import DatedRate
from deals.services import load_rates
from earnings import reactions
from earnings.models import Entitlement
from tests.earnings.conftest import WON, amounts, lines
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def rate(currency: str, day: date, value: str) -> None:
    ExchangeRate.objects.create(currency=currency, day=day, rate=Decimal(value), source="test")


def test_a_commission_in_another_currency_has_the_rate_of_the_payments_day(trade):
    trade.rule(pay_currency="USD")
    rate("EUR", WON, "1.10")
    rate("EUR", WON + timedelta(days=9), "1.20")
    rate("EUR", WON + timedelta(days=11), "9")
    deal = trade.referred(currency="EUR")
    assert lines("amount", "currency") == [(Decimal("1100.00"), "USD")]
    trade.pays(deal)
    assert lines("amount", "currency") == [(Decimal("1200.00"), "USD")]
    [(steps,)] = lines("arithmetic")
    assert steps[0] == {
        "step": "converted", "from": "EUR", "to": "USD", "rate": "1.2000000000", "of": "10000.00",
        "day": (WON + timedelta(days=9)).isoformat(),
    }  # fmt: skip


def test_a_refund_takes_back_by_the_rate_of_its_original(trade):
    trade.rule(pay_currency="USD")
    rate("EUR", WON, "1.10")
    rate("EUR", WON + timedelta(days=30), "2")
    deal = trade.referred(currency="EUR")
    trade.pays(deal)
    trade.refunds(deal, "5000")
    assert [f"{a}" for (a,) in lines("amount")] == ["1100.00", "-550.00"]


def test_two_foreign_currencies_are_crossed(trade):
    trade.rule(pay_currency="BRL")
    rate("EUR", WON, "1.10")
    rate("BRL", WON, "0.20")
    trade.referred(currency="EUR")
    assert lines("amount", "currency") == [(Decimal("5500.00"), "BRL")]


def test_a_missing_rate_is_told_and_no_line_is_made_until_it_is_there(trade):
    trade.rule(pay_currency="USD")
    deal = trade.referred(currency="EUR")
    trade.pays(deal)
    assert amounts() == []
    assert Entitlement.objects.get().trouble == "There is no exchange rate of EUR for 2026-06-01. Import it."
    load_rates([DatedRate("EUR", WON, Decimal("1.5"))], "bank.csv", by=SYSTEM, at=NOW)
    reactions.settle_rated(Event.objects.get(type="exchange_rates.loaded"))
    assert (amounts(), Entitlement.objects.get().trouble) == ([("1500.00", "approved")], "")


def test_a_deal_in_its_own_currency_needs_no_rate(trade):
    trade.rule()
    trade.pays(trade.referred(currency="EUR"))
    assert lines("amount", "currency") == [(Decimal("1000.00"), "EUR")]


def test_a_fixed_amount_is_in_the_rules_currency_whatever_the_deals_is(trade):
    trade.rule(percent=None, amount=500, pay_currency="USD", duration_months=None)
    rate("EUR", WON, "1.10")
    trade.pays(trade.referred(currency="EUR"))
    assert lines("amount", "currency") == [(Decimal("500.00"), "USD")]


def test_yen_has_no_cents(trade):
    trade.rule(percent=Decimal("3.33"))
    deal = trade.referred(currency="JPY", amount="10001")
    trade.pays(deal, "10001")
    assert lines("amount") == [(Decimal("333.00"),)]


@pytest.mark.parametrize(
    "rates",
    [[DatedRate("USD", WON, Decimal(1))], [DatedRate("EUR", WON, Decimal(0))], [DatedRate("EUR", WON, Decimal(-1))]],
)
def test_rates_that_can_not_be_are_refused(rates):
    with pytest.raises(Refused):
        load_rates(rates, "bank.csv", by=SYSTEM, at=NOW)


def test_rates_take_the_place_of_those_of_the_same_day(cast):
    for value in ("1.1", "1.2"):
        load_rates([DatedRate("EUR", WON, Decimal(value))], "bank.csv", by=cast.actor("finn"), at=NOW)
    assert list(ExchangeRate.objects.values_list("currency", "day", "rate")) == [("EUR", WON, Decimal("1.2"))]
    with pytest.raises(Forbidden):
        load_rates([], "bank.csv", by=cast.actor("mona"), at=NOW)
