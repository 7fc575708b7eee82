"""What leads have to say on pages over many apps: the queue, "Needs you now", counts."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.actor import Actor
from core.queue import Need, Pending, QueueItem, Waiting
from deals import lead_queries as queries
from deals.enums import LeadStatus
from deals.models import Lead, LeadOffer
from deals.rules.leads import placing_due
from deals.shown import leads as shown

QUEUE_SHOWN = 100
NEEDS = 10


def queue(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """Leads that wait for us: new ones, and those no partner took; `subject` may narrow to one person's."""
    if not actor.can("lead.route"):
        return None
    rows = queries.waiting(actor)
    rows = rows.filter(owner_id=subject) if subject else rows
    items = tuple(_item(lead) for lead in rows[:QUEUE_SHOWN])
    return Waiting(items, rows.count(), sum(1 for item in items if item.due_at and item.due_at < at))


def _item(lead: Lead) -> QueueItem:
    tag = shown.status_tag(lead, Actor(kind="vendor"))
    since = lead.received_at if lead.status == LeadStatus.NEW else lead.updated_at
    return QueueItem(
        kind="leads", kind_label=_("Lead"), reference=lead.reference, title=str(lead), partner="",
        url=lead.get_console_url(), due_at=placing_due(since, lead.temperature), amount=shown.value(lead),
        checks=tag.text, tone=tag.tone, owner_id=lead.owner_id,
    )  # fmt: skip


def needs_you(actor: Actor, subject: Any, at: datetime) -> tuple[Pending, ...] | None:
    """Offers to answer, leads to contact and leads about to go back."""
    if not (actor.is_partner and actor.can("lead.answer")):
        return None
    offers = queries.open_offers(actor).filter(due_at__gt=at)
    states = (LeadStatus.ACCEPTED, LeadStatus.STALE)
    leads = queries.leads(actor).filter(status__in=states).order_by("due_at", "pk")
    return (
        Pending(offers, lambda: [_offer(offer, at) for offer in offers[:NEEDS]]),
        Pending(leads, lambda: [_lead(lead) for lead in leads[:NEEDS]]),
    )


def _offer(offer: LeadOffer, at: datetime) -> Need:
    hours = int((offer.due_at - at).total_seconds() // 3600)
    left = ngettext("%d hour left", "%d hours left", hours) % hours if hours else _("less than an hour left")
    title = _("Accept a lead: %s") % shown.offer_title(offer)
    reason = _("It goes to another partner if you don't answer.")
    return Need(title, reason, offer.get_absolute_url(), left, "bad" if hours < 2 else "warn", offer.due_at)


def _lead(lead: Lead) -> Need:
    if lead.status == LeadStatus.STALE:
        reason = _("It goes back unless you report progress.")
        return Need(_("Tell us about %s") % lead, reason, lead.get_absolute_url(), _("No news"), "bad", lead.due_at)
    reason = _("You accepted this lead. Contact them and note it.")
    return Need(_("Contact %s") % lead, reason, lead.get_absolute_url(), _("New lead"), "warn", lead.due_at)


def nav_count(actor: Actor, subject: Any, at: datetime) -> tuple[str, tuple[QuerySet, ...]] | None:
    """What of leads waits for this reader, for the navigation."""
    if actor.is_vendor and actor.can("lead.route"):
        return "admin:leads", (queries.waiting(actor),)
    if actor.is_partner and actor.can("lead.answer"):
        return "portal:leads", (queries.open_offers(actor).filter(due_at__gt=at),)
    return None
