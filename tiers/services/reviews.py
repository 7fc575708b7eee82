"""Proposed moves to a higher tier: who proposes, who decides, what then holds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import SYSTEM, Actor
from core.calendar import working_days_after
from core.errors import Refused
from core.events import record
from tiers.enums import ReviewStatus
from tiers.models import Assessment, ProgramMembership, Tier, TierReview
from tiers.particulars import Decision
from tiers.queries import gained
from tiers.words import listing
from tiers.workflow import REVIEW

REVIEW_WORKING_DAYS = 5


def propose(membership: ProgramMembership, assessment: Assessment, *, at: datetime) -> TierReview:
    """Puts a move up to the earned tier before a person, or makes it at once where the program says so."""
    review = TierReview.objects.create(  # type: ignore[misc]
        partner_id=membership.partner_id,
        membership=membership,
        from_tier=membership.tier,
        to_tier=membership.earned_tier,
        assessment=assessment,
        proposed_at=at,
        due_at=working_days_after(at, REVIEW_WORKING_DAYS, membership.partner.time_zone),
    )
    moved = {"from": membership.tier.key if membership.tier else None, "to": membership.earned_tier.key}  # type: ignore[union-attr]
    record("proposed", review, by=SYSTEM, at=at, partner_id=membership.partner_id, data=moved)
    if assessment.program_version.definition.get("promotion") == "automatic":
        promote(review, Decision(reason=_("The rules are met.")), by=SYSTEM, at=at)
    return review


def drop(review: TierReview, *, at: datetime) -> None:
    """Ends a proposal whose figures are gone."""
    REVIEW.fire(review, "drop", by=SYSTEM, at=at, decided_at=at)


@transaction.atomic
def promote(review: TierReview, decision: Decision, *, by: Actor, at: datetime) -> TierReview:
    """Moves the partner up at once; the review keeps who decided and why."""
    REVIEW.fire(review, "promote", by=by, at=at, **_decided(decision, by, at), data={"text": decision.reason})
    give_tier(review.membership, review.to_tier, decision.reason, by=by, at=at)
    return review


@transaction.atomic
def defer(review: TierReview, decision: Decision, *, by: Actor, at: datetime) -> TierReview:
    """Not yet: the same move is not proposed again before `until`, or not at all without one."""
    if not decision.reason:
        raise Refused(_("Say why not yet. The partner reads it."), field="reason")
    REVIEW.fire(
        review, "defer", by=by, at=at, deferred_until=decision.until, **_decided(decision, by, at),
        data={"text": decision.reason, "until": decision.until.isoformat() if decision.until else None},
    )  # fmt: skip
    return review


def _decided(decision: Decision, by: Actor, at: datetime) -> dict[str, Any]:
    return {"reason": decision.reason, "decided_at": at, "decided_by_id": by.id if by.kind == "vendor" else None}


def give_tier(membership: ProgramMembership, tier: Tier, reason: str, *, by: Actor, at: datetime) -> None:
    """Puts a membership on a tier from today on. What was agreed under the old tier keeps its terms."""
    before = membership.tier
    values = {"tier": tier, "tier_since": at.date(), "tier_reason": reason[:300]}
    ProgramMembership.objects.filter(pk=membership.pk).update(**values)
    membership.refresh_from_db()
    verb = "tier_given" if before is None else "promoted" if tier.rank > before.rank else "demoted"
    moved = {"tier": [before.key if before else None, tier.key]}
    gains = listing(gained(before, tier))
    record(
        verb, membership, by=by, at=at, partner_id=membership.partner_id,
        data={"changes": moved, "tier_name": tier.name, "text": reason, "gains": gains},
    )  # fmt: skip


def open_reviews(members: Sequence[ProgramMembership]) -> dict[UUID, TierReview]:
    """The open proposals by membership."""
    rows = TierReview.objects.filter(status=ReviewStatus.PROPOSED)
    rows = rows.filter(membership__in=members) if len(members) < 1000 else rows
    return {review.membership_id: review for review in rows}
