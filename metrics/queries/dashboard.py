"""Everything the executive dashboard shows, from a handful of statements, whatever the number of opportunities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from core.actor import Actor
from metrics.definitions import KEYS
from metrics.models import Run, Scorecard
from metrics.queries.cut import Cut
from metrics.queries.figures import Basis, Reading, reading, source_for
from metrics.queries.rows import top_partners
from metrics.windows import month_ends
from tiers.windows import year_before

LATE = timedelta(hours=26)  # a nightly run that is this old has been missed


@dataclass(frozen=True)
class Months:
    """Closed-won by month in the reporting currency; a month that lacks a rate is None."""

    ends: Sequence[date]
    sourced: Sequence[Decimal | None]
    whole: Sequence[Decimal | None]


@dataclass(frozen=True)
class Dashboard:
    day: date
    now: Mapping[str, Reading]
    before: Mapping[str, Reading]
    trend: Mapping[str, Sequence[Reading]]
    months: Months
    funnel: Mapping[str, int]  # registered, approved, won: of the registrations of the trailing 12 months
    tiers: Sequence[tuple[str, int]]
    top: Sequence[Scorecard]
    missed_since: datetime | None


def basis_of(actor: Actor, day: date, at: datetime, cut: Cut) -> tuple[Basis, list[date]]:
    """What a year of figures is read from, and the days of its trend: the last 12 ends of months. Raises Forbidden."""
    source, cut = source_for(actor), cut.within(actor)
    ends = month_ends(year_before(day), day)[-12:]
    return Basis.trailing([month_before(ends[0]), *ends, year_before(day)], at, cut, source=source, by_tier=True), ends


def dashboard(actor: Actor, *, at: datetime, day: date, cut: Cut) -> Dashboard:
    """The whole page as of a day. Raises Forbidden."""
    basis, ends = basis_of(actor, day, at, cut)
    before = year_before(day)
    return Dashboard(
        day=day,
        now={key: reading(key, basis, day) for key in KEYS},
        before={key: reading(key, basis, before) for key in KEYS},
        trend={key: [reading(key, basis, end) for end in ends] for key in KEYS},
        months=months(basis, ends),
        funnel={
            name: int(basis.series.flow(f"{name}_count", before, day))
            for name in ("registered", "approved", "registration_won")
        },
        tiers=sorted(((label, n) for label, n in basis.working.values()), key=lambda pair: (-pair[1], pair[0])),
        top=top_partners(actor, cut),
        missed_since=missed_since(at),
    )


def months(basis: Basis, ends: Sequence[date]) -> Months:
    """What was won from month to month between the ends."""
    spans = list(zip([month_before(ends[0]), *ends], ends, strict=False))
    own, whole = basis.series, basis.whole
    return Months(
        ends,
        [None if own.flow("sourced_won_unrated", *s) else own.flow("sourced_won_reported", *s) for s in spans],
        [None if whole.flow("won_unrated", *s) else whole.flow("won_reported", *s) for s in spans],
    )


def month_before(end: date) -> date:
    """The last day of the month before the one of `end`."""
    return end.replace(day=1) - timedelta(days=1)


def missed_since(at: datetime) -> datetime | None:
    """When the nightly recompute last ran, if it should have run since."""
    last = Run.objects.order_by("-started_at").values_list("started_at", flat=True).first()
    return last if last and at - last > LATE else None
