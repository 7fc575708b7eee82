"""Days and moments of metrics. Days are the installation's; windows say which of their ends count.

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
BEGINNING = date(1900, 1, 1)  # before any deal


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, both counted."""

    first: date
    last: date


def local_day(at: datetime) -> date:
    """The day of a moment in the installation's time zone."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def start_of(day: date) -> datetime:
    """The first moment of a day in the installation's time zone."""
    return datetime.combine(day, time(0), ZoneInfo(settings.TIME_ZONE))


def moment_of(day: date, at: datetime) -> datetime:
    """The moment a figure "as of day" stands for: now for today, the end of that day for earlier ones."""
    return min(start_of(day + timedelta(days=1)).astimezone(at.tzinfo), at)


def trailing(day: date) -> Period:
    """The 12 months that end with `day`."""
    return Period(*trailing_year(day))


def month_ends(after: date, last: date) -> list[date]:
    """The last day of each month after a day, and `last` for the month that is not over."""
    ends, day = [], after + timedelta(days=1)
    while day <= last:
        first_of_next = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        ends.append(min(first_of_next - timedelta(days=1), last))
        day = first_of_next
    return ends
