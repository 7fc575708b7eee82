"""Whose tier will no longer be reached within 90 days if nothing new comes: by the days on which figures fall."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import CharField, F, Func, QuerySet

from tiers import rules
from tiers.explained import explain
from tiers.models import Fact, ProgramMembership, ProgramVersion
from tiers.queries import local_day
from tiers.review_rules import FORECAST_DAYS
from tiers.standings import market_of, stored_names


@dataclass(frozen=True)
class Risk:
    """The first day on which the tier is no longer reached, the rank then reached, and the arithmetic of that day."""

    falls_on: date
    rank: int | None
    explanation: Sequence[dict[str, Any]]


class Placed(NamedTuple):
    """Where a membership stands: its program, the rank of its tier, and what its market is read from."""

    program: UUID
    rank: int
    region: str
    country: str


@dataclass
class _Figures:
    """What is counted now, and on which days it falls by one, the first ones first."""

    values: dict[str, Decimal] = field(default_factory=dict)
    lapses: dict[str, list[str]] = field(default_factory=dict)

    def on(self, day: str) -> dict[str, Decimal]:
        """The figures of a day on which nothing new has come."""
        lost = {name: sum(lapse <= day for lapse in days) for name, days in self.lapses.items()}
        return {name: value - lost.get(name, 0) for name, value in self.values.items()}

    def days(self, horizon: str) -> list[str]:
        """The days up to the horizon on which something falls."""
        return sorted({day for days in self.lapses.values() for day in days if day <= horizon})

    def key(self, horizon: str) -> tuple:
        near = tuple((name, tuple(d for d in days if d <= horizon)) for name, days in sorted(self.lapses.items()))
        return tuple(sorted(self.values.items())), near


def forecast(memberships: QuerySet[ProgramMembership], *, at: datetime) -> dict[UUID, Risk]:
    """The risk of each membership that has one. What is counted alike is judged once."""
    today = local_day(at)
    horizon = (today + timedelta(days=FORECAST_DAYS)).isoformat()
    falling = _falling_by(horizon)
    members = memberships.filter(pk__in=falling.values("membership_id"), tier__isnull=False).order_by()
    columns = ("pk", "program_id", "tier__rank", "partner__region", "partner__country")
    wanted = {pk: Placed(*rest) for pk, *rest in members.values_list(*columns)}
    judge = _Judge(_definitions({placed.program for placed in wanted.values()}, today), horizon)
    found = {pk: judge.risk(wanted[pk], own) for pk, own in _figures(list(wanted)).items()}
    return {pk: risk for pk, risk in found.items() if risk}


def _falling_by(horizon: str) -> QuerySet[Fact]:
    """Facts whose next fall is near: the last of `lapses`, which hold the last days first."""
    soonest = Func(F("lapses"), template="(%(expressions)s ->> -1)", output_field=CharField())
    return Fact.objects.annotate(soonest=soonest).filter(soonest__lte=horizon)


def _definitions(programs: set[UUID], today: date) -> dict[UUID, Mapping[str, Any]]:
    rows = ProgramVersion.objects.filter(program__in=programs, effective_from__lte=today).order_by("number")
    return {version.program_id: version.definition for version in rows}


def _figures(members: Sequence[UUID]) -> dict[UUID, _Figures]:
    found: dict[UUID, _Figures] = defaultdict(_Figures)
    rows = Fact.objects.filter(membership_id__in=members)
    for pk, metric, window, value, lapses in rows.values_list("membership_id", "metric", "window", "value", "lapses"):
        for name in stored_names(metric, window):
            found[pk].values[name] = value
            if lapses:
                found[pk].lapses[name] = sorted(lapses)
    return found


class _Judge:
    """Judges figures by the rules in force, each combination once. Programs without usable rules have no risks."""

    def __init__(self, definitions: dict[UUID, Mapping[str, Any]], horizon: str) -> None:
        self.horizon = horizon
        self.known: dict[tuple, Risk | None] = {}
        self.programs = {pk: program for pk, told in definitions.items() if (program := _usable(told))}
        self.ranks = {pk: rules.judge(program) for pk, program in self.programs.items()}

    def risk(self, placed: Placed, figures: _Figures) -> Risk | None:
        program = self.programs.get(placed.program)
        if program is None:
            return None
        market = market_of(placed.region, placed.country, program) if program.markets else None
        key = (placed.program, placed.rank, market, figures.key(self.horizon))
        if key not in self.known:
            own = {"market": market} if market else {}
            self.known[key] = self._risk(placed.program, placed.rank, own, figures)
        return self.known[key]

    def _risk(self, program: UUID, rank: int, market: dict[str, Any], figures: _Figures) -> Risk | None:
        """The first day on which a lower tier than this is reached."""
        for day in figures.days(self.horizon):
            facts = self.programs[program].exact(figures.on(day) | market)
            reached = self.ranks[program](facts)
            if reached is None or reached < rank:
                told = [explain(tier) for tier in rules.verdict(self.programs[program], facts).tiers]
                return Risk(date.fromisoformat(day), reached, told)
        return None


def _usable(definition: Mapping[str, Any]) -> rules.Program | None:
    try:
        return rules.sound(definition)
    except rules.CannotJudge:
        return None
