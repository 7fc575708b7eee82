"""Reads about leads for pages and services."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from core.actor import Actor
from deals import check
from deals.enums import LeadStatus, OfferStatus
from deals.models import Account, Lead, LeadOffer, LeadRanking, Registration, RoutingRule
from deals.rules.routing import Placing
from partners.models import Partner

NOBODY = UUID(int=0)  # the check is asked for no partner: nothing is its own
SHOWN = 20
_OPEN = (
    LeadStatus.NEW, LeadStatus.QUALIFIED, LeadStatus.OFFERED, LeadStatus.RETURNED,
    LeadStatus.ACCEPTED, LeadStatus.WORKING, LeadStatus.STALE,
)  # fmt: skip


def leads(actor: Actor) -> QuerySet[Lead]:
    """The leads an actor may see, each with what a page about one shows."""
    rows = Lead.objects.visible_to(actor).filter(deleted_at=None)
    return rows.select_related("partner", "membership__program", "membership__partner", "product", "owner")


def offers(actor: Actor) -> QuerySet[LeadOffer]:
    return LeadOffer.objects.visible_to(actor).filter(deleted_at=None).select_related("partner", "membership__program")


def open_offers(actor: Actor) -> QuerySet[LeadOffer]:
    """What waits for an answer, least time first."""
    return offers(actor).filter(status=OfferStatus.OFFERED).order_by("due_at", "pk")


def missed_offers(actor: Actor) -> list[LeadOffer]:
    """The last offers that went elsewhere."""
    states = (OfferStatus.TIMED_OUT, OfferStatus.RECALLED, OfferStatus.DECLINED)
    return list(offers(actor).filter(status__in=states).order_by("-answered_at", "-pk")[:5])


def answered(actor: Actor, at: datetime) -> tuple[int, int]:
    """(answered in time, all) of the offers of the last 12 months whose time is over or that were answered."""
    rows = offers(actor).filter(offered_at__gt=at - timedelta(days=365)).exclude(status=OfferStatus.OFFERED)
    rows = rows.exclude(status=OfferStatus.RECALLED, answered_label="").order_by()
    counts = rows.aggregate(every=Count("pk"), late=Count("pk", filter=Q(status=OfferStatus.TIMED_OUT)))
    return counts["every"] - counts["late"], counts["every"]


def lead_behind(actor: Actor, offer: LeadOffer) -> Lead | None:
    """The lead of an offer, for those who may see it by now."""
    return leads(actor).filter(pk=offer.lead_id).first()


def offers_of(lead: Lead, actor: Actor) -> list[LeadOffer]:
    return list(offers(actor).filter(lead_id=lead.pk).order_by("offered_at", "pk")[:SHOWN])


def last_ranking(lead: Lead, actor: Actor) -> LeadRanking | None:
    rows = LeadRanking.objects.visible_to(actor).filter(lead=lead).select_related("rule")
    last = rows.order_by("-at", "-pk").first()
    if last and actor.reach:
        seen = _seen(actor, (UUID(row["partner"].removeprefix("ptr_")) for row in last.rows))
        last.rows = [row for row in last.rows if UUID(row["partner"].removeprefix("ptr_")) in seen]
    return last


def placings_seen(placings: Sequence[Placing], actor: Actor) -> Sequence[Placing]:
    """Of a ranking, the partners that the actor sees."""
    if not actor.reach:
        return placings
    seen = _seen(actor, (one.candidate.key for one in placings))
    return [one for one in placings if one.candidate.key in seen]


def _seen(actor: Actor, partner_ids: Iterable[UUID]) -> set[UUID]:
    return set(Partner.objects.visible_to(actor).filter(pk__in=list(partner_ids)).values_list("pk", flat=True))


def rules(actor: Actor) -> QuerySet[RoutingRule]:
    """In the order in which they are asked."""
    rows = RoutingRule.objects.visible_to(actor).filter(deleted_at=None).select_related("partner")
    return rows.order_by("position", "created_at", "pk")


def waiting(actor: Actor) -> QuerySet[Lead]:
    """Leads that wait for the vendor."""
    states = (LeadStatus.NEW, LeadStatus.QUALIFIED, LeadStatus.RETURNED)
    return leads(actor).filter(status__in=states).order_by("received_at", "pk")


def known_customers(lead: Lead, actor: Actor) -> tuple[Sequence[check.Match], int]:
    """Accounts and live registrations that may be the lead's company, and how many more there are that this person
    doesn't see. For the vendor's eyes alone."""
    customer = check.Customer.of(lead.website, lead.account_name, lead.country, lead.contact_email)
    found = check.find(customer, partner_id=NOBODY, product_id=None, ignore=None, at=lead.received_at)
    near = found.matches[:SHOWN]
    if not actor.reach:
        return near, 0
    deals = Registration.objects.visible_to(actor).filter(pk__in=[m.registration.pk for m in near if m.registration])
    accounts = Account.objects.visible_to(actor).filter(pk__in=[m.account.pk for m in near if m.account])
    seen = {*deals.values_list("pk", flat=True), *accounts.values_list("pk", flat=True)}
    own = [m for m in near if getattr(m.registration or m.account, "pk", None) in seen]
    return own, len(near) - len(own)


def twins(lead: Lead, actor: Actor) -> list[Lead]:
    """Other open leads of the same company."""
    customer = check.Customer.of(lead.website, lead.account_name, lead.country)
    rows = leads(actor).filter(customer.rows(), status__in=_OPEN).exclude(pk=lead.pk)
    return list(rows.order_by("-received_at")[:5]) if customer else []


def lead_with(pk: UUID) -> Lead:
    """For timers, in a scope that sees all; held, so that nothing else happens to it meanwhile."""
    return Lead.objects.select_for_update(of=("self",)).select_related("partner", "product").get(pk=pk)


def offer_with(pk: UUID) -> LeadOffer:
    return LeadOffer.objects.select_related("partner").get(pk=pk)
