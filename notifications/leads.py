"""Mails about leads. Before it accepted, a partner reads of a lead what the offer may tell, and no more."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid5

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Kind
from accounts.models import User
from core.deliver import outside
from core.models import Delivery, Event
from deals import lead_links
from deals.enums import LeadStatus, OfferStatus
from deals.models import Lead, LeadOffer
from deals.shown import leads as shown
from notifications.mail import address, compose, moment
from partners.enums import MemberRole, StaffRole
from partners.models import Member

_ANSWERS = (MemberRole.ADMIN, MemberRole.SALES)


def _sellers(partner_id) -> list[User]:
    """Who may answer for a partner."""
    rows = Member.objects.filter(partner_id=partner_id, ended_at=None, role__in=_ANSWERS, user__is_active=True)
    return [member.user for member in rows.select_related("user").order_by("user__email")]


def _ours(lead: Lead) -> list[str]:
    """Whose lead it is on our side, else all channel operations."""
    if lead.owner and lead.owner.is_active:
        return [lead.owner.email]
    rows = User.objects.filter(kind=Kind.VENDOR, staff_role=StaffRole.CHANNEL_OPERATIONS, is_active=True)
    return sorted(rows.values_list("email", flat=True))


def _lead(event: Event) -> Lead:
    return Lead.objects.select_related("partner", "owner", "product").get(pk=event.subject_id)


def _offer(event: Event) -> LeadOffer:
    return LeadOffer.objects.select_related("partner").get(pk=event.subject_id)


# --- to the partner, before it accepted


def _offered(event: Event, delivery: Delivery, subject: str) -> Callable[[], Any] | None:
    """One mail for each person: the link in it answers in that person's name."""
    offer = _offer(event)
    if offer.status != OfferStatus.OFFERED:
        return None  # answered meanwhile
    words = {
        "title": shown.offer_title(offer),
        "facts": [(fact.label, getattr(fact.value, "text", fact.value)) for fact in shown.teaser(offer)],
        "due": moment(offer.due_at, offer.partner.time_zone),
    }
    mails = [_to_person(offer, delivery, user, subject % words, words) for user in _sellers(offer.partner_id)]
    return _all(mails)


def _to_person(offer: LeadOffer, delivery: Delivery, user: User, subject: str, words: dict[str, Any]):
    link = address(reverse("lead_answer", args=[lead_links.token(offer, user)]))
    own = Delivery(pk=uuid5(delivery.pk, user.pk.hex))  # an id of its own, the same at every repeat
    return compose(own, [user.email], subject, "lead_offered", words | {"url": link}, thread=offer.pk.hex)


def _all(mails: Iterable[Callable[[], Any] | None]) -> Callable[[], Any] | None:
    sends = [send for send in mails if send is not None]

    def send_all() -> None:
        for send in sends:
            send()

    return send_all if sends else None


@outside
def offered(event: Event, delivery: Delivery):
    return _offered(event, delivery, _("New lead: %(title)s · accept by %(due)s"))


@outside
def offer_reminded(event: Event, delivery: Delivery):
    return _offered(event, delivery, _("Still waiting: %(title)s · accept by %(due)s"))


def _offer_gone(event: Event, delivery: Delivery, subject: str):
    offer = _offer(event)
    words = {"title": shown.offer_title(offer), "text": event.data.get("text", ""), "outcome": shown.outcome(offer)}
    words["url"] = address(offer.get_absolute_url())
    to = [user.email for user in _sellers(offer.partner_id)]
    return compose(delivery, to, subject % words, "lead_gone", words, thread=offer.pk.hex)


@outside
def offer_timed_out(event: Event, delivery: Delivery):
    return _offer_gone(event, delivery, _("Gone to another partner: %(title)s"))


@outside
def offer_recalled(event: Event, delivery: Delivery):
    return _offer_gone(event, delivery, _("Taken back: %(title)s"))


# --- to the partner that has it


def _to_partner(event: Event, delivery: Delivery, subject: str, template: str):
    lead = _lead(event)
    if lead.partner is None or lead.partner_id != event.partner_id:
        return None  # it has gone elsewhere since
    words = {"lead": lead, "due": moment(lead.due_at, lead.partner.time_zone)}
    words["url"] = address(lead.get_absolute_url())
    to = [user.email for user in _sellers(lead.partner_id)]
    return compose(delivery, to, subject % words, template, words, thread=lead.pk.hex)


@outside
def news_asked(event: Event, delivery: Delivery):
    return _to_partner(event, delivery, _("%(lead)s: tell us by %(due)s how it goes"), "lead_news_asked")


@outside
def went_stale(event: Event, delivery: Delivery):
    return _to_partner(event, delivery, _("%(lead)s goes back on %(due)s"), "lead_stale")


# --- to us


def _to_us(event: Event, delivery: Delivery, subject: str, template: str):
    lead = _lead(event)
    words = {"lead": lead, "partner": lead.partner, "text": event.data.get("text", "")}
    words |= {"reason": lead.get_disqualified_code_display(), "url": address(lead.get_console_url())}
    return compose(delivery, _ours(lead), subject % words, template, words, thread=f"{lead.pk.hex}.vendor")


@outside
def came_back(event: Event, delivery: Delivery):
    """No partner took it, or it was taken back by the clock."""
    if event.type == "lead.recalled" and event.actor_kind != "system":
        return None  # whoever took it back knows
    return _to_us(event, delivery, _("Back with us: %(lead)s"), "lead_returned")


@outside
def closed(event: Event, delivery: Delivery):
    if event.actor_kind == "vendor" or _lead(event).status != LeadStatus.DISQUALIFIED:
        return None
    return _to_us(event, delivery, _("Closed without a deal: %(lead)s (%(partner)s)"), "lead_closed")
