"""A metric for a door, as one value or by group of partners, by month, by kind of activity."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from core.actor import Actor
from metrics.queries import returns
from metrics.queries.cut import GROUPS, Cut
from metrics.queries.figures import Basis, Group, Reading, first_deals, reading, source_for, sourced_share
from metrics.windows import Period, local_day, moment_of, month_ends, trailing

LONGEST = timedelta(days=3660)  # of a breakdown by month


def metric(
    key: str, actor: Actor, *, at: datetime, period: Period | None = None, group_by: str = "", cut: Cut | None = None
) -> Reading:
    """One metric for a door, by group if asked: over a period, or for a stock on its last day.

    The period is the 12 months that end today unless given. `group_by`: region, type, tier, manager, program, partner
    or month. Raises Forbidden; KeyError for an unknown key or group.
    """
    source, cut = source_for(actor), (cut or Cut()).within(actor)
    period = period or trailing(local_day(at))
    basis = Basis({period.last: period.first - timedelta(days=1)}, at, cut, source)
    found = reading(key, basis, period.last)
    if group_by == "month":
        return replace(found, groups=tuple(_months(key, basis)))
    return replace(found, groups=tuple(breakdown(key, basis, group_by))) if group_by else found


def _months(key: str, basis: Basis) -> list[Group]:
    """The metric by calendar month of the period: flows of the month, stocks at its end."""
    before, last = max(basis.spans[basis.last], basis.last - LONGEST), basis.last
    ends = [day for day in month_ends(before, last) if day > before]
    spans = dict(zip(ends, [before, *ends], strict=False))
    monthly = Basis(spans, basis.at, basis.cut, seen_on=basis.last)
    found = [reading(key, monthly, day) for day in ends]
    return [Group(f"{r.as_of:%Y-%m}", f"{r.as_of:%Y-%m}", r.value, r.numerator, r.denominator, r.rows) for r in found]


def breakdown(key: str, basis: Basis, group: str) -> list[Group]:
    """The metric for each group of partners, largest first. KeyError for an unknown group."""
    if group not in GROUPS:
        raise KeyError(group)
    found = _GROUPED[key](basis, group) if key in _GROUPED else []
    return sorted(found, key=lambda g: (g.value is None, -(g.value or 0), g.label))


def _pipeline_groups(basis: Basis, group: str, kind: str = "pipeline") -> list[Group]:
    grouped, day = basis.source.read_groups(basis.points, group, basis.cut), basis.last
    every = [
        (k, g.label, g.series.stock(f"{kind}_*_amount", day)[0], g.series.count(f"{kind}_*_count", day))
        for k, g in grouped.items()
    ]
    return [Group(key, label, value, rows=count) for key, label, value, count in every if count]


def _revenue_groups(basis: Basis, group: str) -> list[Group]:
    """Each group's share of all that was won, so that the groups add up to the metric."""
    grouped, day = basis.source.read_groups(basis.points, group, basis.cut), basis.last
    made = {
        key: (one.label, sourced_share(one.series, basis.whole, basis.spans[day], day)) for key, one in grouped.items()
    }
    return [
        Group(key, label, found.get("value"), found.get("numerator"), found.get("denominator"), found["rows"])
        for key, (label, found) in made.items()
        if found["rows"]
    ]


def _active_groups(basis: Basis, group: str) -> list[Group]:
    of = basis.source.working(basis.cut, group)
    counts = basis.source.active([moment_of(basis.last, basis.at)], basis.cut, group)
    labels = {key: label for found in (of, counts) for key, (label, _n) in found.items()}
    sizes = {key: (counts.get(key, ("", [0]))[1][-1], of.get(key, ("", 0))[1]) for key in labels}
    return [Group(key, labels[key], Decimal(n), Decimal(n), Decimal(whole), n) for key, (n, whole) in sizes.items()]


def _first_deal_groups(basis: Basis, group: str) -> list[Group]:
    made = {
        key: (ways.label, first_deals(ways, basis.last)) for key, ways in basis.source.ways(basis.cut, group).items()
    }
    return [
        Group(key, label, found["value"], found["numerator"], found["denominator"], found["rows"])
        for key, (label, found) in made.items()
        if "rows" in found
    ]


def _influence_groups(basis: Basis, group: str) -> list[Group]:
    """An opportunity counts for each partner that influenced it, so that groups may be more than the whole."""
    return _pipeline_groups(basis, group, "influence")


def _return_groups(basis: Basis, group: str) -> list[Group]:
    span = (basis.spans[basis.last], basis.last, basis.seen_on or basis.last)
    made = returns.by_group(basis.sharing, span, basis.cut, group)
    found = [(key, one.label, one.of.reading()) for key, one in made.items()]
    return [
        Group(key, label, of.get("value"), of.get("numerator"), of.get("denominator"), of["rows"])
        for key, label, of in found
    ]


def kept(basis: Basis, group: str) -> list[returns.Grouped]:
    """Measured activities by group (`cut.GROUPS`, or `returns.ACTIVITY_TYPE`), the largest forecast first."""
    span = (basis.spans[basis.last], basis.last, basis.seen_on or basis.last)
    made = returns.by_group(basis.source.using, span, basis.cut, group).values()
    found = [one for one in made if one.of.activities and not one.of.unrated]
    return sorted(found, key=lambda one: (-one.of.forecast, one.label))


_GROUPED: Mapping[str, Callable[[Basis, str], list[Group]]] = {
    "partner_sourced_pipeline": _pipeline_groups,
    "partner_influenced_pipeline": _influence_groups,
    "active_partners_90d": _active_groups,
    "partner_sourced_revenue_percent": _revenue_groups,
    "mdf_roi": _return_groups,
    "time_to_first_deal_days": _first_deal_groups,
}
