"""Proposed moves to a higher tier: who proposes, who decides, what then holds."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
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


@transaction.atomic
def follow(memberships: QuerySet[ProgramMembership], *, at: datetime) -> set[UUID]:
    """Brings open proposals in line with what is earned: none, this one, or another one instead. Whose changed.

    SQL finds those that are out of line, so that all memberships may be given.
    """
    members = list(_out_of_line(memberships, at).select_related("tier", "earned_tier", "partner"))
    reviews = TierReview.objects.filter(membership__in=[m.pk for m in members], status=ReviewStatus.PROPOSED)
    for review in reviews:
        drop(review, at=at)
    for member in members:
        if member.up and not member.put_off:  # type: ignore[attr-defined]
            propose(member, _latest(member), at=at)
    return {member.pk for member in members}


def _out_of_line(memberships: QuerySet[ProgramMembership], at: datetime) -> QuerySet[ProgramMembership]:
    """Those whose proposal is another one than the figures ask for, with `up` and `put_off`."""
    own = TierReview.objects.filter(membership=OuterRef("pk"))
    proposed, deferred = own.filter(status=ReviewStatus.PROPOSED), own.filter(status=ReviewStatus.DEFERRED)
    same = deferred.filter(to_tier=OuterRef("earned_tier"), from_tier=OuterRef("tier"))
    rows = memberships.annotate(
        up=Case(When(earned_tier__rank__gt=F("tier__rank"), then=True), default=False),
        put_off=Exists(same.filter(Q(deferred_until=None) | Q(deferred_until__gt=at.date()))),
    )
    fits = proposed.filter(to_tier=OuterRef("earned_tier"))
    missing = Q(up=True, put_off=False) & ~Exists(proposed)
    return rows.filter(missing | (Exists(proposed) & ~(Q(up=True) & Exists(fits))))


def _latest(member: ProgramMembership) -> Assessment:
    rows = Assessment.objects.filter(membership=member).select_related("program_version")
    return rows.latest("at", "created_at")
