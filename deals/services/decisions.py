"""The vendor's answer to a claim."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import SYSTEM, Actor
from core.errors import Refused
from deals import check, rules
from deals.models import Registration
from deals.particulars import Answer, Approval, Question, Rejection
from deals.queries import policy_of, with_standing
from deals.services.conflicts import look_around, open_cases
from deals.services.opening import account_of, open_opportunity
from deals.services.writing import before_and_after, with_keys
from deals.workflow import REGISTRATION


@transaction.atomic
def approve(deal: Registration, approval: Approval = Approval(), *, by: Actor, at: datetime) -> Registration:  # noqa: B008
    """Protects the deal from now on, opens its opportunity and tells under which terms."""
    check.hold(f"protection of {deal.partner_id}")  # the partner's protected deals are counted by one at a time
    REGISTRATION.check(with_standing(deal), "approve", by=by, at=at)
    policy = policy_of(deal)
    until, grace = rules.protection(policy, at, deal.partner.time_zone)
    account = deal.account or account_of(deal, by=by, at=at)
    opportunity = open_opportunity(deal, account, by=by, at=at)
    REGISTRATION.fire(
        deal, "approve", by=by, at=at,
        account=account, opportunity=opportunity, protection_expires_at=until, grace_until=grace, due_at=None,
        terms=_terms(deal, policy), **_decision(by, at, approval.note),
        data={"text": approval.note, "protected_until": until.isoformat(), "amount": str(deal.amount),
              "currency": deal.currency, "opportunity": opportunity.public_id},
    )  # fmt: skip
    return deal


def _decision(by: Actor, at: datetime, reason: str) -> dict[str, Any]:
    person = by.id if by.kind == "vendor" else None
    return {"decided_at": at, "decided_by_id": person, "decided_label": by.label, "decision_reason": reason}


def _terms(deal: Registration, policy: rules.Policy) -> dict[str, Any]:
    tier = deal.membership.tier
    return {
        "program": deal.membership.program.key,
        "tier": tier.key if tier else None,
        "protection_days": policy.protection_days,
        "grace_days": policy.grace_days,
    }


@transaction.atomic
def ask(deal: Registration, question: Question, *, by: Actor, at: datetime) -> Registration:
    """Asks the partner, opens the named fields and stops the vendor's clock."""
    REGISTRATION.fire(
        deal, "ask", by=by, at=at,
        question=question.text, opened_fields=list(question.opened_fields),
        clock_left=deal.due_at - at if deal.due_at else None, due_at=None,
        data={"text": question.text, "opened_fields": list(question.opened_fields)},
    )  # fmt: skip
    return deal


@transaction.atomic
def answer(deal: Registration, reply: Answer, *, by: Actor, at: datetime) -> Registration:
    """The partner's answer: opened fields change, the clock runs on, the priority stays."""
    REGISTRATION.check(deal, "answer", by=by, at=at)
    shut = set(reply.changes) - set(deal.opened_fields)
    if shut:
        raise Refused(_("Only the fields we asked about can change."), code="field_closed", field=min(shut))
    values = with_keys(reply.changes)
    moved = before_and_after(deal, reply.changes)
    due = at + deal.clock_left if deal.clock_left is not None else None
    REGISTRATION.fire(
        deal, "answer", by=by, at=at, **values, due_at=due, clock_left=None, opened_fields=[], question="",
        data={"text": reply.text, "fields": moved},
    )  # fmt: skip
    if {"website", "account_name", "country"} & set(reply.changes):
        findings = look_around(deal, at)
        open_cases(deal, findings)
    REGISTRATION.fire(deal, "take_up", by=SYSTEM, at=at)
    return deal


@transaction.atomic
def reject(deal: Registration, rejection: Rejection, *, by: Actor, at: datetime) -> Registration:
    """Declines with a reason code and words for the partner."""
    REGISTRATION.fire(
        deal, "reject", by=by, at=at,
        rejection_code=rejection.code, due_at=None, **_decision(by, at, rejection.reason),
        data={"text": rejection.reason, "rejection_code": rejection.code},
    )  # fmt: skip
    return deal
