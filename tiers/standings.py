"""What many memberships stand at, in one statement: their tiers and the figures that a program reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import FilteredRelation, Max, Q, QuerySet

from tiers import rules
from tiers.models import ProgramMembership
from tiers.particulars import TRAILING_YEAR

_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Standing:
    """A membership with its figures: by metric for the usual window, else under `metric@window`; and its market."""

    membership_id: UUID
    partner_id: UUID
    tier_id: UUID | None
    earned_tier_id: UUID | None
    facts: rules.Facts


def standings(memberships: QuerySet[ProgramMembership], program: rules.Program) -> Iterator[Standing]:
    """The memberships with the figures that the program reads. Fit for `rules.judge_all` over all of them."""
    stored = {name: _stored(name) for name in sorted(program.reads - {"market"})}
    figures = sorted(set(stored.values()))
    metrics = {metric for metric, _window in figures}
    rows = memberships.alias(read=FilteredRelation("facts", condition=Q(facts__metric__in=metrics)))
    columns = {f"figure_{i}": _figure(*one) for i, one in enumerate(figures)}
    places = {name: figures.index(one) for name, one in stored.items()}
    named = rows.annotate(**columns).values_list(
        "pk", "partner_id", "tier_id", "earned_tier_id", "partner__region", "partner__country", *columns
    )
    for pk, partner, tier, earned, region, country, *values in named.order_by().iterator(_CHUNK):
        facts: dict[str, Any] = {name: values[place] for name, place in places.items() if values[place] is not None}
        if program.markets:
            facts["market"] = market_of(region, country, program)
        yield Standing(pk, partner, tier, earned, program.exact(facts))


def _figure(metric: str, window: str) -> Max:
    return Max("read__value", filter=Q(read__metric=metric, read__window=window))


def _stored(name: str) -> tuple[str, str]:
    metric, _at, window = name.partition("@")
    return metric, window or TRAILING_YEAR


def stored_names(metric: str, window: str) -> tuple[str, ...]:
    """Under which names rules find a stored figure: with its window, and bare for the usual one."""
    named = f"{metric}@{window}"
    return (named, metric) if window == TRAILING_YEAR else (named,)


def market_of(region: str, country: str, program: rules.Program) -> str | None:
    """A partner's market: its region or country, whichever the program names; else its region."""
    return next((one for one in (region, country) if one and one.casefold() in program.markets), region or None)
