"""What if: who would earn another tier under other rules, and what that would cost. Reads, changes nothing.

Margin = difference of the tiers' discount × what the partner sold in 12 months (resale); market funds = difference of
the tiers' accrual × its revenue of 12 months. Percentages and amounts stand beside each sum.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from core import slots
from core.actor import Actor
from core.money import Money
from partners.models import Partner, Program
from tiers import documents, rules
from tiers.enums import MembershipStatus
from tiers.models import Fact, ProgramMembership
from tiers.standings import market_of, stored_names

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Turnover:
    """A year of each partner in the reporting currency: what it sold, all it brought; currencies without a rate."""

    resale: Mapping[UUID, Decimal] = field(default_factory=dict)
    revenue: Mapping[UUID, Decimal] = field(default_factory=dict)
    unrated: Sequence[str] = ()


@dataclass(frozen=True)
class Terms:
    """A tier as a document has it."""

    key: str
    name: str
    rank: int
    discount: Decimal = NOTHING
    accrual: Decimal = NOTHING


@dataclass(frozen=True)
class Line:
    """A partner under both rules. `earned_…`: by its figures; `stands_on`, `would_stand`: what it costs is of these."""

    partner: Partner
    earned_now: Terms | None
    earned_then: Terms | None
    stands_on: Terms | None
    would_stand: Terms | None
    resale: Money
    revenue: Money

    @property
    def moves(self) -> int:
        """1 up, -1 down, 0 stays."""
        now, then = (-1 if t is None else t.rank for t in (self.earned_now, self.earned_then))
        same = self.earned_now and self.earned_then and self.earned_now.key == self.earned_then.key
        return 0 if same else (then > now) - (then < now)

    @property
    def margin_points(self) -> Decimal:
        return _of(self.would_stand, "discount") - _of(self.stands_on, "discount")

    @property
    def accrual_points(self) -> Decimal:
        return _of(self.would_stand, "accrual") - _of(self.stands_on, "accrual")

    @property
    def margin(self) -> Money:
        return self.resale.times(self.margin_points / 100)

    @property
    def mdf(self) -> Money:
        return self.revenue.times(self.accrual_points / 100)


@dataclass(frozen=True)
class Step:
    """Partners that would go the same way."""

    before: str
    after: str
    up: bool
    lines: Sequence[Line]


@dataclass(frozen=True)
class Preview:
    """All partners under both rules."""

    lines: Sequence[Line]
    unknown: Sequence[str]  # figures that the new rules read and nobody has
    unrated: Sequence[str]
    currency: str

    @property
    def movers(self) -> list[Line]:
        return [line for line in self.lines if line.moves]

    @property
    def costed(self) -> list[Line]:
        """Lines that cost or save something."""
        return [line for line in self.lines if line.margin.amount or line.mdf.amount]

    @property
    def steps(self) -> list[Step]:
        ways: dict[tuple[str, str, bool], list[Line]] = defaultdict(list)
        for line in self.movers:
            ways[_name(line.earned_now), _name(line.earned_then), line.moves > 0].append(line)
        return [Step(*way, lines) for way, lines in sorted(ways.items(), key=lambda one: (-one[0][2], one[0]))]

    @property
    def up(self) -> int:
        return sum(line.moves > 0 for line in self.lines)

    @property
    def down(self) -> int:
        return sum(line.moves < 0 for line in self.lines)

    @property
    def margin(self) -> Money:
        return _sum((line.margin for line in self.lines), self.currency)

    @property
    def mdf(self) -> Money:
        return _sum((line.mdf for line in self.lines), self.currency)


def preview(program: Program, definition: Mapping[str, Any], *, by: Actor, at: datetime) -> Preview:
    """All active partners of a program under the rules in force and under these."""
    now = documents.document(program)
    members = list(
        ProgramMembership.objects.visible_to(by)
        .filter(program=program, status=MembershipStatus.ACTIVE, deleted_at=None)
        .select_related("partner", "tier")
        .order_by("partner__name", "id")
    )
    facts = _facts(members)
    both = [_earned(document, members, facts) for document in (now, definition)]
    turnover = next(iter(slots.ask("program_turnover", by, program, at=at)), Turnover())
    terms = [_terms(document) for document in (now, definition)]
    currency = settings.REPORTING_CURRENCY
    lines = [
        _line(member, earned, terms, turnover, currency)
        for member, *earned in zip(members, both[0], both[1], strict=True)
    ]
    known = {name for row in facts.values() for name in row}
    return Preview(lines, _unknown(definition, known), turnover.unrated, currency)


def _earned(document: Mapping[str, Any], members: Sequence[ProgramMembership], facts: Mapping[UUID, Any]) -> list:
    """The tier that each membership's figures earn; nothing before there are rules."""
    if not document.get("tiers"):
        return [None] * len(members)
    by_rank = {terms.rank: terms for terms in _terms(document).values()}
    program = rules.sound(document)
    markets = (market_of(m.partner.region, m.partner.country, program) for m in members)
    known = [program.exact(facts[m.pk] | {"market": market}) for m, market in zip(members, markets, strict=True)]
    ranks = rules.judge_all(document, known)
    return [by_rank.get(rank) if rank is not None else None for rank in ranks]


def _facts(members: Sequence[ProgramMembership]) -> dict[UUID, dict[str, Any]]:
    """Figures by membership, those of a window of their own under `metric@window`."""
    found: dict[UUID, dict[str, Any]] = {member.pk: {} for member in members}
    programs = {m.program_id for m in members}
    rows = Fact.objects.filter(membership__program__in=programs).values_list("membership", "metric", "window", "value")
    for pk, metric, window, value in rows:
        if pk in found:
            found[pk] |= dict.fromkeys(stored_names(metric, window), value)
    return found


def _terms(document: Mapping[str, Any]) -> dict[str, Terms]:
    tiers = document.get("tiers") or ()
    return {
        key: Terms(key, t["name"], t["rank"], *(rules.percent(t, name) for name in rules.PERCENTS))
        for t in tiers
        for key in (rules.tier_key(t),)
    }


def _line(
    member: ProgramMembership,
    earned: Sequence[Terms | None],
    terms: Sequence[Mapping[str, Terms]],
    turnover: Turnover,
    currency: str,
) -> Line:
    now, then = earned
    stands = terms[0].get(member.tier.key) if member.tier else None
    moved = (now.key if now else "") != (then.key if then else "")
    would = then if moved else terms[1].get(stands.key) if stands else None
    lowest = min(terms[1].values(), key=lambda t: t.rank, default=None)
    resale, revenue = (
        Money(rows.get(member.partner_id, NOTHING), currency) for rows in (turnover.resale, turnover.revenue)
    )
    return Line(member.partner, now, then, stands, would or (lowest if stands else None), resale, revenue)


def _unknown(definition: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    """Figures of the rules that no partner has, whatever the name of their window."""
    have = {name.partition("@")[0] for name in known} | {"market", "score"}
    wanted = {name.partition("@")[0] for name in rules.sound(definition).reads}
    return sorted(wanted - have)


def _of(terms: Terms | None, name: str) -> Decimal:
    return getattr(terms, name) if terms else NOTHING


def _name(terms: Terms | None) -> str:
    return terms.name if terms else _("no tier")


def _sum(amounts: Iterable[Money], currency: str) -> Money:
    return sum(amounts, Money(NOTHING, currency))


def summary(found: Preview, at: datetime) -> dict[str, Any]:
    """A preview as data, to be kept or sent: amounts as texts."""
    movers = [
        {
            "partner_id": line.partner.public_id, "partner": line.partner.name,
            "before": line.earned_now.key if line.earned_now else None,
            "after": line.earned_then.key if line.earned_then else None,
            "margin": f"{line.margin.amount:.2f}", "mdf": f"{line.mdf.amount:.2f}",
        }
        for line in found.movers
    ]  # fmt: skip
    return {
        "at": at.isoformat(), "partners": len(found.lines), "up": found.up, "down": found.down, "movers": movers,
        "margin": f"{found.margin.amount:.2f}", "mdf": f"{found.mdf.amount:.2f}", "currency": found.currency,
        "unknown_figures": list(found.unknown), "missing_rates": list(found.unrated),
    }  # fmt: skip
