"""Formulas, windows and exports, alone."""

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money
from metrics import rules
from metrics.definitions import DEFINITIONS, KEYS
from metrics.windows import local_day, moment_of, month_ends, trailing
from partners.export import csv_lines, neutral


def test_the_seven_keys_are_those_of_the_api():
    assert KEYS == (
        "partner_sourced_pipeline", "partner_influenced_pipeline", "active_partners_90d",
        "partner_sourced_revenue_percent", "partner_nps", "mdf_roi", "time_to_first_deal_days",
    )  # fmt: skip


def test_a_metric_without_its_input_says_what_it_waits_for():
    waiting = [d.key for d in DEFINITIONS if d.waits_for]
    assert waiting == ["partner_nps"]


def test_a_share_of_nothing_is_no_value():
    assert (rules.share(Decimal(1), Decimal(0)), rules.share(Decimal(0), Decimal(4))) == (None, Decimal("0.0"))


def test_a_share_is_rounded_to_one_decimal():
    assert rules.share(Decimal(6_436_887), Decimal(10_005_534)) == Decimal("64.3")


def test_a_missing_rate_is_never_one():
    amounts, rates = {"USD": Decimal(10), "EUR": Decimal(5)}, {"USD": Decimal(1)}
    assert rules.convert(amounts, rates) == (None, ["EUR"])
    assert rules.convert(amounts, rates | {"EUR": Decimal("1.1")}) == (Decimal("15.50"), [])


def test_a_currency_without_any_amount_needs_no_rate():
    assert rules.convert({"EUR": Decimal(0)}, {}) == (Decimal("0.00"), [])


def test_the_median_without_censoring_is_the_middle():
    assert rules.survival([10, 20, 30], []).median == 20


def test_partners_without_a_deal_count_as_long_as_they_had_none():
    """Freireich's sample of remission times, a textbook case: the median is 23 days."""
    deals = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    none_yet = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    found = rules.survival(deals, none_yet)
    shares = {day: round(float(share), 3) for day, share in found.steps}
    assert found.median == 23
    assert shares == {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.69, 16: 0.627, 22: 0.538, 23: 0.448}


def test_where_fewer_than_half_get_one_the_share_within_a_time_is_known():
    found = rules.survival([30], [400, 400, 400])
    assert (found.median, found.within(180), found.within(29)) == (None, 0.25, 0)


def test_exactly_half_is_enough():
    assert rules.survival([10, 20], [99, 99]).median == 20


def test_nobody_has_no_median():
    assert rules.survival([], []).median is None


@given(st.lists(st.integers(0, 500), max_size=30), st.lists(st.integers(0, 500), max_size=30))
def test_the_share_without_a_deal_only_falls(deals, none_yet):
    shares = [share for _day, share in rules.survival(deals, none_yet).steps]
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= share <= 1 for share in shares)


# --- windows --------------------------------------------------------------------------------------------------------


def test_today_stands_for_now_and_an_earlier_day_for_its_end():
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert moment_of(date(2026, 11, 23), now) == now
    assert moment_of(date(2026, 11, 22), now) == datetime(2026, 11, 23, tzinfo=UTC)


def test_days_are_those_of_the_installation(settings):
    settings.TIME_ZONE = "America/New_York"
    late = datetime(2026, 11, 24, 3, tzinfo=UTC)
    assert local_day(late) == date(2026, 11, 23)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 6, 1), 24)])
def test_a_day_of_clock_change_has_its_own_length(settings, day, hours):
    settings.TIME_ZONE = "America/New_York"
    later = datetime(2027, 1, 1, tzinfo=UTC)
    length = moment_of(day, later) - moment_of(day - timedelta(days=1), later)
    assert length == timedelta(hours=hours)


def test_the_trailing_year_of_a_leap_day():
    assert (trailing(date(2024, 2, 29)).first, trailing(date(2025, 2, 28)).first) == (
        date(2023, 3, 1),
        date(2024, 2, 29),
    )


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 800))
def test_ends_of_months_cover_the_time_between_two_days_without_a_gap(day, length):
    last = day + timedelta(days=length)
    ends = month_ends(day, last)
    assert (ends[-1], ends == sorted(set(ends)), all((e + timedelta(days=1)).day == 1 for e in ends[:-1])) == (
        last, True, True,
    )  # fmt: skip
    assert (ends[0].year, ends[0].month) == ((day + timedelta(days=1)).year, (day + timedelta(days=1)).month)


# --- export ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_becomes_a_formula(start):
    assert neutral(f"{start}1+1") == f"'{start}1+1"


def test_an_amount_takes_a_column_for_its_currency():
    columns = (("name", "Name", "text"), ("amount", "Amount", "num"), ("day", "Day", "when"))
    rows = [("=cmd", Money(Decimal(5), "EUR"), date(2026, 1, 2)), ("plain, quoted", None, None)]
    found = list(csv.reader("".join(csv_lines(columns, rows)).lstrip("\ufeff").splitlines()))
    assert found == [
        ["Name", "Amount", "Currency", "Day"], ["'=cmd", "5.00", "EUR", "2026-01-02"], ["plain, quoted", "", "", ""],
    ]  # fmt: skip
