"""The trailing 12 months, to the day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tiers.windows import falls_out_on, trailing_year

DAYS = st.dates(date(1999, 1, 1), date(2101, 1, 1))


def test_the_window_holds_365_days_and_366_over_a_leap_day():
    spans = [(last - first).days + 1 for first, last in map(trailing_year, (date(2026, 11, 23), date(2024, 11, 23)))]
    assert spans == [365, 366]


def test_a_deal_of_leap_day_counts_until_the_last_of_february():
    assert falls_out_on(date(2024, 2, 29)) == date(2025, 3, 1)


@given(DAYS)
def test_a_day_leaves_the_window_on_the_day_it_is_said_to(day):
    gone = falls_out_on(day)
    assert (trailing_year(gone - timedelta(days=1))[0] <= day, trailing_year(gone)[0] > day) == (True, True)
