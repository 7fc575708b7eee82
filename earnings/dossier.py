"""Everything that decides what some deals give, read in a fixed number of queries however many they are."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from core.models import Event
from deals.enums import PROTECTED, TAKES_BACK, Stage, Status
from deals.models import ExchangeRate, Opportunity, OpportunityPartner, Registration, RevenueEvent
from earnings.enums import EARNED, AccruesOn, LineStatus
from earnings.models import EarningLine, EarningTerms, Entitlement, RevenueRule
from earnings.rules import Movement, Rates
from tiers.enums import MembershipStatus
from tiers.models import ProgramMembership, Tier


@dataclass(frozen=True, slots=True)
class Held:
    """A partner's role in a deal, under the membership that it earns by."""

    partner_id: UUID
    membership: ProgramMembership
    role: str
    share_percent: Any = None

    @property
    def group(self) -> tuple[UUID, str]:
        """Those who may share: of one program and one type."""
        return self.membership.program_id, self.membership.partner_type


@dataclass
class Deal:
    """An opportunity and all that stands beside it."""

    opportunity: Opportunity
    parts: list[Held] = field(default_factory=list)
    registrations: dict[UUID, Registration] = field(default_factory=dict)
    revenue: list[RevenueEvent] = field(default_factory=list)
    entitlements: list[Entitlement] = field(default_factory=list)
    lines: list[EarningLine] = field(default_factory=list)

    @property
    def won_on(self) -> date | None:
        """The day it was won; None while it is not won."""
        row = self.opportunity
        return row.closed_on if row.stage == Stage.WON and row.deleted_at is None else None

    @property
    def running(self) -> list[Entitlement]:
        return [one for one in self.entitlements if one.ended_at is None]

    @cached_property
    def earned(self) -> dict[UUID, list[EarningLine]]:
        """What each entitlement has given so far."""
        found = defaultdict(list)
        for line in self.lines:
            if line.entitlement_id and line.status in EARNED:
                found[line.entitlement_id].append(line)
        return found

    @cached_property
    def forecasts(self) -> dict[UUID, EarningLine]:
        forecasts = (line for line in self.lines if line.status == LineStatus.FORECAST)
        return {line.entitlement_id: line for line in forecasts if line.entitlement_id}

    def movements(self, accrues_on: str, until: date) -> list[Movement]:
        """What came in until a day, by the program's word, and what went back."""
        kinds = (accrues_on, *TAKES_BACK)
        return [
            Movement(e.pk, e.occurred_on, e.amount, e.kind in TAKES_BACK, e.service_start, e.about_id)
            for e in self.revenue
            if e.kind in kinds and e.occurred_on <= until
        ]


@dataclass
class Dossier:
    """Deals, the rules of their programs, rates, and which tier a membership was on."""

    deals: list[Deal]
    rules: list[RevenueRule]
    terms: dict[UUID, EarningTerms]
    rates: Rates
    tiers: "Tiers"

    def accrues_on(self, program_id: UUID) -> str:
        terms = self.terms.get(program_id)
        return terms.accrues_on if terms else AccruesOn.PAYMENT

    def dispute_days(self, program_id: UUID) -> int:
        terms = self.terms.get(program_id)
        return terms.dispute_days if terms else EarningTerms._meta.get_field("dispute_days").default


class Tiers:
    """The tier of a membership on a day, read backwards from what its events tell of every change."""

    def __init__(self, memberships: Iterable[ProgramMembership], since: date | None):
        self.members = {m.pk: m for m in memberships}
        programs = {m.program_id for m in self.members.values()}
        self.ids = {(t.program_id, t.key): t.pk for t in Tier.objects.filter(program_id__in=programs)}
        self.moves: dict[UUID, list[tuple[datetime, str]]] = defaultdict(list)
        moved = Event.objects.filter(subject_id__in=self.members, data__changes__has_key="tier")
        moved = moved.filter(at__gte=_start(since)) if since else moved.none()
        for pk, at, data in moved.order_by("at", "id").values_list("subject_id", "at", "data"):
            self.moves[pk].append((at, data["changes"]["tier"][0] or ""))

    def on(self, membership: ProgramMembership, day: date) -> str:
        """The key of the tier at the end of that day, "" for none."""
        later = (before for at, before in self.moves[membership.pk] if at >= _start(day + timedelta(days=1)))
        now = membership.tier.key if membership.tier else ""
        return next(later, now)

    def id_of(self, membership: ProgramMembership, key: str) -> UUID | None:
        return self.ids.get((membership.program_id, key))


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())


def local_day(at: datetime) -> date:
    return timezone.localdate(at, timezone.get_default_timezone())


def read(opportunity_ids: Collection[UUID]) -> Dossier:
    """The dossier of these opportunities."""
    rows = Opportunity.objects.filter(pk__in=opportunity_ids).select_related("account", "product").order_by("pk")
    deals = {row.pk: Deal(row) for row in rows}
    _add_parts(deals)
    _add_registrations(deals)
    for event in RevenueEvent.objects.filter(opportunity_id__in=deals, deleted_at=None).order_by("occurred_on", "id"):
        deals[event.opportunity_id].revenue.append(event)
    for one in _entitlements(deals):
        deals[one.opportunity_id].entitlements.append(one)
    for line in EarningLine.objects.filter(opportunity_id__in=deals).order_by("id"):
        deals[line.opportunity_id].lines.append(line)  # type: ignore[index]
    return _with_rules(list(deals.values()))


def _entitlements(deals: Collection[UUID]) -> Iterable[Entitlement]:
    rows = Entitlement.objects.filter(opportunity_id__in=deals)
    return rows.select_related("rule", "membership__program", "membership__tier", "membership__partner").order_by(
        "place", "id"
    )


def _with_rules(deals: list[Deal]) -> Dossier:
    members = {part.membership.pk: part.membership for deal in deals for part in deal.parts}
    programs = {m.program_id for m in members.values()}
    programs |= {one.membership.program_id for deal in deals for one in deal.entitlements}
    days = [day for deal in deals if (day := deal.won_on)]
    days += [terms_day(r) for deal in deals for r in deal.registrations.values()]
    return Dossier(
        deals=deals,
        rules=list(RevenueRule.objects.filter(program_id__in=programs).order_by("key", "number")),
        terms={terms.program_id: terms for terms in EarningTerms.objects.filter(program_id__in=programs)},
        rates=read_rates(),
        tiers=Tiers(members.values(), min(days, default=None)),
    )


def read_rates() -> Rates:
    """All dated rates."""
    known = defaultdict(list)
    for currency, day, rate in ExchangeRate.objects.order_by("day").values_list("currency", "day", "rate"):
        known[currency].append((day, rate))
    return Rates(settings.REPORTING_CURRENCY, known)


def _add_parts(deals: dict[UUID, Deal]) -> None:
    rows = OpportunityPartner.objects.filter(opportunity_id__in=deals, deleted_at=None)
    rows = rows.select_related("membership__tier", "membership__program", "membership__partner")
    parts = list(rows.order_by("created_at", "id"))
    usual = _usual_memberships({part.partner_id for part in parts if part.membership_id is None})
    for part in parts:
        membership = part.membership or usual.get(part.partner_id)
        if membership:
            held = Held(part.partner_id, membership, part.role, part.share_percent)
            deals[part.opportunity_id].parts.append(held)


def _usual_memberships(partner_ids: set[UUID]) -> dict[UUID, ProgramMembership]:
    """The oldest active membership of each partner: where a role does not say under which it works."""
    if not partner_ids:
        return {}
    rows = ProgramMembership.objects.filter(
        partner_id__in=partner_ids, status=MembershipStatus.ACTIVE, deleted_at=None
    ).select_related("tier", "program", "partner")
    return {m.partner_id: m for m in rows.order_by("-starts_on", "-id")}


def _add_registrations(deals: dict[UUID, Deal]) -> None:
    """The registrations that were approved and hold: one for each partner and deal, the earliest."""
    rows = Registration.objects.filter(opportunity_id__in=deals, deleted_at=None)
    rows = rows.filter(Q(decided_at__isnull=False) | Q(submitted_at__isnull=False))
    for row in rows.filter(status__in=(*PROTECTED, Status.WON)).order_by("-submitted_at", "-id"):
        deals[row.opportunity_id].registrations[row.partner_id] = row  # type: ignore[index]


def terms_day(registration: Registration) -> date:
    """The day whose terms a registered deal keeps: of its approval."""
    moment = registration.decided_at or registration.submitted_at
    assert moment
    return local_day(moment)
