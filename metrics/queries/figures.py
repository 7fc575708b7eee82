"""The seven metrics as values: one reading per metric, point in time and cut. What the dashboard, the API, the command
and the snapshots all call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from core.actor import Actor
from core.money import Money
from django.conf import settings
from django.utils.translation import gettext as _
from metrics import rules
from metrics.definitions import BY_KEY, MONEY, Definition
from metrics.queries import series as source
from metrics.queries.cut import GROUPS, Cut
from metrics.windows import Period, local_day, moment_of, trailing

SOON_DAYS = 180  # "38 % within 180 days"
_PIPELINE = "pipeline_*_amount"


@dataclass(frozen=True)
class Group:
    """One line of a breakdown."""

    key: str
    label: str
    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    rows: int = 0


@dataclass(frozen=True)
class Reading:
    """A metric at a moment: the value, what it is made of, what stands beside it, and why it may be missing."""

    definition: Definition
    as_of: date
    at: datetime
    period: Period
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    rows: int = 0
    estimated: Decimal | None = None  # how much of the value rests on estimated amounts
    note: str = ""  # what is shown where there is no value, or beside it
    missing_rates: tuple[str, ...] = ()
    beside: Mapping[str, Any] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()

    @property
    def key(self) -> str:
        return self.definition.key

    @property
    def unit(self) -> str:
        return settings.REPORTING_CURRENCY if self.definition.unit == MONEY else self.definition.unit

    @property
    def waits_for(self) -> str:
        return str(self.definition.waits_for)

    @property
    def shown(self) -> Any:
        """The value as templates show it: money as Money."""
        return Money(self.value, self.unit) if self.definition.unit == MONEY and self.value is not None else self.value


@dataclass
class Basis:
    """What readings are made from, read once and only if asked for. Points ascend; a period spans `window` of them."""

    points: Sequence[date]
    at: datetime
    cut: Cut = field(default_factory=Cut)
    window: int = 12

    @cached_property
    def series(self) -> source.Series:
        return source.read(self.points, self.cut)

    @cached_property
    def whole(self) -> source.Series:
        return source.read(self.points) if self.cut else self.series

    @cached_property
    def active(self) -> list[int]:
        counts = source.active([moment_of(p, self.at) for p in self.points], self.cut)
        return next(iter(counts.values()))[1]

    @cached_property
    def working(self) -> int:
        return sum(count for _label, count in source.working(self.cut).values())

    @cached_property
    def ways(self) -> list[source.Way]:
        return source.ways(self.cut)

    def period(self, i: int) -> Period:
        return Period(self.points[max(i - self.window, 0)] + timedelta(days=1), self.points[i])


def _pipeline(basis: Basis, i: int) -> dict[str, Any]:
    value, missing = basis.series.stock(_PIPELINE, i)
    estimated, _missing = basis.series.stock("pipeline_*_estimated", i)
    renewals, _missing = basis.series.stock("renewal_*_amount", i)
    return {
        "value": value,
        "rows": basis.series.count("pipeline_*_count", i),
        "estimated": estimated,
        "missing_rates": tuple(missing),
        "beside": {"renewals": renewals},
    }


def _active(basis: Basis, i: int) -> dict[str, Any]:
    count = basis.active[i]
    of = basis.working if i == len(basis.points) - 1 else None
    return {
        "value": Decimal(count),
        "numerator": Decimal(count),
        "denominator": None if of is None else Decimal(of),
        "rows": count,
        "note": _("of %d partners") % of if of is not None else "",
        "beside": {"share": rules.share(Decimal(count), Decimal(of)) if of else None},
    }


def _revenue(basis: Basis, i: int) -> dict[str, Any]:
    first = max(i - basis.window + 1, 1)
    return _share(basis.series, basis.whole, first, i)


def _share(own: source.Series, whole: source.Series, first: int, last: int) -> dict[str, Any]:
    unrated = own.flow("sourced_won_unrated", first, last) + whole.flow("won_unrated", first, last)
    part, total = own.flow("sourced_won_reported", first, last), whole.flow("won_reported", first, last)
    found = {"rows": int(own.flow("sourced_won_count", first, last)), "beside": {"won": whole.flow("won_count", first, last)}}
    if unrated:
        currencies = {c for b in whole.buckets[first : last % len(whole.points) + 1] for c in b if b[c]["won_unrated"]}
        return found | {"missing_rates": tuple(sorted(currencies))}
    note = "" if total else _("Nothing was won in this period.")
    return found | {"value": rules.share(part, total), "numerator": part, "denominator": total, "note": note}


def _first_deal(basis: Basis, i: int) -> dict[str, Any]:
    return _median(basis.ways, basis.points[i])


def _median(ways: Sequence[source.Way], day: date) -> dict[str, Any]:
    known = [seen for way in ways if (seen := way.seen(day))]
    if not known:
        return {"note": _("No partner has signed an agreement yet.")}
    found = rules.survival(known)
    percent = rules.share(Decimal(found.within(SOON_DAYS).numerator), Decimal(found.within(SOON_DAYS).denominator))
    words = _("%(percent)s%% within %(days)d days") % {"percent": round(percent), "days": SOON_DAYS}
    registered = [(w.first_registration_on - w.agreement_on).days for w in ways if w.first_registration_on and w.first_registration_on <= day]
    return {
        "value": None if found.median is None else Decimal(found.median),
        "numerator": Decimal(found.events),
        "denominator": Decimal(found.total),
        "rows": found.total,
        "note": words if found.median is None else "",
        "beside": {
            "first_registration": _middle([d for d in registered if d >= 0]),
            "deals_before_agreement": sum(w.deals_before for w in ways),
        },
    }


def _middle(days: list[int]) -> Decimal | None:
    days.sort()
    n = len(days)
    return (Decimal(days[(n - 1) // 2]) + days[n // 2]) / 2 if n else None


def _waits(basis: Basis, i: int) -> dict[str, Any]:
    return {}


_FORMULAS: Mapping[str, Callable[[Basis, int], dict[str, Any]]] = {
    "partner_sourced_pipeline": _pipeline,
    "partner_influenced_pipeline": _waits,
    "active_partners_90d": _active,
    "partner_sourced_revenue_percent": _revenue,
    "partner_nps": _waits,
    "mdf_roi": _waits,
    "time_to_first_deal_days": _first_deal,
}


def reading(key: str, basis: Basis, i: int = -1) -> Reading:
    """The metric at the i-th point of the basis."""
    i = i % len(basis.points)
    definition, day = BY_KEY[key], basis.points[i]
    found = _FORMULAS[key](basis, i)
    words = found.get("note") or str(definition.waits_for) or _missing_words(found.get("missing_rates", ()))
    about = {"definition": definition, "as_of": day, "at": moment_of(day, basis.at), "period": basis.period(i)}
    return Reading(**about, **found | {"note": words})


def _missing_words(currencies: Sequence[str]) -> str:
    if not currencies:
        return ""
    return _("An exchange rate is missing: %s. Import it, then this figure comes back.") % ", ".join(currencies)


def metric(
    key: str, actor: Actor, *, at: datetime, as_of: date | None = None, period: Period | None = None,
    group_by: str = "", cut: Cut | None = None,
) -> Reading:  # fmt: skip
    """One metric for a door: as of a day (today), over a period (the trailing 12 months), by group if asked.

    `group_by`: region, type, tier, manager, program, partner or month. Raises Forbidden, KeyError for an unknown key.
    """
    actor.require("metric.read")
    cut = cut or Cut()
    day = as_of or local_day(at)
    period = period or trailing(day)
    period = Period(min(period.first, day), min(period.last, day))
    over = BY_KEY[key].over_period
    points = [period.first - timedelta(days=1), period.last] if over else [day]
    basis = Basis(points, at, cut, window=1)
    found = reading(key, basis)
    if group_by == "month":
        return _with(found, _months(key, basis, period, day))
    return _with(found, breakdown(key, basis, group_by)) if group_by else found


def _with(found: Reading, groups: Sequence[Group]) -> Reading:
    values = {name: getattr(found, name) for name in found.__dataclass_fields__}
    return Reading(**values | {"groups": tuple(groups)})


def _months(key: str, basis: Basis, period: Period, day: date) -> list[Group]:
    """The metric by calendar month of the period: flows of the month, stocks at its end."""
    ends, first = [], max(period.first, date(period.last.year - 10, 1, 1)).replace(day=1)
    while first <= period.last:
        first = (first + timedelta(days=32)).replace(day=1)
        ends.append(min(first - timedelta(days=1), period.last, day))
    start = max(period.first, date(period.last.year - 10, 1, 1)) - timedelta(days=1)
    monthly = Basis([start, *ends], basis.at, basis.cut, window=1)
    found = [reading(key, monthly, i) for i in range(1, len(monthly.points))]
    return [Group(f"{r.as_of:%Y-%m}", f"{r.as_of:%Y-%m}", r.value, r.numerator, r.denominator, r.rows) for r in found]


def breakdown(key: str, basis: Basis, group: str) -> list[Group]:
    """The metric for each group of partners, largest first. KeyError for an unknown group."""
    if group not in GROUPS:
        raise KeyError(group)
    found = _GROUPED[key](basis, group) if key in _GROUPED else []
    return sorted(found, key=lambda g: (g.value is None, -(g.value or 0), g.label))


def _pipeline_groups(basis: Basis, group: str) -> list[Group]:
    grouped = source.read_groups(basis.points, group, basis.cut)
    rows = [(k, g.label, g.series.stock(_PIPELINE)[0], g.series.count("pipeline_*_count")) for k, g in grouped.items()]
    return [Group(k, label, value, rows=count) for k, label, value, count in rows if count or value is None]


def _revenue_groups(basis: Basis, group: str) -> list[Group]:
    """Each group's share of all that was won, so that the groups add up to the metric."""
    grouped = source.read_groups(basis.points, group, basis.cut)
    first = max(len(basis.points) - basis.window, 1)
    found = []
    for key, one in grouped.items():
        made = _share(one.series, basis.whole, first, -1)
        if made["rows"]:
            found.append(Group(key, one.label, made.get("value"), made.get("numerator"), made.get("denominator"), made["rows"]))
    return found


def _active_groups(basis: Basis, group: str) -> list[Group]:
    of = source.working(basis.cut, group)
    counts = source.active([moment_of(basis.points[-1], basis.at)], basis.cut, group)
    keys = {k: label for k, (label, _n) in [*of.items(), *counts.items()]}
    found = []
    for key, label in keys.items():
        n, whole = counts.get(key, ("", [0]))[1][-1], of.get(key, ("", 0))[1]
        found.append(Group(key, label, Decimal(n), Decimal(n), Decimal(whole), n))
    return found


def _first_deal_groups(basis: Basis, group: str) -> list[Group]:
    ways: dict[str, list[source.Way]] = {}
    for way in source.ways(basis.cut, group):
        ways.setdefault(way.group, []).append(way)
    found = []
    for key, some in ways.items():
        made = _median(some, basis.points[-1])
        if "rows" in made:
            found.append(Group(key, some[0].label, made["value"], made["numerator"], made["denominator"], made["rows"]))
    return found


_GROUPED: Mapping[str, Callable[[Basis, str], list[Group]]] = {
    "partner_sourced_pipeline": _pipeline_groups,
    "active_partners_90d": _active_groups,
    "partner_sourced_revenue_percent": _revenue_groups,
    "time_to_first_deal_days": _first_deal_groups,
}
