"""What protected deals have to say in the queue and in "Needs you now"."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core.actor import Actor
from core.queue import Need, Pending, QueueItem, Waiting
from deals import protected, shown
from deals.models import Registration, Transfer

SHOWN = 50


def queue(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """Breaches, orders, extensions, transfers and revocations that wait; `subject` may narrow to one manager's."""
    if not actor.can("deal.decide"):
        return None
    kinds = [rows if not subject else rows.filter(_of(subject, path)) for path, rows in _rows(actor)]
    items = tuple(item for rows in kinds for item in _items(rows))
    late = sum(1 for item in items if item.due_at and item.due_at <= at)
    return Waiting(items, sum(rows.order_by().count() for rows in kinds), late)


def _rows(actor: Actor) -> tuple[tuple[str, QuerySet], ...]:
    return (
        ("registration__", protected.open_breaches(actor)),
        ("", protected.proposed_wins(actor)),
        ("registration__", protected.open_extensions(actor)),
        ("registration__", protected.open_transfers(actor)),
        ("registration__", protected.open_revocations(actor).exclude(requested_by_id=actor.id)),
    )


def _of(manager: Any, path: str) -> Q:
    return Q(**{f"{path}partner__manager_id": manager}) | Q(**{f"{path}partner__backup_id": manager})


def _items(rows: QuerySet) -> Iterator[QueueItem]:
    words = {
        "breach": (_("Breach"), _("Our own team is on it"), "bad"),
        "deal_registration": (_("Order"), _("The partner says it is won"), "good"),
        "extension": (_("Extension"), _("More time is asked for"), "info"),
        "transfer": (_("Transfer"), _("Both partners agreed"), "info"),
        "revocation": (_("Revocation"), _("A second person is needed"), "warn"),
    }
    label, checks, tone = words[rows.model.resource]
    for row in rows[:SHOWN]:
        deal: Registration = getattr(row, "registration", row)
        yield QueueItem(
            kind="protection", kind_label=label, reference=deal.reference, title=deal.account_name,
            partner=deal.partner.name, url=deal.get_protection_url(), due_at=getattr(row, "due_at", None),
            amount=shown.value(deal), checks=checks, tone=tone, owner_id=deal.partner.manager_id,
        )  # fmt: skip


def needs_you(actor: Actor, subject: Any, at: datetime) -> tuple[Pending, ...] | None:
    """Deals that other partners offer."""
    if not actor.is_partner or not actor.can("deal.register"):
        return None
    offers = protected.offered_to(actor)
    return (Pending(offers, lambda: [_offer(one) for one in offers[:5]]),)


def _offer(one: Transfer) -> Need:
    why = _("Another partner wants to hand it to you, with its protection.")
    url = reverse("portal:transfer", args=[one.public_id])
    return Need(_("Take the deal with %s?") % one.account_name, why, url, _("Waiting for you"))
