"""Deadlines in local days, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import days_after, end_of_local_day, is_working_day, working_days_after

ZONES = ["America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
# Days on which the clocks change.
CHANGES = {
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1)],
    "Europe/Berlin": [date(2026, 3, 29), date(2026, 10, 25)],
    "Asia/Kathmandu": [date(2026, 3, 29)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],
    "Pacific/Apia": [date(2026, 4, 5), date(2026, 9, 27)],
}
NEAR = [
    (zone, day + timedelta(days=n)) for zone, days in CHANGES.items() for day in days for n in (-91, -90, -89, -1, 0, 1)
]


@pytest.mark.parametrize(("zone", "day"), NEAR)
@pytest.mark.parametrize("hour", [0, 12, 23])
def test_ninety_days_end_with_the_ninetieth_local_day(zone, day, hour):
    began = datetime(day.year, day.month, day.day, hour, 30, tzinfo=ZoneInfo(zone))
    until = days_after(began.astimezone(UTC), 90, zone).astimezone(ZoneInfo(zone))
    assert (until.date(), until.time().isoformat()) == (day + timedelta(days=91), "00:00:00")
    last = (until.astimezone(UTC) - timedelta(microseconds=1)).astimezone(ZoneInfo(zone))
    assert last.date() == day + timedelta(days=90)


def test_a_leap_day_is_a_day():
    assert days_after(datetime(2028, 2, 28, 12, tzinfo=UTC), 1, "UTC") == datetime(2028, 3, 1, tzinfo=UTC)
    assert days_after(datetime(2028, 2, 29, 12, tzinfo=UTC), 365, "UTC") == datetime(2029, 3, 1, tzinfo=UTC)


def test_a_day_that_never_was_is_skipped():
    """Samoa went from the 29th to the 31st of December 2011."""
    assert end_of_local_day(date(2011, 12, 29), "Pacific/Apia") == end_of_local_day(date(2011, 12, 30), "Pacific/Apia")


@given(st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1)), st.integers(0, 400), st.sampled_from(ZONES))
def test_more_days_never_end_sooner(moment, days, zone):
    at = moment.replace(tzinfo=UTC)
    assert at < days_after(at, days, zone) <= days_after(at, days + 1, zone)  # some days were never there


@pytest.mark.parametrize(
    ("at", "days", "due"),
    [
        (datetime(2026, 11, 20, 16, tzinfo=UTC), 1, datetime(2026, 11, 23, 17, tzinfo=UTC)),  # over a weekend
        (datetime(2026, 11, 21, 9, tzinfo=UTC), 1, datetime(2026, 11, 23, 17, tzinfo=UTC)),  # sent on a Saturday
        (datetime(2026, 11, 23, 9, tzinfo=UTC), 2, datetime(2026, 11, 25, 17, tzinfo=UTC)),
        (datetime(2026, 11, 23, 9, tzinfo=UTC), 5, datetime(2026, 11, 30, 17, tzinfo=UTC)),
    ],
)
def test_working_days_leave_out_weekends(at, days, due):
    assert working_days_after(at, days, "UTC") == due


def test_holidays_are_no_working_days():
    thanksgiving = {date(2026, 11, 26), date(2026, 11, 27)}
    at = datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert working_days_after(at, 1, "UTC", thanksgiving) == datetime(2026, 11, 30, 17, tzinfo=UTC)
    assert not is_working_day(date(2026, 11, 26), thanksgiving)


def test_business_closes_by_the_partners_clock():
    at = datetime(2026, 11, 23, 23, tzinfo=UTC)  # already the 24th in Tokyo
    assert working_days_after(at, 1, "Asia/Tokyo") == datetime(2026, 11, 25, 8, tzinfo=UTC)
    assert working_days_after(at, 1, "America/New_York") == datetime(2026, 11, 24, 22, tzinfo=UTC)
