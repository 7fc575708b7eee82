"""Deadlines as pure functions of a moment, a time zone and a set of holidays."""

from collections.abc import Container
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_OPENS, DAY_CLOSES = time(9), time(17)


def end_of_local_day(day: date, zone: str) -> datetime:
    """The first moment after `day` in `zone`, in UTC: what runs until that day ends exactly there."""
    return datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))


def days_after(at: datetime, days: int, zone: str) -> datetime:
    """The end of the local day that lies `days` calendar days after the local day of `at`."""
    return end_of_local_day(at.astimezone(ZoneInfo(zone)).date() + timedelta(days=days), zone)


def last_local_day(end: datetime, zone: str) -> date:
    """The last day that a span ending at `end` covers in `zone`: what people call "until"."""
    return (end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()


def is_working_day(day: date, holidays: Container[date] = ()) -> bool:
    return day.weekday() < 5 and day not in holidays


def _next_working_day(day: date, holidays: Container[date]) -> date:
    day += timedelta(days=1)
    while not is_working_day(day, holidays):
        day += timedelta(days=1)
    return day


def working_days_after(at: datetime, days: int, zone: str, holidays: Container[date] = ()) -> datetime:
    """Close of business on the `days`-th working day after `at`, in UTC. Weekends and holidays do not count."""
    day = at.astimezone(ZoneInfo(zone)).date()
    for _step in range(days):
        day = _next_working_day(day, holidays)
    return datetime.combine(day, DAY_CLOSES, ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
