"""What a program's rules have to say in the console's queue: drafts that wait for a second person."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from core.actor import Actor
from core.queue import QueueItem, Waiting
from tiers.enums import VersionStatus
from tiers.models import ProgramVersion


def queue(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """Rules to publish, for those who may and did not write them; they belong to no manager."""
    if not actor.can("program.publish"):
        return None
    rows = ProgramVersion.objects.visible_to(actor).filter(status=VersionStatus.REQUESTED)
    rows = rows.exclude(editors__contains=[str(actor.id)]).select_related("program").order_by("due_at", "id")
    counts = rows.order_by().aggregate(total=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    return Waiting(tuple(_item(one) for one in rows[:100]), counts["total"], counts["late"])


def _item(one: ProgramVersion) -> QueueItem:
    return QueueItem(
        kind="program", kind_label=_("Program rules"), reference=one.reference, title=one.reason or _("Other rules"),
        partner=one.program.name, url=one.get_console_url(), due_at=one.due_at,
        checks=_("A second person publishes it"), tone="info",
    )  # fmt: skip
