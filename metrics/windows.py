"""Days and moments of metrics. Days are the installation's; windows say which of their ends count. Pure but for the zone.

- trailing 12 months to the day D: after D − 12 months, up to and with D (tiers.windows)
- active at moment M: an event E with E ≤ M < E + 90 × 24 h; a win counts from the first moment of its day
- a stock (open pipeline) on day D: opened on or before D, not closed on or before D
- a period: first day and last day, both counted
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from tiers.windows import trailing_year

ACTIVE_FOR = timedelta(hours=90 * 24)
BEGINNING = date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, both counted."""

    first: date
    last: date


def local_day(at: datetime) -> date:
    """The day of a moment in the installation's time zone."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def moment_of(day: date, at: datetime) -> datetime:
    """The moment a figure "as of day" stands for: now for today, the end of that day for earlier ones."""
    end = datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(settings.TIME_ZONE)).astimezone(at.tzinfo)
    return min(end, at)


def trailing(day: date) -> Period:
    """The 12 months that end with `day`."""
    return Period(*trailing_year(day))


def months_back(day: date, months: int) -> date:
    """The same day some months earlier, or the last day of that month where it has fewer days."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), first_of_next - timedelta(days=1))


def points(day: date, count: int) -> list[date]:
    """`count` + 1 days a month apart, the last of them `day`: the ends of periods, and the day before the first."""
    return [months_back(day, back) for back in range(count, -1, -1)]
