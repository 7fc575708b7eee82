"""The trailing 12 months, to the day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiers.windows import falls_out_on, read_window, trailing_year

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


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("trailing 12 months", "trailing_12_months"), ("trailing_12_months", "trailing_12_months"),
        ("Rolling 4 quarters", "trailing_12_months"), ("per year", "trailing_12_months"),
        ("12 months", "trailing_12_months"), ("last 90 days", "trailing_90_days"),
        ("trailing quarter", "trailing_3_months"), ("calendar year", "calendar_year"),
        ("year to date", "calendar_year"), ("quarter", "calendar_quarter"),
        ("previous calendar quarter", "last_calendar_quarter"), ("fiscal year", "calendar_year"),
        ("fiscal year from April", "fiscal_year_from_4"), ("fiscal quarter starting in Feb", "fiscal_quarter_from_2"),
        ("each quarter", "each_of_4_quarters"), ("each of the last 2 quarters", "each_of_2_quarters"),
        ("per quarter", "each_of_4_quarters"), ("every month", "each_of_12_months"), ("lifetime", "ever"),
    ],
)  # fmt: skip
def test_words_of_programs_name_windows(words, key):
    window = read_window(words)
    assert (window.key, read_window(window.key)) == (key, window)


@pytest.mark.parametrize("words", ["", "sold MRR trailing 12 months; managed MRR current", "trailing 0 months", "soon"])
def test_other_words_name_none(words):
    assert read_window(words) is None


def test_spans_of_the_calendar():
    day = date(2026, 11, 23)
    spans = {words: read_window(words).spans(day) for words in ("calendar year", "fiscal year from April")}
    assert spans == {
        "calendar year": [(date(2026, 1, 1), day)], "fiscal year from April": [(date(2026, 4, 1), day)],
    }  # fmt: skip
    assert read_window("last calendar quarter").spans(day) == [(date(2026, 7, 1), date(2026, 9, 30))]
    assert read_window("each of the last 2 quarters").spans(date(2026, 2, 10)) == [
        (date(2025, 10, 1), date(2025, 12, 31)), (date(2025, 7, 1), date(2025, 9, 30)),
    ]  # fmt: skip


MOVING = st.sampled_from([
    "trailing 12 months", "trailing 1 month", "trailing 6 months", "trailing 90 days", "calendar year",
    "fiscal year from April", "fiscal quarter from February", "last calendar quarter", "calendar month",
])  # fmt: skip


@given(DAYS, MOVING, st.integers(0, 900))
def test_what_counts_stops_counting_on_the_day_it_falls_out_and_not_before(day, words, later):
    window = read_window(words)
    gone = window.falls_out(day)
    begins = next(d for d in (day + timedelta(days=n) for n in range(400)) if counts(window, day, d))
    on = begins + timedelta(days=later)
    assert counts(window, day, on) is (on < gone)


def counts(window, day, on):
    return any(first <= day <= last for first, last in window.spans(on))


def test_the_windows_of_a_fiscal_year_cover_each_day_once():
    window = read_window("fiscal quarter from February")
    ends = {window.spans(date(2026, 1, 1) + timedelta(days=n))[0][0] for n in range(365)}
    assert sorted(ends) == [date(2025, 11, 1), date(2026, 2, 1), date(2026, 5, 1), date(2026, 8, 1), date(2026, 11, 1)]
