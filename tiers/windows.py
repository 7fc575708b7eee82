"""Windows of time that figures cover, to the day: the words of programs, first and last day, when a day falls out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_IN_MONTHS = {"month": 1, "quarter": 3, "year": 12}
Span = tuple[date, date]


def year_before(day: date) -> date:
    """The same day a year earlier; 29 February has 28 February for it."""
    return months_before(day, 12)


def months_before(day: date, n: int) -> date:
    """The same day so many months earlier, or the last day of that month where it has no such day."""
    years, month = divmod(day.year * 12 + day.month - 1 - n, 12)
    first_of_next = date(years + month // 11, (month + 1) % 12 + 1, 1)
    return min(date(years, month + 1, 1) + timedelta(days=day.day - 1), first_of_next - timedelta(days=1))


def falls_out_on(day: date, months: int = 12) -> date:
    """The first day whose trailing months no longer hold `day`: a year later, for 29 February 1 March."""
    later = months_before(day, -months)
    return later if later.day == day.day else later + timedelta(days=1)


def trailing_year(day: date) -> Span:
    """First and last day of the 12 months that end with `day`, both counted."""
    return year_before(day) + timedelta(days=1), day


@dataclass(frozen=True, slots=True)
class Window:
    """So many periods of a unit: those that end with the day (`trailing`), or of the calendar.

    `start`: the month (1–12) in which the year begins. `back`: how many whole periods ago the last one ended.
    `each`: the figure is the least of the periods, one by one.
    """

    key: str
    unit: str
    count: int = 1
    trailing: bool = False
    start: int = 1
    back: int = 0
    each: bool = False

    def spans(self, day: date) -> list[Span]:
        """First and last days that count on `day`: one span, or one for each period; none means all time."""
        if self.unit == "ever":
            return [(date.min, day)]
        if self.trailing:
            return [(self._before(day) + timedelta(days=1), day)]
        size = _IN_MONTHS[self.unit]
        begins = months_before(self._begin(day), size * self.back)
        if not self.each:
            return [(begins, min(day, _last_day(begins, size)))]
        starts = [months_before(begins, size * i) for i in range(self.count)]
        return [(start, _last_day(start, size)) for start in starts]

    def _before(self, day: date) -> date:
        if self.unit == "day":
            return day - timedelta(days=self.count)
        return months_before(day, self.count * _IN_MONTHS[self.unit])

    def _begin(self, day: date) -> date:
        """The first day of the period that holds the day."""
        size = _IN_MONTHS[self.unit]
        return months_before(day.replace(day=1), (day.month - self.start) % size)

    def falls_out(self, day: date) -> date | None:
        """The first day on which what happened on `day` counts no longer; None where that is not one day."""
        if self.unit == "ever" or self.each:
            return None
        if self.trailing:
            months = self.count * _IN_MONTHS.get(self.unit, 0)
            return falls_out_on(day, months) if months else day + timedelta(days=self.count)
        size = _IN_MONTHS[self.unit]
        return months_before(self._begin(day), -size * (1 + self.back))


USUAL = Window("trailing_12_months", "month", 12, trailing=True)


def _last_day(begins: date, months: int) -> date:
    return months_before(begins, -months) - timedelta(days=1)


# --- words ----------------------------------------------------------------------------------------------------------

_UNIT = r"(?P<unit>day|month|quarter|year)s?"
_TRAILING = re.compile(
    rf"(?:trailing|rolling|last|past|previous) (?P<n>\d+) {_UNIT}"
    r"|(?P<m>\d+) (?P<unit2>day|month|quarter|year)s?(?: (?:trailing|rolling))?"
)
_ONE = re.compile(rf"(?:trailing|rolling) {_UNIT}")
_YEARLY = re.compile(r"(?:per|a|each|every) year|annual(?:ly)?|yearly")
_EACH = re.compile(
    r"(?:each|every|per) (?:of (?:the )?)?(?:(?:last|past|previous|trailing) )?(?:(?P<n>\d+) )?"
    r"(?:(?P<fiscal>fiscal)|calendar)? ?(?P<unit>month|quarter)s?(?: from (?P<start>\w+))?"
)
_PERIOD = re.compile(
    r"(?:(?P<back>last|previous)|current|this)? ?(?:full |complete |completed )?(?:(?P<fiscal>fiscal)|calendar)? ?"
    r"(?P<unit>month|quarter|year)(?: to date)?"
    r"(?: (?:from|starting|beginning|starts)(?: in| on)?(?: 1)? (?P<start>\w+))?"
)
_EVER = re.compile(r"ever|lifetime|all time|total|current|now|to date|none")


@cache
def read_window(text: str) -> Window | None:
    """The window that words such as "trailing 3 months" or "fiscal year from April" mean; None where none is meant."""
    words = " ".join(re.split(r"[\s_-]+", text.strip().casefold()))
    for pattern, make in _READERS:
        if found := pattern.fullmatch(words):
            return make(found)
    return None


def window_key(text: str) -> str:
    """Under which key a figure of the window is stored: "trailing 12 months" → trailing_12_months."""
    window = read_window(text)
    return window.key if window else re.sub(r"\W+", "_", text.strip().casefold()).strip("_")[:40]


def _trailing(found: re.Match[str]) -> Window | None:
    n, unit = int(found["n"] or found["m"]), found["unit"] or found["unit2"]
    if unit == "day":
        return Window(f"trailing_{n}_days", "day", n, trailing=True) if 0 < n <= 36500 else None
    months = n * _IN_MONTHS[unit]
    return Window(f"trailing_{months}_months", "month", months, trailing=True) if 0 < months <= 1200 else None


def _months_of(found: re.Match[str]) -> Window | None:
    return read_window(f"trailing 1 {found['unit']}")


def _each(found: re.Match[str]) -> Window | None:
    unit, start = found["unit"], _start(found)
    count = int(found["n"] or 12 // _IN_MONTHS[unit])
    if start is None or not 0 < count <= 40:
        return None
    fiscal = f"_fiscal_from_{start}" if start > 1 and unit == "quarter" else ""
    return Window(f"each_of_{count}_{unit}s{fiscal}", unit, count, start=start, back=1, each=True)


def _period(found: re.Match[str]) -> Window | None:
    unit, start = found["unit"], _start(found)
    if start is None:
        return None
    back = int(bool(found["back"]))
    kind = f"fiscal_{unit}_from_{start}" if start > 1 and unit != "month" else f"calendar_{unit}"
    return Window(f"last_{kind}" if back else kind, unit, start=start, back=back)


def _start(found: re.Match[str]) -> int | None:
    """The month a fiscal year begins in; January without one; None for a word that is no month."""
    word = found["start"] or "1"
    if word.isdigit():
        return int(word) if 1 <= int(word) <= 12 else None
    return next((i for i, name in enumerate(_MONTHS, 1) if len(word) >= 3 and name.startswith(word)), None)


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Window | None]], ...] = (
    (_TRAILING, _trailing),
    (_ONE, _months_of),
    (_YEARLY, lambda _found: read_window("trailing 12 months")),
    (_EACH, _each),
    (_PERIOD, _period),
    (_EVER, lambda _found: Window("ever", "ever")),
)
