"""Whose tier will no longer be reached within 90 days if nothing new comes: by the days on which figures fall."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, Func, QuerySet

from tiers import rules
from tiers.explained import explain
from tiers.models import Fact, ProgramMembership, ProgramVersion
from tiers.particulars import TRAILING_YEAR
from tiers.queries import local_day
from tiers.review_rules import FORECAST_DAYS


@dataclass(frozen=True)
class Risk:
    """The first day on which the tier is no longer reached, the rank then reached, and the arithmetic of that day."""

    falls_on: date
    rank: int | None
    explanation: Sequence[dict[str, Any]]


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
    members = memberships.filter(pk__in=falling.values("membership_id"), tier__isnull=False)
    wanted = dict(members.order_by().values_list("pk", "program_id"))
    ranks = dict(members.order_by().values_list("pk", "tier__rank"))
    definitions = _definitions(set(wanted.values()), today)
    judge = _Judge(definitions, horizon)
    found = {pk: judge.risk(wanted[pk], ranks[pk], own) for pk, own in _figures(list(wanted)).items()}
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
        name = metric if window == TRAILING_YEAR else f"{metric}@{window}"
        found[pk].values[name] = value
        if lapses:
            found[pk].lapses[name] = sorted(lapses)
    return found


class _Judge:
    """Judges figures by the rules in force, each combination once."""

    def __init__(self, definitions: dict[UUID, Mapping[str, Any]], horizon: str) -> None:
        self.definitions, self.horizon = definitions, horizon
        self.known: dict[tuple, Risk | None] = {}

    def risk(self, program: UUID, rank: int, figures: _Figures) -> Risk | None:
        key = (program, rank, figures.key(self.horizon))
        if key not in self.known:
            self.known[key] = self._risk(program, rank, figures)
        return self.known[key]

    def _risk(self, program: UUID, rank: int, figures: _Figures) -> Risk | None:
        """The first day on which a lower tier than this is reached."""
        definition = self.definitions.get(program)
        for day in figures.days(self.horizon) if definition else ():
            verdict = rules.assess(definition, figures.on(day))  # type: ignore[arg-type]
            reached = verdict.earned.rank if verdict.earned else None
            if reached is None or reached < rank:
                return Risk(date.fromisoformat(day), reached, [explain(tier) for tier in verdict.tiers])
        return None
