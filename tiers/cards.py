"""What tiers have to say on pages over many apps: the queue and the partner's home."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from core.actor import Actor
from core.queue import QueueItem, Waiting
from partners.models import Partner
from tiers import queries
from tiers.enums import MembershipStatus
from tiers.models import ProgramMembership, TierReview

QUEUE_SHOWN = 100


def home_card(actor: Actor, subject: Partner | None, at: datetime) -> queries.Progress | None:
    """The tier card of the portal's home page."""
    if subject is None:
        return None
    membership = queries.memberships(actor, subject).first()
    return queries.progress(membership, at) if membership else None


def queue(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """Proposed moves up, the oldest promise first; `subject` may narrow to one manager's."""
    if not actor.can("tier.decide"):
        return None
    rows = queries.reviews(actor)
    if subject:
        rows = rows.filter(Q(partner__manager_id=subject) | Q(partner__backup_id=subject))
    counts = rows.order_by().aggregate(total=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    return Waiting(tuple(_item(review) for review in rows[:QUEUE_SHOWN]), counts["total"], counts["late"])


def _item(review: TierReview) -> QueueItem:
    judged = review.assessment
    checks = queries.arithmetic(judged, review.to_tier.rank) if judged else ""
    known = {"now": review.from_tier.name if review.from_tier else _("no tier"), "later": review.to_tier.name}
    return QueueItem(
        kind="tiers", kind_label=_("Tier change"), reference=review.reference,
        title=_("From %(now)s to %(later)s") % known, partner=review.partner.name, url=review.get_absolute_url(),
        due_at=review.due_at, checks=checks, tone="good",
        owner_id=review.partner.manager_id,
    )  # fmt: skip


def places(actor: Actor, subject: Partner, at: datetime) -> list[tuple[UUID, str]]:
    """In which programs a partner is, and as what: (program, type)."""
    rows = ProgramMembership.objects.visible_to(actor).filter(partner=subject, status=MembershipStatus.ACTIVE)
    return list(rows.filter(deleted_at=None).order_by("starts_on", "pk").values_list("program_id", "partner_type"))
