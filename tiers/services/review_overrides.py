"""A tier by decision instead of by figures: one person asks, another one decides; it ends on its day by itself."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core import timers
from core.actor import SYSTEM, Actor
from core.calendar import days_after, working_days_after
from core.errors import Forbidden, IllegalTransition, Refused
from core.events import record
from tiers.enums import STANDING_OVERRIDES, UNDER_REVIEW, MembershipStatus, OverrideStatus
from tiers.models import ProgramMembership, TierOverride, TierReview
from tiers.particulars import OverrideTerms, Words
from tiers.queries import local_day
from tiers.review_rules import wrong_span
from tiers.services.review_decisions import drop
from tiers.services.review_standing import first_moment, give_tier, hold, must_be_another
from tiers.services.reviews import REVIEW_WORKING_DAYS, follow
from tiers.workflow import OVERRIDE


@transaction.atomic
def propose_override(membership: ProgramMembership, terms: OverrideTerms, *, by: Actor, at: datetime) -> TierOverride:
    """One person's proposal; the tier stays as it is until another person confirms it."""
    by.require("tier.decide")
    if by.kind != "vendor":
        raise Forbidden(_("Two people set a tier by hand. A key can't."), code="four_eyes_required")
    _check(membership, terms, at)
    override = TierOverride(
        partner_id=membership.partner_id, membership=membership, tier=terms.tier, reason=terms.reason,
        starts_on=terms.starts_on, until=terms.until, requested_at=at, requested_by_id=by.id,
        due_at=working_days_after(at, REVIEW_WORKING_DAYS, settings.TIME_ZONE),
    )  # fmt: skip
    try:
        with transaction.atomic():
            override.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(_("There is an exception for this partner already. End it first."), code="duplicate") from error
    data = {"tier": terms.tier.key, "text": terms.reason, "until": terms.until.isoformat()}
    record("requested", override, by=by, at=at, data=data)
    return override


def _check(membership: ProgramMembership, terms: OverrideTerms, at: datetime) -> None:
    if membership.status != MembershipStatus.ACTIVE:
        raise IllegalTransition(_("The partner is no longer in this program."))
    if not terms.reason:
        raise Refused(_("Say why. The partner and the second person read it."), field="reason")
    if terms.tier.program_id != membership.program_id:
        raise Refused(_("Choose a tier of the partner's own program."), field="tier")
    if terms.tier.pk == membership.tier_id:
        raise Refused(_("The partner is on %s already. Choose another tier.") % terms.tier, field="tier")
    if why := wrong_span(terms.starts_on, terms.until, local_day(at)):
        raise Refused(why, field="until")
    if TierOverride.objects.filter(membership=membership, status__in=STANDING_OVERRIDES).exists():
        raise Refused(_("There is an exception for this partner already. End it first."), code="duplicate")


@transaction.atomic
def agree_override(override: TierOverride, *, by: Actor, at: datetime) -> TierOverride:
    """The second person's yes. It begins on its first day, at once where that is today."""
    OVERRIDE.check(override, "agree", by=by, at=at)
    must_be_another(
        by, override.requested_by_id, _("Two people set a tier by hand. A key can't."),
        _("You asked for this. Another person confirms it."),
    )  # fmt: skip
    today = local_day(at)
    if override.until < today:
        raise Refused(_("Its last day has gone. Refuse it, and ask for another one."))
    hold(override)
    OVERRIDE.fire(override, "agree", by=by, at=at, decided_at=at, decided_by_id=by.id, data={"text": override.reason})
    if override.starts_on <= today:
        return start(override, at=at)
    timers.put(override, {"start": first_moment(override.starts_on)})
    return override


@transaction.atomic
def refuse_override(override: TierOverride, words: Words, *, by: Actor, at: datetime) -> TierOverride:
    """The tier stays as it is; who asked may take it back the same way."""
    who = by.id if by.kind == "vendor" else None
    OVERRIDE.fire(
        override, "refuse", by=by, at=at, decided_at=at, decided_by_id=who, answer=words.reason,
    )  # fmt: skip
    return override


@transaction.atomic
def start(override: TierOverride, *, at: datetime) -> TierOverride:
    """The first day has come: the tier is given, and the reviews rest until the last one."""
    member = hold(override)
    OVERRIDE.fire(override, "start", by=SYSTEM, at=at, from_tier=member.tier)
    for review in TierReview.objects.filter(membership=member, status__in=UNDER_REVIEW):
        drop(review, at=at)
    give_tier(member, override.tier, override.reason, by=SYSTEM, at=at)
    timers.put(override, {"end": days_after(first_moment(override.until), 0, settings.TIME_ZONE)})
    return override


@transaction.atomic
def end(override: TierOverride, *, at: datetime) -> TierOverride:
    """The last day has gone: back to the tier of before; what the figures then ask for is reviewed as ever."""
    if override.status == OverrideStatus.ACTIVE:
        hold(override)
        OVERRIDE.fire(override, "end", by=SYSTEM, at=at)
        _give_back(override, _("The exception has ended."), by=SYSTEM, at=at)
    return override


@transaction.atomic
def lift_override(override: TierOverride, words: Words, *, by: Actor, at: datetime) -> TierOverride:
    """Ends an exception before its day, with a reason that the partner reads."""
    OVERRIDE.check(override, "lift", by=by, at=at)
    if not words.reason:
        raise Refused(_("Say why. The partner reads it."), field="reason")
    hold(override)
    was_active = override.status == OverrideStatus.ACTIVE
    OVERRIDE.fire(override, "lift", by=by, at=at, answer=words.reason, data={"text": words.reason})
    if was_active:
        _give_back(override, words.reason, by=by, at=at)
    timers.stop(override)
    return override


def _give_back(override: TierOverride, reason: str, *, by: Actor, at: datetime) -> None:
    member = override.membership
    if override.from_tier and member.tier_id != override.from_tier_id:
        give_tier(member, override.from_tier, reason, by=by, at=at)
    follow(ProgramMembership.objects.filter(pk=member.pk, status=MembershipStatus.ACTIVE), at=at)
