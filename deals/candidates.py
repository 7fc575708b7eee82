"""What the routing of leads reads: rules in their order, and every partner with the facts of the ranking, as sets."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from core.scope import elevated
from deals.enums import LeadStatus, OfferStatus
from deals.models import Lead, LeadOffer, RoutingRule
from deals.rules import Policy
from deals.rules.routing import Candidate, Placing, Record, Terms, Wanted, misfit, rank
from partners.countries import country_name
from partners.models import Agreement, Partner
from tiers.benefits import Granting
from tiers.models import Fact, ProgramMembership, Tier

CERTIFIED = "certified_people"
AT_WORK = (LeadStatus.ACCEPTED, LeadStatus.WORKING, LeadStatus.STALE)
YEAR, MONTH = timedelta(days=365), timedelta(days=30)


@dataclass(frozen=True)
class Routed:
    """What the rules say about a lead: the rule that fits, why the ones before it don't, and everybody's place."""

    rule: RoutingRule | None
    passed_over: tuple[tuple[RoutingRule, str], ...]
    placings: tuple[Placing, ...]

    @property
    def best(self) -> Placing | None:
        return next((one for one in self.placings if not one.barred), None)


def wanted_of(lead: Lead) -> Wanted:
    product = lead.product
    named = {"sku": product.sku, "product": product.name, "family": product.family} if product else {}
    return Wanted(
        country=lead.country, country_name=country_name(lead.country) if lead.country else "", region=lead.region,
        industry=lead.industry, temperature=lead.temperature, source=lead.source, amount=lead.amount, **named,
    )  # fmt: skip


def route(wanted: Wanted, *, at: datetime, lead_id: UUID | None = None, to: Partner | None = None) -> Routed:
    """Where the lead would go now. `to` asks about one partner, whatever the rules say. Stores nothing."""
    with elevated():
        rule, passed_over = _rule_for(wanted)
        only = to.pk if to else rule.partner_id if rule and rule.mode == "direct" else None
        pool = candidates(at, lead_id=lead_id, only=only) if rule or to else []
    terms = Terms.of(rule.weights, rule.answer_hours) if rule else Terms()
    return Routed(rule, tuple(passed_over), tuple(rank(wanted, pool, terms)))


def _rule_for(wanted: Wanted) -> tuple[RoutingRule | None, list[tuple[RoutingRule, str]]]:
    """The first active rule that fits, and why those before it don't."""
    passed_over: list[tuple[RoutingRule, str]] = []
    for rule in RoutingRule.objects.filter(is_active=True, deleted_at=None).order_by("position", "created_at", "pk"):
        why = misfit(rule.match, wanted)
        if why is None:
            return rule, passed_over
        passed_over.append((rule, why))
    return None, passed_over


def candidates(at: datetime, *, lead_id: UUID | None = None, only: UUID | None = None) -> list[Candidate]:
    """Every partner in an active program, whatever bars it, with its facts: as many statements for two as for all."""
    rows = ProgramMembership.objects.filter(
        status="active", program__status="active", partner__deleted_at=None, partner__is_direct=False
    ).select_related("partner", "program", "tier")
    rows = rows.filter(partner_id=only) if only else rows
    first: dict[UUID, ProgramMembership] = {}
    for membership in rows.order_by("starts_on", "pk"):
        first.setdefault(membership.partner_id, membership)
    facts, granting = _Facts.read(at, lead_id), Granting.of(first.values(), at)
    return [facts.candidate(membership, _lacks_leads(granting, membership)) for membership in first.values()]


def _lacks_leads(granting: Granting, membership: ProgramMembership) -> str:
    why = granting.refusal(membership, "leads")
    return _("gets no leads now (%s)") % why.rstrip(".") if why else ""


@dataclass(frozen=True)
class _Facts:
    """What is known of all partners at once, by partner."""

    agreed: frozenset[UUID]
    certified: Mapping[UUID, int]  # by membership
    top: Mapping[UUID, int]  # by program
    live: Mapping[UUID, int]
    lately: Mapping[UUID, int]
    asked: Mapping[UUID, str]
    records: Mapping[UUID, Record]

    @classmethod
    def read(cls, at: datetime, lead_id: UUID | None) -> "_Facts":
        certified = Fact.objects.filter(metric=CERTIFIED).values_list("membership_id", "value")
        recent = LeadOffer.objects.filter(offered_at__gt=at - MONTH, offered_at__lte=at)
        return cls(
            agreed=frozenset(Agreement.objects.filter(deleted_at=None).values_list("partner_id", flat=True)),
            certified={key: int(value) for key, value in certified},
            top=dict(Tier.objects.values_list("program_id").annotate(Max("rank"))),
            live=Counter(_counted(Lead.objects.filter(status__in=AT_WORK)))
            + Counter(_counted(LeadOffer.objects.filter(status=OfferStatus.OFFERED))),
            lately=_counted(recent),
            asked=_asked(lead_id),
            records=records(at),
        )

    def candidate(self, membership: ProgramMembership, not_granted: str) -> Candidate:
        partner, tier, key = membership.partner, membership.tier, membership.partner_id
        by_itself = Policy.of(membership.program.policy).agreement == "self_sign_up"
        return Candidate(
            key=key, name=partner.name, status=partner.status, unvetted=partner.unvetted_since is not None,
            has_agreement=by_itself or key in self.agreed,
            territories=tuple(partner.territories), country=partner.country, region=partner.region,
            industries=tuple(partner.industries), specialisations=tuple(partner.specialisations),
            certified=self.certified.get(membership.pk, 0), tier=tier.name if tier else "",
            tier_rank=tier.rank if tier else 0, top_rank=self.top.get(membership.program_id, 0),
            live=self.live.get(key, 0), record=self.records.get(key, Record()), lately=self.lately.get(key, 0),
            not_granted=not_granted, asked_before=self.asked.get(key, ""), membership=membership,
        )  # fmt: skip


def _counted(rows) -> dict[UUID, int]:
    return dict(rows.order_by().values_list("partner_id").annotate(n=Count("pk")))


def _asked(lead_id: UUID | None) -> dict[UUID, str]:
    """Who had this lead and gave it away, in words. Taken back before an answer counts as not asked."""
    if lead_id is None:
        return {}
    rows = LeadOffer.objects.filter(lead_id=lead_id).exclude(status=OfferStatus.RECALLED, answered_label="")
    return {offer.partner_id: offer.get_status_display().lower() for offer in rows}


_RECORDS = """
SELECT o.partner_id, count(*), count(*) FILTER (WHERE o.answered_label <> '' AND o.status IN ('accepted', 'recalled')),
       count(*) FILTER (WHERE o.status = 'accepted' AND l.status = 'converted'),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM o.answered_at - o.offered_at)) / 3600
FROM deals_leadoffer o LEFT JOIN deals_lead l ON l.id = o.lead_id
WHERE o.offered_at > %s AND o.answered_at <= %s AND (o.status <> 'recalled' OR o.answered_label <> '')
GROUP BY o.partner_id
"""


def records(at: datetime) -> dict[UUID, Record]:
    """How every partner answered its leads in the 12 months before `at`; what timed out waited its whole time."""
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS, [at - YEAR, at])
        return {
            key: Record(offered, accepted, converted, None if hours is None else Decimal(str(round(hours, 2))))
            for key, offered, accepted, converted, hours in cursor.fetchall()
        }
