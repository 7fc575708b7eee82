"""What tiers have to say on pages over many apps: the queue and the partner's home."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from core.actor import Actor
from core.queue import QueueItem, Waiting
from partners.models import Partner
from tiers import queries, shown
from tiers.enums import BenefitKind, BenefitStatus, MembershipStatus, OverrideStatus, ReviewStatus
from tiers.models import BenefitRequest, ProgramMembership, TierOverride, TierReview
from tiers.progress import Progress, progress

QUEUE_SHOWN = 100


def home_card(actor: Actor, subject: Partner | None, at: datetime) -> Progress | None:
    """The tier card of the portal's home page."""
    if subject is None:
        return None
    membership = queries.standings(actor, at, subject).first()
    return progress(membership, at) if membership else None


# --- the console's queue ----------------------------------------------------------------------------------------------


def queue(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """Reviews that wait for a person; `subject` may narrow to one manager's."""
    if not actor.can("tier.decide"):
        return None
    return _waiting(queries.reviews(actor).filter(queries.to_decide(at)), subject, at, _item)


def exceptions(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """Tiers by decision that wait for a second person: not for the one who asked."""
    if not actor.can("tier.decide"):
        return None
    rows = queries.overrides(actor).filter(status=OverrideStatus.REQUESTED).exclude(requested_by=actor.id)
    return _waiting(rows, None, at, _exception)  # a second person is rarely the partner's own manager


def requests(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """What partners ask for by their tier."""
    if not actor.can("benefit.decide"):
        return None
    return _waiting(queries.requests(actor).filter(status=BenefitStatus.ASKED), subject, at, _request)


def _waiting(rows: QuerySet[Any], subject: Any, at: datetime, item: Any) -> Waiting:
    if subject:
        rows = rows.filter(Q(partner__manager_id=subject) | Q(partner__backup_id=subject))
    counts = rows.order_by().aggregate(total=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    return Waiting(tuple(item(one) for one in rows[:QUEUE_SHOWN]), counts["total"], counts["late"])


def _item(review: TierReview) -> QueueItem:
    known = {"now": review.from_tier.name if review.from_tier else _("no tier"), "later": review.to_tier.name}
    titles = {
        ReviewStatus.PROPOSED: _("From %(now)s to %(later)s"),
        ReviewStatus.BELOW: _("%(now)s is no longer reached"),
        ReviewStatus.NOTICE: _("The notice for %(now)s has run"),
    }  # fmt: skip
    return QueueItem(
        kind="tiers", kind_label=_("Tier change"), reference=review.reference,
        title=titles[review.status] % known, partner=review.partner.name, url=review.get_absolute_url(),  # type: ignore[index]
        due_at=review.due_at, checks=queries.judged(review), tone=shown.TONES.get(review.status, ""),
        owner_id=review.partner.manager_id,
    )  # fmt: skip


def places(actor: Actor, subject: Partner, at: datetime) -> list[tuple[UUID, str]]:
    """In which programs a partner is, and as what: (program, type)."""
    rows = ProgramMembership.objects.visible_to(actor).filter(partner=subject, status=MembershipStatus.ACTIVE)
    return list(rows.filter(deleted_at=None).order_by("starts_on", "pk").values_list("program_id", "partner_type"))


def _exception(override: TierOverride) -> QueueItem:
    return QueueItem(
        kind="tiers", kind_label=_("Tier change"), reference=override.reference,
        title=_("%s by decision") % override.tier, partner=override.partner.name, url=override.get_absolute_url(),
        due_at=override.due_at, checks=_("Needs a second person"), tone="info", owner_id=override.partner.manager_id,
    )  # fmt: skip


def _request(request: BenefitRequest) -> QueueItem:
    text = request.wanted if len(request.wanted) <= 80 else f"{request.wanted[:77]}…"
    return QueueItem(
        kind="benefits", kind_label=_("Question") if request.kind == BenefitKind.QUESTION else _("Benefit"),
        reference=request.reference, title=request.get_kind_display(), partner=request.partner.name,
        url=request.get_console_url(), due_at=request.due_at, checks=text, owner_id=request.partner.manager_id,
    )  # fmt: skip
