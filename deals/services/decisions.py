"""The vendor's answer to a claim."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import SYSTEM, Actor
from core.errors import Forbidden, Refused
from core.scope import elevated
from deals import check, models, rules
from deals.enums import Status
from deals.models import Registration
from deals.particulars import Answer, Approval, Question, Reason, Rejection
from deals.services import answering
from deals.services.conflicts import look_around, open_cases
from deals.services.opening import account_of, assign_owner, open_opportunity
from deals.services.winding import wind
from deals.services.writing import before_and_after, with_keys
from deals.standing import not_readers_step, policy_of, took_a_step, with_standing
from deals.workflow import REGISTRATION

# --- yes


@transaction.atomic
def approve(deal: Registration, approval: Approval = Approval(), *, by: Actor, at: datetime) -> Registration:  # noqa: B008
    """This person's yes: to the present step while others follow; the last one protects the deal.

    Raises Forbidden when the step is somebody else's, or was preceded by one of this same person.
    """
    check.hold(f"protection of {deal.partner_id}")  # the partner's protected deals are counted by one at a time
    _refuse_others(deal, by)
    with_standing(deal, by)
    if not rules.is_last_step(deal):
        return _endorse(deal, approval, by=by, at=at)
    with elevated():  # whom it collides with, and whose opportunity it joins, may be another's to see
        return _protect(deal, approval, by=by, at=at)


def _refuse_others(deal: Registration, by: Actor) -> None:
    """In review, a step is taken by those it names alone."""
    by.require("deal.approve")
    if by.kind == "system" or deal.status != Status.IN_REVIEW:
        return
    why = not_readers_step(deal, by)
    if why:
        raise Forbidden(why, code="four_eyes_required" if took_a_step(deal, by) else "permission_denied")


def _endorse(deal: Registration, approval: Approval, *, by: Actor, at: datetime) -> Registration:
    step, approver = deal.steps_done, rules.present_approver(deal)
    following = rules.steps_of(deal)[step + 1]["approver"]
    REGISTRATION.fire(
        deal, "endorse", by=by, at=at, steps_done=step + 1,
        data={"text": approval.note, "approver": approver, "next": following},
    )  # fmt: skip
    _sign(deal, (step, approver), approval, by=by, at=at)
    return deal


def _sign(deal: Registration, step: tuple[int, str], approval: Approval, *, by: Actor, at: datetime) -> None:
    person = by.id if by.kind == "vendor" else None
    models.Approval.objects.create(
        partner_id=deal.partner_id, registration=deal, step=step[0], approver=step[1], decided_at=at,
        decided_by_id=person, note=approval.note,
    )  # fmt: skip


def _protect(deal: Registration, approval: Approval, *, by: Actor, at: datetime) -> Registration:
    """The last yes: protects the deal, opens its opportunity and tells under which terms."""
    REGISTRATION.check(deal, "approve", by=by, at=at)
    step = deal.steps_done, rules.present_approver(deal)
    account = deal.account or account_of(deal, by=by, at=at)
    opportunity = deal.opportunity or open_opportunity(deal, account, by=by, at=at)
    if approval.owner_email:
        assign_owner(opportunity, approval.owner_email, by=by, at=at)
    start = _start(deal, at)
    until, grace = _span(deal, start)
    REGISTRATION.fire(
        deal, "approve", by=by, at=at,
        account=account, opportunity=opportunity, protection_expires_at=until, grace_until=grace, due_at=None,
        steps_done=len(rules.steps_of(deal)), terms=_terms(deal, start), **_decision(by, at, approval.note),
        data={"text": approval.note, "protected_until": until.isoformat(), "amount": _text(deal.amount),
              "currency": deal.currency, "opportunity": opportunity.public_id, "by_rule": by.kind == "system"},
    )  # fmt: skip
    if by.kind != "system":
        _sign(deal, step, approval, by=by, at=at)
    answering.watch(deal)
    wind(deal, at)
    return deal


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _start(deal: Registration, at: datetime) -> datetime:
    """Where the protection's clock starts; a deal that was reviewed again keeps its first start."""
    assert deal.standing
    first = deal.terms.get("protection_started_at")
    return datetime.fromisoformat(first) if first else rules.protection_start(deal, deal.standing, at)


def _span(deal: Registration, start: datetime) -> tuple[datetime, datetime]:
    """(end, end of grace); what was promised once doesn't get shorter."""
    end, grace = rules.protection(policy_of(deal), start, deal.partner.time_zone, deal.amount)
    if deal.protection_expires_at and deal.grace_until and deal.protection_expires_at > end:
        return deal.protection_expires_at, deal.grace_until
    return end, grace


def _decision(by: Actor, at: datetime, reason: str) -> dict[str, Any]:
    person = by.id if by.kind == "vendor" else None
    return {"decided_at": at, "decided_by_id": person, "decided_label": by.label, "decision_reason": reason}


def _terms(deal: Registration, start: datetime) -> dict[str, Any]:
    """Under which terms it was approved: they hold for this deal even if the program or the tier changes."""
    policy, tier = policy_of(deal), deal.membership.tier
    band = policy.band(deal.quantity)
    terms = {
        "program": deal.membership.program.key,
        "program_version": deal.membership.program.version,
        "tier": tier.key if tier else None,
        "margin_percent": str(tier.discount_percent) if tier and tier.discount_percent else None,
        "protection_days": policy.days_for(deal.amount),
        "protection_starts": policy.protection_starts,
        "protection_started_at": start.isoformat(),
        "grace_days": policy.grace_days,
        "scope": policy.scope,
        "gives": [*policy.gives, *([band.gives] if band else [])],
    }
    assert deal.standing
    if deal.standing.others_protected and policy.second_registrant == "share":
        terms["share_of_first_discount_percent"] = policy.second_share_percent
    return terms


@transaction.atomic
def approve_by_rule(deal: Registration, *, at: datetime) -> Registration:
    """Approves at once what the program's rule covers and nothing bars; else it waits for a person."""
    if deal.status != Status.IN_REVIEW or not rules.approves_itself(policy_of(deal), deal):
        return deal
    with elevated():
        check.hold(f"protection of {deal.partner_id}")
        if REGISTRATION.refusal(with_standing(deal), "approve", by=SYSTEM, at=at) is None:
            _protect(deal, Approval(), by=SYSTEM, at=at)
    return deal


# --- not yet


@transaction.atomic
def ask(deal: Registration, question: Question, *, by: Actor, at: datetime) -> Registration:
    """Asks the partner, opens the named fields and stops the vendor's clock."""
    REGISTRATION.fire(
        deal, "ask", by=by, at=at,
        question=question.text, opened_fields=list(question.opened_fields), **answering.stopped(deal, at),
        data={"text": question.text, "opened_fields": list(question.opened_fields)},
    )  # fmt: skip
    answering.watch(deal)
    return deal


@transaction.atomic
def answer(deal: Registration, reply: Answer, *, by: Actor, at: datetime) -> Registration:
    """The partner's answer: opened fields change, the clock runs on, the priority stays."""
    REGISTRATION.check(deal, "answer", by=by, at=at)
    shut = set(reply.changes) - set(deal.opened_fields)
    if shut:
        raise Refused(_("Only the fields we asked about can change."), code="field_closed", field=min(shut))
    values, moved = _answered(deal, reply)
    REGISTRATION.fire(
        deal, "answer", by=by, at=at, **values, **answering.resumed(deal, at), opened_fields=[], question="",
        data={"text": reply.text, "fields": moved},
    )  # fmt: skip
    if {"website", "account_name", "country"} & set(reply.changes):
        open_cases(deal, look_around(deal, at))
    REGISTRATION.fire(deal, "take_up", by=SYSTEM, at=at, **renewed_steps(deal))
    answering.watch(deal)
    return approve_by_rule(deal, at=at)


def _answered(deal: Registration, reply: Answer) -> tuple[dict[str, Any], dict[str, Any]]:
    """(columns, what changed): answers to the program's own questions go to their place in `extra`."""
    own = {name.removeprefix("cf_"): value for name, value in reply.changes.items() if name.startswith("cf_")}
    values = with_keys({name: value for name, value in reply.changes.items() if not name.startswith("cf_")})
    moved = before_and_after(deal, {name: value for name, value in values.items() if name in reply.changes})
    if own:
        refuse_misfits(deal, deal.extra | own)
        values["extra"] = deal.extra | own
        moved |= {f"cf_{key}": [deal.extra.get(key), value] for key, value in own.items()}
    return values, moved


def refuse_misfits(deal: Registration, extra: dict[str, Any]) -> None:
    """Raises Refused when an answer doesn't fit the program's question."""
    wrong = rules.misfit(policy_of(deal), deal.motion, extra)
    if wrong:
        raise Refused(wrong[1], field=f"cf_{wrong[0]}")


def renewed_steps(deal: Registration) -> dict[str, Any]:
    """The columns of the approval's steps as the registration stands now; other steps begin from the first."""
    steps = rules.steps_for(policy_of(deal), deal)
    if list(rules.steps_of(deal)) == steps:
        return {"steps": steps}
    return {"steps": steps} | _from_the_first(deal)


def _from_the_first(deal: Registration) -> dict[str, Any]:
    deal.approvals.all().delete()  # the events remember who said yes
    return {"steps_done": 0}


@transaction.atomic
def research(deal: Registration, reason: Reason, *, by: Actor, at: datetime) -> Registration:
    """Takes more time, once: the clock gets the program's days, and the partner is told why."""
    with_standing(deal, by)
    due = rules.research_due(policy_of(deal), deal.due_at or at, deal.partner.time_zone)
    data = {"text": reason.text, "due_at": due.isoformat()}
    REGISTRATION.fire(deal, "research", by=by, at=at, due_at=due, data=data)
    answering.watch(deal)
    return deal


# --- no


@transaction.atomic
def reject(deal: Registration, rejection: Rejection, *, by: Actor, at: datetime) -> Registration:
    """Declines with a reason code and words for the partner; managers always, others at their step.

    Raises Forbidden when the present step is somebody else's.
    """
    if not by.can("deal.decide"):
        _refuse_others(deal, by)
    REGISTRATION.fire(
        deal, "reject", by=by, at=at,
        rejection_code=rejection.code, due_at=None, clock_left=None, queued_behind=None,
        appeal_until=rules.appeal_ends(at, deal.partner.time_zone), **_decision(by, at, rejection.reason),
        data={"text": rejection.reason, "rejection_code": rejection.code},
    )  # fmt: skip
    answering.watch(deal)
    wind(deal, at)
    return deal


# --- again


@transaction.atomic
def review_again(deal: Registration, reasons: Sequence[str], *, by: Actor, at: datetime) -> Registration:
    """A protected deal has become another one (value, close date): it is reviewed anew, every step from the first.

    It stays in its place meanwhile, and keeps the days that were promised.
    """
    data = {"text": " ".join(reasons), "reported_by": by.label}
    columns = {"steps": rules.steps_for(policy_of(deal), deal)} | _from_the_first(deal) | answering.fresh(deal, at)
    REGISTRATION.fire(deal, "review_again", by=SYSTEM, at=at, **columns, data=data)
    answering.watch(deal)
    wind(deal, at)
    return deal
