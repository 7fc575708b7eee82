"""What the parts of templates/parts are filled with: frozen, ready to show, in words of the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Tag:
    """A status word; `tone` is good, warn, bad, info, accent or empty."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A button of a form (`name` = the value sent as "action") or, with `href`, a link. `barred` says why it is off."""

    label: str
    name: str = ""
    href: str = ""
    barred: str | None = None
    tone: str = ""  # primary, danger, plain or empty
    icon: str = ""
    key: str = ""  # console shortcut


@dataclass(frozen=True, slots=True)
class Crumb:
    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A row of "needs you now": verb and object, the reason in one line, and what is left of the time."""

    label: str
    href: str
    reason: str = ""
    tag: Tag | None = None
    due: datetime | None = None
    start: datetime | None = None
    icon: str = ""
    done: int | None = None  # with `of`: a progress bar
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a list of facts; `value` may be text, Money, a date, a moment or a Tag."""

    label: str
    value: Any
    href: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head; `kind` is text, num, when, tag or tick; `sort` is its parameter, `sorted` asc or desc."""

    label: str
    kind: str = "text"
    sort: str = ""
    sorted: str = ""
    hidden: bool = False  # the head is read aloud only


@dataclass(frozen=True, slots=True)
class Row:
    """A table's row: the first cell is the link to `href`; `id` is the value of its tick box."""

    cells: Sequence[Any]
    href: str = ""
    id: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True)
class Pager:
    """Keyset paging. `total` None = not counted."""

    shown: int
    total: int | None = None
    newer: str = ""
    older: str = ""
    export: str = ""
    sizes: Sequence[int] = ()
    size: int = 25


@dataclass(frozen=True, slots=True)
class Table:
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Sequence[Any] = ()
    pager: Pager | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """An entry of a timeline. `said` are a person's words; `inside` marks what partners never see."""

    text: str
    at: datetime
    who: str = ""
    said: str = ""
    icon: str = "info"
    tone: str = ""
    inside: bool = False
    files: Sequence[Crumb] = ()


@dataclass(frozen=True, slots=True)
class Clock:
    """A promise with a clock: what ends, when, how much of the span is gone (0 to 100), what one can do."""

    label: str
    end: datetime | date
    left: str = ""
    gone: int | None = None
    tone: str = ""
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a known way; `state` is done, here, bad or empty."""

    label: str
    state: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure: value, change against before, trend, target, the rows behind it, and how it is counted."""

    label: str
    value: Any
    unit: str = ""
    change: str = ""
    tone: str = ""
    before: str = ""
    trend: Sequence[float] = ()
    trend_label: str = ""
    target: str = ""
    href: str = ""
    rows: str = ""
    definition: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: `value` sets its length, `shown` its words."""

    label: str
    value: float
    shown: Any = ""
    href: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a chart: a value (or None) for each of the chart's labels."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Promise:
    """A service level of the vendor and how it was kept: for the reader's company and for all partners."""

    title: str
    text: str  # what is promised, and from what the figures are made
    rows: Sequence[tuple[str, str, str]]  # (what, for you, for all)
