"""What a partner asks for because its tier or its type grants it: asked, agreed, done, declined."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.calendar import working_days_after
from core.errors import IllegalTransition, Refused
from core.events import record
from partners.enums import WORKING
from tiers import benefits
from tiers.enums import BenefitKind, MembershipStatus
from tiers.models import BenefitRequest, ProgramMembership
from tiers.particulars import Plan, Wish, Words
from tiers.workflow import BENEFIT

ANSWER_DAYS = 5  # working days for what is no question


@transaction.atomic
def ask_for(membership: ProgramMembership, wish: Wish, *, by: Actor, at: datetime) -> BenefitRequest:
    """Asks for a benefit. Raises Refused with what grants it when the membership doesn't have it."""
    by.require("benefit.request")
    if membership.status != MembershipStatus.ACTIVE or membership.partner.status not in WORKING:
        raise IllegalTransition(_("The partner doesn't work in this program now."))
    if why := why_not(membership, wish.kind, at=at):
        raise Refused(why, code="not_granted")
    if not wish.wanted:
        raise Refused(_("Say what you want."), field="wanted")
    request = BenefitRequest.objects.create(
        partner_id=membership.partner_id, membership=membership, kind=wish.kind, wanted=wish.wanted, asked_at=at,
        asked_by_id=by.id if by.kind in ("partner", "vendor") else None, due_at=_due(membership, wish.kind, at),
        owner_id=membership.partner.manager_id,
    )  # fmt: skip
    data = {"kind": request.kind, "text": request.wanted, "due_at": request.due_at.isoformat()}
    record("asked", request, by=by, at=at, partner_id=request.partner_id, data=data)
    return request


def why_not(membership: ProgramMembership, kind: str, *, at: datetime) -> str | None:
    """Why this can't be asked for; everybody may ask a question, the rest has to be granted."""
    if kind == BenefitKind.QUESTION:
        return benefits.refusal(membership, "portal", at=at)
    granting = benefits.Granting.of([membership], at)
    return None if kind in granting.grants(membership) else granting.why_not(membership, kind)


def _due(membership: ProgramMembership, kind: str, at: datetime) -> datetime:
    if kind == BenefitKind.QUESTION:
        return benefits.question_due(membership, at=at)
    return working_days_after(at, ANSWER_DAYS, membership.partner.time_zone)


@transaction.atomic
def agree_to(request: BenefitRequest, plan: Plan, *, by: Actor, at: datetime) -> BenefitRequest:
    """The vendor's yes, with who looks after it and what happens when."""
    request.not_granted = why_not(request.membership, request.kind, at=at)  # type: ignore[attr-defined]
    BENEFIT.check(request, "agree", by=by, at=at)
    if request.kind == BenefitKind.QUESTION:
        raise Refused(_("Answer the question instead."), code="rule")
    _complete(request, plan)
    values: dict[str, Any] = {"outcome": plan.outcome, "sponsor": plan.sponsor, "next_on": plan.next_on}
    if plan.owner:
        values["owner"] = plan.owner
    next_on = plan.next_on.isoformat() if plan.next_on else None
    data = {"kind": request.kind, "text": plan.outcome, "next_on": next_on}
    BENEFIT.fire(request, "agree", by=by, at=at, answered_at=at, data=data, **values)
    return request


def _complete(request: BenefitRequest, plan: Plan) -> None:
    """Raises Refused for what an agreement of this kind has to name."""
    if not plan.outcome:
        raise Refused(_("Say what you agree to. The partner reads it."), field="outcome")
    if request.kind == BenefitKind.EXECUTIVE_ACCESS and not plan.sponsor:
        raise Refused(_("Name the executive who sponsors the partner."), field="sponsor")
    if request.kind in (BenefitKind.EXECUTIVE_ACCESS, BenefitKind.CO_DEVELOPMENT) and not plan.next_on:
        raise Refused(_("Name the day of the meeting or of the next step."), field="next_on")


@transaction.atomic
def decline_request(request: BenefitRequest, words: Words, *, by: Actor, at: datetime) -> BenefitRequest:
    """Not this time; the partner reads why."""
    BENEFIT.check(request, "decline", by=by, at=at)
    if not words.reason:
        raise Refused(_("Say why not. The partner reads it."), field="reason")
    BENEFIT.fire(request, "decline", by=by, at=at, answered_at=at, outcome=words.reason, data={"text": words.reason})
    return request


@transaction.atomic
def finish_request(request: BenefitRequest, words: Words, *, by: Actor, at: datetime) -> BenefitRequest:
    """What came of it; the answer to a question."""
    BENEFIT.check(request, "finish", by=by, at=at)
    if not words.reason:
        raise Refused(_("Say what came of it. The partner reads it."), field="reason")
    first = {} if request.answered_at else {"answered_at": at}
    BENEFIT.fire(request, "finish", by=by, at=at, outcome=words.reason, data={"text": words.reason}, **first)
    return request


@transaction.atomic
def withdraw_request(request: BenefitRequest, *, by: Actor, at: datetime) -> BenefitRequest:
    """The partner no longer wants it."""
    BENEFIT.fire(request, "withdraw", by=by, at=at)
    return request
