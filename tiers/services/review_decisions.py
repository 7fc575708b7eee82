"""What becomes of a review: moved up or not yet; notice, waiver, move down; and what ends by itself."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core import timers
from core.actor import SYSTEM, Actor
from core.calendar import days_after
from core.errors import Refused, Stale
from core.events import record
from tiers.enums import ReviewStatus
from tiers.models import ProgramMembership, ProgramVersion, TierReview
from tiers.particulars import Decision, Demotion, Waiver, Words
from tiers.queries import local_day
from tiers.review_rules import REMIND_DAYS, no_effective_day, notice_days, wrong_span
from tiers.services.review_standing import first_moment, give_tier, hold, landing, must_be_another
from tiers.windows import falls_out_on
from tiers.workflow import REVIEW

# --- up


@transaction.atomic
def promote(review: TierReview, decision: Decision, *, by: Actor, at: datetime) -> TierReview:
    """Moves the partner up at once; the review keeps who decided and why."""
    member = hold(review)
    REVIEW.fire(review, "promote", by=by, at=at, **_decided(decision.reason, by, at), data={"text": decision.reason})
    give_tier(member, review.to_tier, decision.reason, by=by, at=at)
    return review


def promote_all(reviews: Iterable[TierReview], *, by: Actor, at: datetime) -> tuple[list[str], list[str]]:
    """Moves several partners up, each by itself: the names of those who moved, and a sentence for each who did not."""
    done, left = [], []
    for review in reviews:
        try:
            promote(review, Decision(reason=""), by=by, at=at)
            done.append(review.partner.name)
        except (Refused, Stale) as refusal:
            left.append(f"{review.partner.name}: {refusal.reason}")
    return done, left


def by_itself(review: TierReview, *, at: datetime) -> None:
    """A move up where the program leaves it to the rules."""
    promote(review, Decision(reason=_("The rules are met.")), by=SYSTEM, at=at)


@transaction.atomic
def defer(review: TierReview, decision: Decision, *, by: Actor, at: datetime) -> TierReview:
    """Not yet: the same move is not proposed again before `until`, or not at all without one."""
    if not decision.reason:
        raise Refused(_("Say why not yet. The partner reads it."), field="reason")
    hold(review)
    REVIEW.fire(
        review, "defer", by=by, at=at, deferred_until=decision.until, **_decided(decision.reason, by, at),
        data={"text": decision.reason, "until": decision.until.isoformat() if decision.until else None},
    )  # fmt: skip
    if decision.until:
        timers.put(review, {"look_again": first_moment(decision.until)})
    return review


# --- down


@transaction.atomic
def give_notice(review: TierReview, words: Words, *, by: Actor, at: datetime) -> TierReview:
    """Tells the partner that its tier ends unless the figures reach it again. The rules say how long a notice runs."""
    hold(review)
    ends = days_after(at, notice_days(_definition(review, at)), settings.TIME_ZONE)
    REVIEW.fire(
        review, "give_notice", by=by, at=at, noticed_at=at, noticed_by_id=_person(by), notice_ends_at=ends, due_at=ends,
        reason=words.reason, data={"text": words.reason, "notice_ends_at": ends.isoformat()},
    )  # fmt: skip
    remind = days_after(ends, -REMIND_DAYS - 1, settings.TIME_ZONE)
    timers.put(review, {"notice_end": ends, "remind": remind if remind > at else None})
    return review


def _definition(review: TierReview, at: datetime) -> dict[str, Any]:
    rows = ProgramVersion.objects.filter(program=review.membership.program_id, effective_from__lte=local_day(at))
    version = rows.order_by("number").last()
    return version.definition if version else {}


@transaction.atomic
def waive(review: TierReview, waiver: Waiver, *, by: Actor, at: datetime) -> TierReview:
    """The partner keeps its tier until a day, although the figures no longer reach it."""
    if not waiver.reason:
        raise Refused(_("Say why the tier is kept. The partner reads it."), field="reason")
    today = local_day(at)
    if why := wrong_span(today, waiver.until, today):
        raise Refused(why, field="until")
    hold(review)
    REVIEW.fire(
        review, "waive", by=by, at=at, waived_until=waiver.until, **_decided(waiver.reason, by, at),
        data={"text": waiver.reason, "until": waiver.until.isoformat()},
    )  # fmt: skip
    timers.stop(review)
    timers.put(review, {"look_again": days_after(first_moment(waiver.until), 0, settings.TIME_ZONE)})
    return review


@transaction.atomic
def demote(review: TierReview, demotion: Demotion, *, by: Actor, at: datetime) -> TierReview:
    """A person's decision after the notice, another person than the one who gave it. The benefits end on its day."""
    REVIEW.check(review, "demote", by=by, at=at)
    must_be_another(
        by, review.noticed_by_id, _("A person decides about a move down. A key can't."),
        _("You gave the notice. Another person decides about the move down."),
    )  # fmt: skip
    if not demotion.reason:
        raise Refused(_("Say why. The partner reads it."), field="reason")
    today = local_day(at)
    day = demotion.effective_on or today
    if why := no_effective_day(day, today):
        raise Refused(why, field="effective_on")
    hold(review)
    effective = at if day == today else first_moment(day)
    REVIEW.fire(
        review, "demote", by=by, at=at, effective_at=effective, due_at=effective,
        **_decided(demotion.reason, by, at), data={"text": demotion.reason, "effective_on": day.isoformat()},
    )  # fmt: skip
    timers.stop(review)
    if effective <= at:
        return take_effect(review, at=at)
    timers.put(review, {"take_effect": effective})
    return review


@transaction.atomic
def take_effect(review: TierReview, *, at: datetime) -> TierReview:
    """The day of the move down has come: the partner stands where the figures put it now."""
    member = hold(review)
    to = landing(member)
    REVIEW.fire(review, "take_effect", by=SYSTEM, at=at, to_tier=to, data={"to": to.key})
    give_tier(member, to, review.reason, by=SYSTEM, at=at)
    return review


# --- what ends by itself, and what a timer tells


def recover(review: TierReview, *, at: datetime) -> None:
    """The figures reach the tier again: nothing is at stake any more."""
    REVIEW.fire(review, "recover", by=SYSTEM, at=at)
    timers.stop(review)


def drop(review: TierReview, *, at: datetime) -> None:
    """Ends a review that the figures, or a decision of two people, have overtaken."""
    REVIEW.fire(review, "drop", by=SYSTEM, at=at)
    timers.stop(review)


def remind(review: TierReview, *, at: datetime) -> None:
    """Tells the partner once more that its notice runs out."""
    if review.status == ReviewStatus.NOTICE:
        record("reminded", review, by=SYSTEM, at=at, partner_id=review.partner_id)


def notice_over(review: TierReview, *, at: datetime) -> None:
    """Tells the vendor that a person has to decide now."""
    if review.status == ReviewStatus.NOTICE:
        record("notice_ended", review, by=SYSTEM, at=at, partner_id=review.partner_id)


# --- the yearly look


def plan_review(membership: ProgramMembership) -> None:
    """Sets the timer of the next review to its day; without a day there is none."""
    day = membership.next_review_on
    timers.put(membership, {"next_review": first_moment(day) if day else None})


@transaction.atomic
def review_due(membership: ProgramMembership, *, at: datetime) -> None:
    """The day of the review has come: the channel manager is told, and the next one is a year later."""
    day = membership.next_review_on
    if day is None or day > local_day(at):
        return
    rows = ProgramMembership.objects.filter(pk=membership.pk, next_review_on=day)
    rows.update(next_review_on=falls_out_on(local_day(at)))
    membership.refresh_from_db()
    plan_review(membership)
    record("review_due", membership, by=SYSTEM, at=at, partner_id=membership.partner_id)


def _decided(reason: str, by: Actor, at: datetime) -> dict[str, Any]:
    return {"reason": reason, "decided_at": at, "decided_by_id": _person(by)}


def _person(by: Actor) -> Any:
    return by.id if by.kind == "vendor" else None
