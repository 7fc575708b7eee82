"""What earnings do when something happens. Bears running twice: recomputes, never counts up."""

from uuid import UUID

from core.ids import parse_public_id
from core.models import Event
from deals.models import Opportunity, Registration, RevenueEvent
from earnings import services
from earnings.enums import Direction
from earnings.models import Entitlement


def settle_deal(event: Event) -> None:
    """A deal was won, lost, opened again or changed, or who works on it: what does it give now?"""
    pk = parse_public_id(Opportunity.prefix, event.data.get("opportunity")) or event.subject_id
    services.settle([pk], at=event.at)


def settle_registered(event: Event) -> None:
    """A registration has changed: its deal earns under other terms, as long as nothing was earned."""
    rows = Registration.objects.filter(pk=event.subject_id, opportunity__isnull=False)
    services.settle(list(rows.values_list("opportunity_id", flat=True)), at=event.at)


def settle_vetted(event: Event) -> None:
    """We have checked a partner that joined by itself: the margins that waited for it are told."""
    waiting = Entitlement.objects.filter(partner_id=event.subject_id, ended_at=None, rule__direction=Direction.RETAINED)
    services.settle(list(waiting.values_list("opportunity_id", flat=True).distinct()), at=event.at)


def settle_revenue(event: Event) -> None:
    """The customer was invoiced, paid, was refunded, or what we knew of that changed."""
    rows = RevenueEvent.objects.filter(pk=event.subject_id)
    services.settle(list(rows.values_list("opportunity_id", flat=True)), at=event.at)


def settle_loaded(event: Event) -> None:
    """The same for all deals that a load touched."""
    services.settle(_loaded(event), at=event.at)


def _loaded(event: Event) -> list[UUID]:
    told = Event.objects.filter(batch=event.subject_id)
    if event.data.get("resource") == "opportunity":
        return list(told.filter(subject_type="opportunity").values_list("subject_id", flat=True).distinct())
    if event.data.get("resource") == "revenue_event":
        rows = RevenueEvent.objects.filter(pk__in=told.filter(subject_type="revenue_event").values("subject_id"))
        return list(rows.values_list("opportunity_id", flat=True).distinct())
    return []


def settle_rated(event: Event) -> None:
    """There are other exchange rates: what waited for one is made."""
    waiting = Entitlement.objects.filter(ended_at=None).exclude(trouble="")
    services.settle(list(waiting.values_list("opportunity_id", flat=True).distinct()), at=event.at)
