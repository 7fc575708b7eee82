"""Clocks that run in the hours of business alone. Pure."""

from collections.abc import Container
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.calendar import DAY_CLOSES, DAY_OPENS, is_working_day


def _hours_of(day: date, zone: str) -> tuple[datetime, datetime]:
    return datetime.combine(day, DAY_OPENS, ZoneInfo(zone)), datetime.combine(day, DAY_CLOSES, ZoneInfo(zone))


def working_time(start: datetime, end: datetime, zone: str, holidays: Container[date] = ()) -> timedelta:
    """How much of the hours of business lies between two moments."""
    day, last, total = start.astimezone(ZoneInfo(zone)).date(), end.astimezone(ZoneInfo(zone)).date(), timedelta()
    while day <= last:
        opens, closes = _hours_of(day, zone)
        if is_working_day(day, holidays):
            total += max(timedelta(), min(end, closes) - max(start, opens))
        day += timedelta(days=1)
    return total


def after_working_time(at: datetime, span: timedelta, zone: str, holidays: Container[date] = ()) -> datetime:
    """The moment at which so much of the hours of business has gone since `at`, in UTC."""
    day = at.astimezone(ZoneInfo(zone)).date()
    while span > timedelta():
        opens, closes = _hours_of(day, zone)
        left = closes - max(at, opens) if is_working_day(day, holidays) else timedelta()
        if left >= span:
            return (max(at, opens) + span).astimezone(ZoneInfo("UTC"))
        span -= max(timedelta(), left)
        day += timedelta(days=1)
    return at
