"""The seven metrics as values: one reading per metric, point in time and cut. What the dashboard, the API, the command
and the snapshots all call."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Forbidden
from core.money import Money
from metrics import rules
from metrics.definitions import BY_KEY, MONEY, Definition
from metrics.queries import returns
from metrics.queries.cut import Cut
from metrics.queries.series import Series, Source, Ways
from metrics.windows import Period, moment_of
from tiers.windows import year_before

SOON_DAYS = 180  # "38% within 180 days"
_PIPELINE, _INFLUENCE = "pipeline_*_amount", "influence_*_amount"
ACROSS = Source("read")  # past the second wall: only for who was found to see all


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
    """What readings are made from, read once and only if asked for.

    `spans`: the day of each reading → the day before its period begins.
    """

    spans: Mapping[date, date]
    at: datetime
    cut: Cut = field(default_factory=Cut)
    source: Source = field(default_factory=Source)
    by_tier: bool = False  # whether the page shows partners by tier beside their number
    seen_on: date | None = None  # the day on which cohorts are looked at; None: the last of each period

    @classmethod
    def trailing(cls, days: Iterable[date], at: datetime, cut: Cut | None = None, **more: Any) -> "Basis":
        """For readings of the 12 months that end with each of the days."""
        return cls({day: year_before(day) for day in days}, at, cut or Cut(), **more)

    @cached_property
    def points(self) -> list[date]:
        return sorted({*self.spans, *self.spans.values()})

    @property
    def last(self) -> date:
        return max(self.spans)

    @cached_property
    def series(self) -> Series:
        return self.source.read(self.points, self.cut)

    @cached_property
    def whole(self) -> Series:
        return self.source.read(self.points) if self.cut else self.series

    @cached_property
    def active(self) -> dict[date, int]:
        days = sorted(self.spans)
        counts = self.source.active([moment_of(day, self.at) for day in days], self.cut)
        return dict(zip(days, next(iter(counts.values()))[1], strict=True))

    @cached_property
    def working(self) -> dict[str, tuple[str, int]]:
        """Onboarding, active and inactive partners, by tier if asked."""
        return self.source.working(self.cut, "tier" if self.by_tier else "")

    @property
    def cohorts(self) -> list[returns.Span]:
        return [(after, day, self.seen_on or day) for day, after in self.spans.items()]

    @cached_property
    def returns(self) -> dict[date, returns.Returns]:
        """What funded activities of each period brought."""
        return returns.sums(self.sharing, self.cohorts, self.cut)

    @property
    def sharing(self) -> str:
        """Where is read what activities of several partners share: for who sees some of them, too, nothing but sums."""
        return ACROSS.using if self.cut.reach else self.source.using

    @cached_property
    def ways(self) -> Ways:
        return self.source.ways(self.cut).get("", Ways(""))


def _pipeline(basis: Basis, day: date) -> dict[str, Any]:
    value, missing = basis.series.stock(_PIPELINE, day)
    estimated, _missing = basis.series.stock("pipeline_*_estimated", day)
    renewals, _missing = basis.series.stock("renewal_*_amount", day)
    return {
        "value": value,
        "rows": basis.series.count("pipeline_*_count", day),
        "estimated": estimated,
        "missing_rates": tuple(missing),
        "beside": {"renewals": renewals, "attached": _attached(basis, day)},
    }


def _attached(basis: Basis, day: date) -> Decimal | None:
    """What partners sourced or influenced: each opportunity once."""
    sourced, influenced = (basis.series.stock(name, day)[0] for name in (_PIPELINE, _INFLUENCE))
    return None if sourced is None or influenced is None else sourced + influenced


def _influenced(basis: Basis, day: date) -> dict[str, Any]:
    value, missing = basis.series.stock(_INFLUENCE, day)
    estimated, _missing = basis.series.stock("influence_*_estimated", day)
    renewals, _missing = basis.series.stock("influence_renewal_*_amount", day)
    return {
        "value": value,
        "rows": basis.series.count("influence_*_count", day),
        "estimated": estimated,
        "missing_rates": tuple(missing),
        "beside": {"renewals_influenced": renewals, "attached": _attached(basis, day)},
    }


def _active(basis: Basis, day: date) -> dict[str, Any]:
    count = Decimal(basis.active[day])
    found = {"value": count, "numerator": count, "rows": int(count)}
    if day != basis.last:  # how many partners there were on an earlier day is not kept
        return found
    of = sum(n for _label, n in basis.working.values())
    beside = {"share": rules.share(count, Decimal(of))}
    return found | {"denominator": Decimal(of), "note": _("of %d partners") % of, "beside": beside}


def _revenue(basis: Basis, day: date) -> dict[str, Any]:
    return sourced_share(basis.series, basis.whole, basis.spans[day], day)


def sourced_share(own: Series, whole: Series, after: date, day: date) -> dict[str, Any]:
    """How much of all that was won partners of a cut sourced."""
    found: dict[str, Any] = {
        "rows": int(own.flow("sourced_won_count", after, day)),
        "beside": {"won": whole.flow("won_count", after, day)} | _beside_sourced(own, after, day),
    }
    unrated = {c for bucket in whole.between(after, day) for c, sums in bucket.items() if sums["won_unrated"]}
    if unrated:
        return found | {"missing_rates": tuple(sorted(unrated))}
    part, total = own.flow("sourced_won_reported", after, day), whole.flow("won_reported", after, day)
    note = "" if total else _("Nothing was won in this period.")
    return found | {"value": rules.share(part, total), "numerator": part, "denominator": total, "note": note}


def _beside_sourced(own: Series, after: date, day: date) -> dict[str, Decimal]:
    """What partners sold, whoever sourced, and what they sourced or influenced; left out where a rate is missing."""
    parts = {"transacted": ("transacted_won",), "attached_revenue": ("sourced_won", "influenced_won")}
    return {
        key: sum((own.flow(f"{name}_reported", after, day) for name in names), Decimal(0))
        for key, names in parts.items()
        if not any(own.flow(f"{name}_unrated", after, day) for name in names)
    }


def _first_deal(basis: Basis, day: date) -> dict[str, Any]:
    found = first_deals(basis.ways, day)
    if day != basis.last or "rows" not in found:
        return found
    registered = _middle(basis.ways.to_registration(day))
    return found | {
        "beside": {"first_registration": registered, "deals_before_agreement": sum(basis.ways.deals_before)}
    }


def first_deals(ways: Ways, day: date) -> dict[str, Any]:
    """The median way to the first deal, those without one yet included."""
    deals, none_yet = ways.seen(day)
    if not deals and not none_yet:
        return {"note": _("No partner has signed an agreement yet.")}
    found = rules.survival(deals, none_yet)
    words = _("%(percent)s%% within %(days)d days") % {
        "percent": round(found.within(SOON_DAYS) * 100),
        "days": SOON_DAYS,
    }
    return {
        "value": None if found.median is None else Decimal(found.median),
        "numerator": Decimal(len(deals)),
        "denominator": Decimal(len(deals) + len(none_yet)),
        "rows": len(deals) + len(none_yet),
        "note": words if found.median is None else "",
    }


def _middle(days: list[int]) -> Decimal | None:
    n = len(days)
    return (Decimal(days[(n - 1) // 2]) + days[n // 2]) / 2 if n else None


def _return(basis: Basis, day: date) -> dict[str, Any]:
    return basis.returns.get(day, returns.Returns()).reading()


def _waits(basis: Basis, day: date) -> dict[str, Any]:
    return {}


_FORMULAS: Mapping[str, Callable[[Basis, date], dict[str, Any]]] = {
    "partner_sourced_pipeline": _pipeline,
    "partner_influenced_pipeline": _influenced,
    "active_partners_90d": _active,
    "partner_sourced_revenue_percent": _revenue,
    "partner_nps": _waits,
    "mdf_roi": _return,
    "time_to_first_deal_days": _first_deal,
}


def reading(key: str, basis: Basis, day: date) -> Reading:
    """The metric as of one of the days of the basis."""
    definition = BY_KEY[key]
    found = _FORMULAS[key](basis, day)
    words = found.get("note") or str(definition.waits_for) or _missing_words(found.get("missing_rates", ()))
    period = Period(basis.spans[day] + timedelta(days=1), day)
    about: dict[str, Any] = {"definition": definition, "as_of": day, "at": moment_of(day, basis.at), "period": period}
    return Reading(**about, **found | {"note": words})


def _missing_words(currencies: Sequence[str]) -> str:
    if not currencies:
        return ""
    return _("An exchange rate is missing: %s. Import it, then this figure comes back.") % ", ".join(currencies)


def source_for(actor: Actor) -> Source:
    """Where this actor's figures are read: who is kept to some partners reads behind the walls. Raises Forbidden."""
    actor.require("metric.read")
    if not actor.inside:
        raise Forbidden(_("These figures are about all partners. Your own are on your start page."))
    return ACROSS if actor.sees_all else Source()
