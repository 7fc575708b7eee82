"""The trailing 12 months, to the day. Pure."""

from datetime import date, timedelta


def year_before(day: date) -> date:
    """The same day a year earlier; 29 February has 28 February for it."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def falls_out_on(day: date) -> date:
    """The first day whose trailing 12 months no longer hold `day`: a year later, for 29 February 1 March."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)


def trailing_year(day: date) -> tuple[date, date]:
    """First and last day of the 12 months that end with `day`, both counted."""
    return year_before(day) + timedelta(days=1), day
