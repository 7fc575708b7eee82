"""What touches have to say on pages over many apps: the work queue."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from core.actor import Actor
from core.queue import QueueItem, Waiting
from deals.enums import TouchStatus
from deals.models import Touch

SHOWN = 100


def queue(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """Claims that our people must put to somebody: without an opportunity, or whose owner has no address."""
    if not actor.can("touch.confirm"):
        return None
    rows = Touch.objects.visible_to(actor).filter(status=TouchStatus.CLAIMED, deleted_at=None)
    rows = rows.filter(Q(opportunity=None) | Q(asked_email=""))
    if subject:
        rows = rows.filter(Q(partner__manager_id=subject) | Q(partner__backup_id=subject))
    counts = rows.aggregate(total=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    found = rows.select_related("partner", "opportunity").order_by("entered_at", "id")[:SHOWN]
    return Waiting(tuple(_item(one) for one in found), counts["total"], counts["late"])


def _item(touch: Touch) -> QueueItem:
    words = _("No owner to ask") if touch.opportunity_id else _("No opportunity yet")
    return QueueItem(
        kind="touches", kind_label=_("Touch"), reference=touch.reference,
        title=str(touch.opportunity or touch.account_name), partner=touch.partner.name, url=touch.get_console_url(),
        due_at=touch.due_at, checks=words, tone="warn", owner_id=touch.partner.manager_id,
    )  # fmt: skip
