"""Money adds up to the cent, in one currency."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import CurrencyMismatch, Money, round_money

CURRENCIES = st.sampled_from(["USD", "EUR", "BRL", "JPY", "KRW"])
CENTS = st.integers(min_value=-(10**14), max_value=10**14)
WEIGHTS = st.lists(st.decimals(min_value=0, max_value=1000, places=3), min_size=1, max_size=12).filter(any)


def money(units: int, currency: str) -> Money:
    """So many of the smallest coins."""
    return Money(Decimal(units) if currency in ("JPY", "KRW") else Decimal(units) / 100, currency)


@given(CENTS, CURRENCIES, WEIGHTS)
def test_the_parts_of_a_split_sum_to_the_whole(units, currency, weights):
    whole = money(units, currency)
    parts = whole.split(weights)
    assert sum((p.amount for p in parts), Decimal(0)) == whole.amount
    assert [p.rounded() for p in parts] == parts


@given(CENTS, CURRENCIES, WEIGHTS)
def test_no_part_is_further_from_its_share_than_one_coin(units, currency, weights):
    whole, total = money(units, currency), sum(weights)
    coin = Decimal(1) if currency in ("JPY", "KRW") else Decimal("0.01")
    for part, weight in zip(whole.split(weights), weights, strict=True):
        assert abs(part.amount - whole.amount * weight / total) < coin


@pytest.mark.parametrize("among", [3, 7, 11])
def test_a_hundred_is_split_the_same_way_every_time(among):
    parts = [p.amount for p in Money(Decimal(100), "USD").split([Decimal(1)] * among)]
    assert sum(parts) == 100
    assert parts == sorted(parts, reverse=True)  # what is left goes to the first
    assert parts == [p.amount for p in Money(Decimal(100), "USD").split([Decimal(1)] * among)]


@pytest.mark.parametrize("weights", [[], [Decimal(0)], [Decimal(2), Decimal(-1)]])
def test_a_split_without_a_positive_weight_is_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        Money(Decimal(1), "USD").split(weights)


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("0.005", "USD", "0.00"),
        ("0.015", "USD", "0.02"),
        ("0.025", "USD", "0.02"),
        ("-0.005", "USD", "0.00"),
        ("2.5", "JPY", "2"),
        ("3.5", "JPY", "4"),
    ],
)
def test_halves_are_rounded_to_the_even_coin(amount, currency, rounded):
    assert str(round_money(Decimal(amount), currency)) == rounded


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=6), CURRENCIES)
def test_rounding_twice_is_rounding_once_and_never_leaves_a_negative_zero(amount, currency):
    once = round_money(amount, currency)
    assert round_money(once, currency) == once
    assert not (once == 0 and once.is_signed())


@pytest.mark.parametrize("act", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b])
def test_two_currencies_never_meet(act):
    with pytest.raises(CurrencyMismatch):
        act(Money(Decimal(1), "USD"), Money(Decimal(1), "EUR"))


@given(CENTS, CENTS, CURRENCIES)
def test_sums_can_be_taken_back(a, b, currency):
    one, other = money(a, currency), money(b, currency)
    assert (one + other) - other == one
    assert one + -one == money(0, currency)


def test_a_percentage_of_little_is_rounded_once():
    shares = [Money(Decimal(cents) / 100, "USD").times(Decimal("0.125")).amount for cents in (4, 12, 20)]
    assert [str(s) for s in shares] == ["0.00", "0.02", "0.02"]
