"""The rate of a day, from the table that earnings are converted by."""

from datetime import date
from decimal import Decimal

import pytest

from core.actor import SYSTEM
from deals.models import ExchangeRate
from mdf.rates import DayRate, rate_of
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rates(db):
    for currency, day, rate in (("EUR", 2, "1.10"), ("EUR", 6, "1.25"), ("BRL", 1, "0.20")):
        ExchangeRate.objects.create(currency=currency, day=date(2026, 11, day), rate=rate, source="test")


def rate(currency: str, into: str, day: int) -> DayRate | None:
    return rate_of(currency, into, date(2026, 11, day), actor=SYSTEM, at=NOW)


def test_the_rate_is_that_of_the_day_or_of_the_last_day_before_that_has_one():
    assert rate("EUR", "USD", 6) == DayRate(Decimal("1.25"), date(2026, 11, 6))
    assert rate("EUR", "USD", 5) == DayRate(Decimal("1.1"), date(2026, 11, 2))


def test_two_currencies_other_than_the_reporting_one_go_by_way_of_it():
    assert rate("BRL", "EUR", 6) == DayRate(Decimal("0.16"), date(2026, 11, 1))


def test_one_currency_is_worth_itself_and_an_unknown_one_nothing():
    assert rate("USD", "USD", 6) == DayRate(Decimal(1), date(2026, 11, 6))
    assert rate("GBP", "USD", 6) is None
    assert rate("EUR", "USD", 1) is None
