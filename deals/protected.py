"""Reads about protected deals: what was asked, proposed and found, for pages and services."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from core.actor import Actor
from core.models import Event
from core.money import Money
from deals.enums import PROTECTED, RequestStatus, Status
from deals.models import Breach, Extension, Opportunity, Registration, Revocation, Transfer

_TO_CLOSE = (*PROTECTED, Status.EXPIRED)


def approved_amount(deal: Registration) -> Decimal | None:
    """The value at the last approval; what was loaded from elsewhere was approved as it stood."""
    approved = Event.objects.filter(subject_id=deal.pk, type="deal_registration.approved").order_by("-id").first()
    amount = approved.data.get("amount") if approved else None
    return Decimal(amount) if amount else None


@dataclass(frozen=True)
class Order:
    """What a partner says a deal was won with."""

    number: str
    closed_on: date
    amount: Money


def proposed_win(deal: Registration) -> Order | None:
    """The order that the partner sent and nobody has answered yet."""
    told = ("win_proposed", "win_refused", "won", "lost", "reopened")
    types = [f"{deal.resource}.{verb}" for verb in told]
    last = Event.objects.filter(subject_id=deal.pk, type__in=types).order_by("-id").first()
    if last is None or last.verb != "win_proposed":
        return None
    amount = Money(Decimal(last.data["amount"]), last.data["currency"])
    return Order(last.data["number"], date.fromisoformat(last.data["closed_on"]), amount)


def proposed_wins(actor: Actor) -> QuerySet[Registration]:
    """Deals whose partner says they are won, the first to say so first."""
    said = Event.objects.filter(subject_id=OuterRef("pk"), type="deal_registration.win_proposed")
    answered = Event.objects.filter(subject_id=OuterRef("subject_id"), id__gt=OuterRef("id"))
    answered = answered.filter(type__in=("deal_registration.win_refused", "deal_registration.reopened"))
    rows = Registration.objects.visible_to(actor).filter(status__in=_TO_CLOSE, deleted_at=None)
    return rows.filter(Exists(said.exclude(Exists(answered)))).select_related("partner")


def extensions(actor: Actor) -> QuerySet[Extension]:
    rows = Extension.objects.visible_to(actor).select_related("registration__partner", "requested_by", "decided_by")
    return rows.order_by("-requested_at")


def open_extensions(actor: Actor) -> QuerySet[Extension]:
    """Requests for more days that can still be answered."""
    rows = extensions(actor).filter(status=RequestStatus.REQUESTED, registration__status__in=_TO_CLOSE)
    return rows.order_by("due_at", "pk")


def revocations(actor: Actor) -> QuerySet[Revocation]:
    rows = Revocation.objects.visible_to(actor).select_related("registration__partner", "requested_by")
    return rows.order_by("-requested_at")


def open_revocations(actor: Actor) -> QuerySet[Revocation]:
    rows = revocations(actor).filter(status=RequestStatus.REQUESTED, registration__status__in=PROTECTED)
    return rows.order_by("requested_at")


def transfers(actor: Actor) -> QuerySet[Transfer]:
    """Transfers that the actor gives, takes or decides. Only the giver and the vendor may follow them to the deal."""
    return Transfer.objects.visible_to(actor).order_by("-requested_at")


def open_transfers(actor: Actor) -> QuerySet[Transfer]:
    """Transfers that both partners agreed on and the vendor hasn't confirmed."""
    rows = transfers(actor).filter(status=RequestStatus.REQUESTED, taker_agreed_at__isnull=False)
    rows = rows.filter(registration__status__in=PROTECTED).select_related("registration__partner", "to_partner")
    return rows.order_by("taker_agreed_at")


def offered_to(actor: Actor) -> QuerySet[Transfer]:
    """Deals that other partners offer to the actor's."""
    rows = transfers(actor).filter(status=RequestStatus.REQUESTED, to_partner_id__in=actor.partner_ids)
    return rows.filter(taker_agreed_at=None)


def breaches(actor: Actor) -> QuerySet[Breach]:
    return Breach.objects.visible_to(actor).order_by("-found_at")


def open_breaches(actor: Actor) -> QuerySet[Breach]:
    return breaches(actor).filter(outcome="").select_related("registration__partner").order_by("found_at")


def direct_opportunities(breaches: list[Breach]) -> dict[UUID, Opportunity]:
    """The direct opportunities of breaches, by id, for the vendor."""
    return Opportunity.objects.in_bulk([breach.opportunity_id for breach in breaches])
