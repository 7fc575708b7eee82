"""Brings the reviews of memberships in line with what is earned: who is to move up, whose tier is at risk or lost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from core.actor import SYSTEM
from core.calendar import days_after, working_days_after
from core.events import record_many
from tiers.enums import FALLING, UNDER_REVIEW, OverrideStatus, ReviewStatus
from tiers.models import Assessment, ProgramMembership, Tier, TierOverride, TierReview
from tiers.services.review_decisions import by_itself, drop, recover
from tiers.services.review_forecast import Risk, forecast
from tiers.services.review_standing import give_tier, landing
from tiers.workflow import REVIEW

__all__ = ("REVIEW_WORKING_DAYS", "follow", "give_tier")
REVIEW_WORKING_DAYS = 5


@transaction.atomic
def follow(memberships: QuerySet[ProgramMembership], *, at: datetime) -> set[UUID]:
    """Brings open reviews in line with the figures: none, this one, or another one instead. Whose changed.

    SQL finds those that are out of line, so that all memberships may be given. They are locked, so that who decides
    at the same moment comes before or after, and looked at once more.
    """
    risks = forecast(memberships, at=at)
    found = _out_of_line(memberships, at) | _risks_changed(memberships, set(risks))
    if not found:
        return set()
    list(ProgramMembership.objects.select_for_update().filter(pk__in=found).order_by("pk").values_list("pk"))
    rows = _judged(ProgramMembership.objects.filter(pk__in=found), at)
    members = list(rows.select_related("tier", "earned_tier", "partner"))
    cases = _Cases(members, risks, at)
    changed = {member.pk for member in members if cases.settle(member)}
    cases.open_all()
    return changed


# --- whose review is another one than the figures ask for -----------------------------------------------------------


def _judged(memberships: QuerySet[ProgramMembership], at: datetime) -> QuerySet[ProgramMembership]:
    """With what the figures ask for: `up`, `down`, and what holds them back: `put_off`, `waived`, `held`."""
    own = TierReview.objects.filter(membership=OuterRef("pk"))
    deferred = own.filter(
        status=ReviewStatus.DEFERRED, to_tier=OuterRef("earned_tier"), from_tier=OuterRef("tier")
    ).filter(Q(deferred_until=None) | Q(deferred_until__gt=at.date()))
    waived = own.filter(status=ReviewStatus.WAIVED, from_tier=OuterRef("tier"), waived_until__gte=at.date())
    held = TierOverride.objects.filter(membership=OuterRef("pk"), status=OverrideStatus.ACTIVE)
    lowest = Tier.objects.filter(program=OuterRef("program"), deleted_at=None).order_by("rank").values("rank")[:1]
    reached = Case(When(earned_tier__isnull=True, then=Subquery(lowest)), default=F("earned_tier__rank"))
    return memberships.annotate(
        reached=reached,
        up=Case(When(earned_tier__rank__gt=F("tier__rank"), then=True), default=False),
        down=Case(When(tier__rank__gt=F("reached"), then=Value(True)), default=False),
        put_off=Exists(deferred),
        waived=Exists(waived),
        held=Exists(held),
    )


def _out_of_line(memberships: QuerySet[ProgramMembership], at: datetime) -> set[UUID]:
    """Those whose open review is not what is asked for, risks aside."""
    own = TierReview.objects.filter(membership=OuterRef("pk"))
    proposed, falling = own.filter(status=ReviewStatus.PROPOSED), own.filter(status__in=FALLING)
    rises, falls = Q(up=True, put_off=False, held=False), Q(down=True, waived=False, held=False)
    rises_on, falls_on = (
        proposed.filter(to_tier=OuterRef("earned_tier")),
        falling.filter(to_tier__rank=OuterRef("reached")),
    )
    out = (
        (rises & ~Exists(rises_on))
        | (falls & ~Exists(falls_on))
        | (~rises & Exists(proposed))
        | (~falls & Exists(falling))
    )
    return set(_judged(memberships, at).filter(out).order_by().values_list("pk", flat=True))


def _risks_changed(memberships: QuerySet[ProgramMembership], risks: set[UUID]) -> set[UUID]:
    """Those whose tier came to be at risk, or is no longer."""
    warned = TierReview.objects.filter(status=ReviewStatus.AT_RISK, membership__in=memberships.order_by().values("pk"))
    return risks ^ set(warned.values_list("membership_id", flat=True))


# --- what becomes of it ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Opening:
    """A review that is to begin, by the step that begins it."""

    step: str
    member: ProgramMembership
    to_tier: Tier
    risk: Risk | None = None


class _Cases:
    """The open reviews of some memberships, brought in line one by one; new ones are written together."""

    def __init__(self, members: Sequence[ProgramMembership], risks: Mapping[UUID, Risk], at: datetime) -> None:
        self.risks, self.at = risks, at
        self.openings: list[_Opening] = []
        rows = TierReview.objects.filter(membership__in=[m.pk for m in members], status__in=UNDER_REVIEW)
        self.open = {review.membership_id: review for review in rows.select_related("from_tier", "to_tier")}
        latest = Assessment.objects.filter(membership__in=[m.pk for m in members])
        latest = latest.order_by("membership_id", "-at", "-created_at").distinct("membership_id")
        self.assessments = {one.membership_id: one for one in latest.select_related("program_version")}
        ranked = Tier.objects.filter(program__in={m.program_id for m in members}, deleted_at=None)
        self.tiers = {(tier.program_id, tier.rank): tier for tier in ranked}

    def settle(self, member: ProgramMembership) -> bool:
        """Whether anything was done about this membership."""
        review = self.open.get(member.pk)
        if review:
            review.membership = member
        status, target = self.wanted(member)
        if (
            review
            and status
            and status in _same_case(review)
            and (status == ReviewStatus.AT_RISK or review.to_tier == target)
        ):
            return False
        if review and status == ReviewStatus.BELOW and review.status in (ReviewStatus.AT_RISK, *FALLING):
            return self.deepen(review, target)  # type: ignore[arg-type]
        if review:
            (drop if member.held or review.status == ReviewStatus.PROPOSED else recover)(review, at=self.at)  # type: ignore[attr-defined]
        if status and target:
            risk = self.risks.get(member.pk) if status == ReviewStatus.AT_RISK else None
            self.openings.append(_Opening(_BEGINS[status], member, target, risk))
        return bool(review or status)

    def wanted(self, member: Any) -> tuple[str | None, Tier | None]:
        """The review that the figures ask for, and the tier it leads to."""
        if member.held:
            return None, None
        if member.up and not member.put_off:
            return ReviewStatus.PROPOSED, member.earned_tier
        if member.waived:
            return None, None
        if member.down:
            return ReviewStatus.BELOW, landing(member)
        if risk := self.risks.get(member.pk):
            lowest = min(rank for program, rank in self.tiers if program == member.program_id)
            target = self.tiers.get((member.program_id, lowest if risk.rank is None else risk.rank))
            return (ReviewStatus.AT_RISK, target) if target and target.rank < member.tier.rank else (None, None)
        return None, None

    def deepen(self, review: TierReview, target: Tier) -> bool:
        """The figures have fallen below, or further: the same case goes on, towards another tier."""
        judged = self.assessments.get(review.membership_id) or review.assessment
        values: dict[str, Any] = {"to_tier": target, "assessment": judged}
        if review.status == ReviewStatus.AT_RISK:
            values["due_at"] = _due(review.membership, self.at)
            about = _moved(review.membership, target)
            REVIEW.fire(review, "fall", by=SYSTEM, at=self.at, data=about, **values)
        else:
            TierReview.objects.filter(pk=review.pk).update(**values)
        return True

    def open_all(self) -> None:
        """Writes the new reviews and their events in few statements; those that decide themselves are decided."""
        made = TierReview.objects.bulk_create([self._review(one) for one in self.openings])
        told = [
            (REVIEW.steps[one.step].verb, review, review.partner_id, _moved(one.member, one.to_tier, one.risk))
            for one, review in zip(self.openings, made, strict=True)
        ]
        if told:
            record_many(told, by=SYSTEM, at=self.at)
        for one, review in zip(self.openings, made, strict=True):
            judged = self.assessments.get(one.member.pk)
            if one.step == "propose" and judged and judged.program_version.definition.get("promotion") == "automatic":
                by_itself(review, at=self.at)

    def _review(self, one: _Opening) -> TierReview:
        due = _due(one.member, self.at)
        if one.risk:
            due = days_after(self.at, (one.risk.falls_on - self.at.date()).days - 1, settings.TIME_ZONE)
        return TierReview(
            partner_id=one.member.partner_id,
            membership=one.member,
            from_tier=one.member.tier,
            to_tier=one.to_tier,
            assessment=self.assessments.get(one.member.pk),
            status=REVIEW.steps[one.step].target,
            proposed_at=self.at,
            due_at=due,
            falls_on=one.risk.falls_on if one.risk else None,
            forecast=list(one.risk.explanation) if one.risk else [],
        )


_BEGINS: Mapping[str, str] = {
    ReviewStatus.PROPOSED: "propose",
    ReviewStatus.AT_RISK: "warn",
    ReviewStatus.BELOW: "fall",
}


def _same_case(review: TierReview) -> Iterable[str]:
    """What the figures ask for while this review is the right one."""
    return (ReviewStatus.BELOW,) if review.status in FALLING else (review.status,)


def _due(member: ProgramMembership, at: datetime) -> datetime:
    return working_days_after(at, REVIEW_WORKING_DAYS, member.partner.time_zone)


def _moved(member: ProgramMembership, to: Tier, risk: Risk | None = None) -> dict[str, Any]:
    data = {"from": member.tier.key if member.tier else None, "to": to.key}
    return data | ({"falls_on": risk.falls_on.isoformat()} if risk else {})
