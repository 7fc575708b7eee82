"""What deals have to say on pages over many apps: the queue, "Needs you now", the partner's home, counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Window
from django.urls import reverse
from django.utils.translation import gettext as _

from core.actor import Actor
from core.parts import Row
from core.queue import Need, Pending, QueueItem, Waiting
from deals import queries, shown
from deals.enums import LIVE, Status
from deals.models import Registration
from deals.standing import approvers

QUEUE_SHOWN = 100
CARD_SHOWN = 5


def queue(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """Registrations that wait for a decision, the oldest promise first; `subject` may narrow to one manager's."""
    if not approvers(actor):
        return None
    rows = queries.waiting_for_decision(actor)
    if subject:
        rows = rows.filter(_mine(subject))
    counts = rows.order_by().aggregate(total=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    return Waiting(tuple(_item(deal) for deal in rows[:QUEUE_SHOWN]), counts["total"], counts["late"])


def _mine(person: Any) -> Q:
    """What a manager has to decide is that manager's; the steps of others belong to everybody of their role."""
    return Q(partner__manager_id=person) | Q(partner__backup_id=person) | ~Q(approver="manager")


def _item(deal: Registration) -> QueueItem:
    words, tone = (_("Appeal"), "warn") if deal.status == Status.APPEALED else shown.check_words(deal)
    return QueueItem(
        kind="deals", kind_label=_("Deal"), reference=deal.reference, title=deal.account_name,
        partner=deal.partner.name, url=deal.get_console_url(), due_at=deal.due_at, amount=shown.value(deal),
        checks=words, tone=tone, owner_id=deal.partner.manager_id,
    )  # fmt: skip


def _own(actor: Actor):
    return Registration.objects.visible_to(actor).filter(deleted_at=None)


def needs_you(actor: Actor, subject: Any, at: datetime) -> tuple[Pending, ...] | None:
    """Questions to answer, protections that end and drafts to finish."""
    if not actor.can("deal.update"):
        return None
    states = (Status.ACTION_REQUIRED, Status.EXPIRING, Status.DRAFT)
    to_confirm = Q(status=Status.IN_REVIEW, on_behalf=True, confirmed_at=None)
    rows = _own(actor).filter(Q(status__in=states) | to_confirm).order_by("protection_expires_at", "created_at")
    return (Pending(rows, lambda: [_need(deal, at) for deal in rows[:10]]),)


def _need(deal: Registration, at: datetime) -> Need:
    url = deal.get_absolute_url()
    if deal.status == Status.ACTION_REQUIRED:
        return Need(_("Answer a question on %s") % deal, deal.question, url, _("Waiting for you"))
    if deal.status == Status.IN_REVIEW:
        return Need(_("Confirm %s") % deal, _("We registered it for you."), url, _("Waiting for you"))
    if deal.status == Status.DRAFT:
        return Need(
            _("Finish the draft for %s") % (deal.account_name or deal.reference),
            _("Not sent yet."),
            url,
            _("Draft"),
            "",
        )
    reason = _("Close it, update it or release it.")
    left = shown.days_left(deal.protection_expires_at, at) if deal.protection_expires_at else ""
    return Need(_("Protection of %s ends") % deal, reason, url, left, "warn", deal.protection_expires_at)


@dataclass(frozen=True)
class DealsCard:
    """Open deals on the partner's home."""

    rows: tuple[Row, ...]
    total: int
    url: str
    column: str = "main"
    template: str = "deals/card.html"


def home_card(actor: Actor, subject: Any, at: datetime) -> DealsCard:
    rows = _own(actor).filter(status__in=LIVE).only(*queries.LIST_FIELDS).order_by("-created_at", "-id")
    newest = list(rows.annotate(in_all=Window(Count("*")))[:CARD_SHOWN])
    shown_rows = tuple(Row((str(d), shown.status_tag(d, actor), shown.value(d)), d.get_absolute_url()) for d in newest)
    return DealsCard(shown_rows, newest[0].in_all if newest else 0, reverse("portal:deals"))


def nav_count(actor: Actor, subject: Any, at: datetime) -> tuple[str, tuple[QuerySet, ...]] | None:
    """What of deals waits for this reader, for the navigation: a manager's own, else everybody's."""
    if actor.is_vendor and approvers(actor):
        rows = queries.waiting_for_decision(actor)
        return "admin:deals_registration_changelist", (rows.filter(_mine(actor.id)), rows)
    if actor.is_partner and actor.can("deal.update"):
        return "portal:deals", (_own(actor).filter(status=Status.ACTION_REQUIRED),)
    return None
