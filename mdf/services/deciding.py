"""The vendor's answer to a request, activity by activity, in steps by amount."""

from datetime import datetime, timedelta
from string import ascii_uppercase, digits
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import ledger, timers
from core.actor import SYSTEM, Actor
from core.calendar import days_after, end_of_local_day
from core.errors import Forbidden, Refused
from core.ids import uuid7
from core.money import Money
from mdf import money, rules
from mdf.enums import ActivityStatus
from mdf.models import Activity, Request, StepTaken
from mdf.particulars import Decision, Ruling, Words
from mdf.services import hands, results
from mdf.services.sums import asked, moved, post, release_legs
from mdf.workflow import REQUEST

PERMISSIONS = {"manager": "mdf.decide_manager", "operations": "mdf.decide_operations", "finance": "mdf.decide_finance"}
_CODE_LETTERS = [sign for sign in digits + ascii_uppercase if sign not in "01ILOU"]  # none looks like another


@transaction.atomic
def ask(request: Request, words: Words, *, by: Actor, at: datetime) -> Request:
    """Asks the partner something; the vendor's clock stops until the answer."""
    left = max(request.due_at - at, timedelta(0)) if request.due_at else None
    REQUEST.fire(
        request, "ask", by=by, at=at, question=words.text, due_at=None, clock_left=left, data={"text": words.text}
    )
    return request


@transaction.atomic
def approve(request: Request, decision: Decision, *, by: Actor, at: datetime) -> Request:
    """This person's yes. The last step's yes reserves the money: of all that was asked, or of a part.

    Raises Forbidden when the step is somebody else's or was asked for by this very person, Overdrawn when the
    partner's funds don't hold that much any more.
    """
    REQUEST.hold(request, "approve", by=by)
    REQUEST.check(request, "approve", by=by, at=at)
    refuse_others(request, by)
    rulings = _sound(request, decision)
    _write_rulings(rulings)
    _sign(request, decision, by=by, at=at)
    if request.steps_done + 1 < len(request.steps):
        return _endorse(request, decision, by=by, at=at)
    return _reserve(request, rulings, decision, by=by, at=at)


def refuse_others(request: Request, by: Actor) -> None:
    """Who asked never decides, nobody takes two steps, and a step is taken by those it names."""
    if request.on_behalf and hands.same(request.created_by_id, by):
        raise Forbidden(_("You wrote this request. Another person decides it."), code="four_eyes_required")
    approver = present_approver(request)
    if not by.can(PERMISSIONS[approver]):
        raise Forbidden(_("This step is somebody else's."), permission=PERMISSIONS[approver])
    taken = [step for step in request.steps_taken.all() if step.round == request.round]
    if any(hands.same(step.decided_by_id, by) for step in taken):
        raise Forbidden(_("You took a step already. Another person takes this one."), code="four_eyes_required")


def present_approver(request: Request) -> str:
    """Whose step it is: manager, operations or finance."""
    return request.steps[request.steps_done] if request.steps_done < len(request.steps) else "manager"


def _sound(request: Request, decision: Decision) -> list[Ruling]:
    """A whole and reasoned ruling about each activity."""
    by_pk = {ruling.activity.pk: ruling for ruling in decision.rulings}
    rulings = [_of(activity, by_pk) for activity in request.activities.order_by("place_in_request")]
    if len(by_pk) != len(rulings) or len(decision.rulings) != len(rulings):
        raise Refused(_("The request has changed. Look at it again."), code="stale_activities")
    if not any(ruling.amount for ruling in rulings):
        raise Refused(_("Nothing is left of the request. Decline it instead."), field="amount")
    return rulings


def _of(activity: Activity, by_pk: dict[Any, Ruling]) -> Ruling:
    ruling = by_pk.get(activity.pk)
    if ruling is None:
        raise Refused(_("Decide about %s, too.") % activity)
    if not 0 <= ruling.amount <= activity.asked_amount:
        raise Refused(_("%s: approve between 0 and what was asked.") % activity, field="amount")
    if ruling.amount < activity.asked_amount and not ruling.reason:
        raise Refused(_("%s: say why not all of it. The partner reads it.") % activity, field="reason")
    if why := rules.verdicts_missing(ruling.verdicts, activity.title):
        raise Refused(why, code="criteria_missing", field="verdicts")
    return ruling


def _write_rulings(rulings: list[Ruling]) -> None:
    for ruling in rulings:
        Activity.objects.filter(pk=ruling.activity.pk).update(
            approved_amount=ruling.amount,
            decision_reason=ruling.reason,
            verdicts={name: dict(verdict) for name, verdict in ruling.verdicts.items()},
            status=ActivityStatus.APPROVED if ruling.amount else ActivityStatus.REJECTED,
        )


def _sign(request: Request, decision: Decision, *, by: Actor, at: datetime) -> None:
    StepTaken.objects.create(
        request=request, partner_id=request.partner_id, round=request.round, step=request.steps_done,
        approver=present_approver(request), decided_by_id=hands.person(by), decided_at=at, note=decision.note,
    )  # fmt: skip


def _endorse(request: Request, decision: Decision, *, by: Actor, at: datetime) -> Request:
    step = request.steps_done + 1
    data = {"text": decision.note, "approver": request.steps[step - 1], "next": request.steps[step]}
    REQUEST.fire(request, "endorse", by=by, at=at, steps_done=step, data=data)
    return request


def _reserve(request: Request, rulings: list[Ruling], decision: Decision, *, by: Actor, at: datetime) -> Request:
    given = sum(ruling.amount for ruling in rulings)
    whole = given == asked(request)
    legs = [leg for ruling in rulings if ruling.amount for leg in _reservation(request, ruling)]
    event = REQUEST.fire(
        request, "approve" if whole else "approve_partly", by=by, at=at,
        **hands.decided(decision.note, by, at), steps_done=len(request.steps), due_at=None, terms=_terms(request),
        accept_by=None if whole else days_after(at, request.fund_terms.accept_days, request.partner.time_zone),
        data={"text": decision.note, "amount": str(given), "asked": str(asked(request)), "currency": request.currency}
        | ledger.told(legs),
    )  # fmt: skip
    _freeze(request, [ruling.activity for ruling in rulings if ruling.amount])
    if request.accept_by:
        timers.put(request, {"run_out": request.accept_by})
    else:
        watch(request)
    ledger.post(event, legs)
    return request


def _reservation(request: Request, ruling: Ruling) -> list[ledger.Leg]:
    assert request.allocation
    return ledger.move(
        money.available(request.allocation), money.reserved(ruling.activity), Money(ruling.amount, request.currency)
    )


def _terms(request: Request) -> dict[str, Any]:
    """Under which terms it was approved: they hold for it even if the program or the tier changes."""
    own = getattr(request.membership.program, "fund_terms", None)
    tier = request.membership.tier
    return {
        "data": own.data if own else {},
        "version": own.version if own else None,
        "tier": tier.key if tier else None,
        "share_percent": str(request.share_percent),
    }


def _freeze(request: Request, activities: list[Activity]) -> None:
    """What must be shown and by when, and the code that leads are counted by."""
    for activity in activities:
        activity.proofs = list(request.fund_terms.proofs_of(activity.activity_type))
        activity.claim_due_on = rules.claim_due_on(request.fund_terms, activity.ends_on)
        activity.tracking_code = activity.tracking_code or _code()
    Activity.objects.bulk_update(activities, ["proofs", "claim_due_on", "tracking_code"])


def _code() -> str:
    number = uuid7().int & (2**50 - 1)
    letters = [_CODE_LETTERS[number // len(_CODE_LETTERS) ** n % len(_CODE_LETTERS)] for n in range(10)]
    return "".join(letters)


def watch(request: Request) -> None:
    """Sets the clocks of what was agreed: its start, its end, and the last day of each claim."""
    zone = request.partner.time_zone
    running = list(request.activities.filter(status=ActivityStatus.APPROVED))
    starts = min(activity.starts_on for activity in running)
    ends = max(activity.ends_on for activity in running)
    timers.put(
        request,
        {
            "start": end_of_local_day(starts - timedelta(days=1), zone),
            "complete": end_of_local_day(ends, zone),
            "run_out": None,
        },
    )
    timers.put_all([(activity, clocks_of(activity, request)) for activity in running])
    results.watch(request)


def clocks_of(activity: Activity, request: Request) -> dict[str, datetime | None]:
    """The reminders before the last day for its claim, and that day's end."""
    zone, due = request.partner.time_zone, activity.claim_due_on
    assert due
    before = {
        f"remind_{days}": end_of_local_day(due - timedelta(days=days + 1), zone)
        for days in request.fund_terms.reminders
    }
    return {**before, "lapse": end_of_local_day(due, zone)}


def needs_nobody(request: Request, at: datetime) -> bool:
    """Whether the program funds all of its activities, small and listed ones, without anybody's yes."""
    terms = request.fund_terms
    asked_for = [terms.needs_approval(a.activity_type, a.asked_amount) for a in request.activities.all()]
    return not any(asked_for) and not rules.not_confirmed(request, at)


def approve_by_rule(request: Request, *, at: datetime) -> Request:
    """The program's yes: the money is reserved at once."""
    terms, activities = request.fund_terms, list(request.activities.order_by("place_in_request"))
    rulings = [Ruling(a, a.asked_amount, _by_rule(a, terms)) for a in activities]
    return approve(request, Decision(rulings, _("The program funds this without asking first.")), by=SYSTEM, at=at)


def _by_rule(activity: Activity, terms: rules.Terms) -> dict[str, dict[str, Any]]:
    """The advice of the criteria as it stands; nobody judged them."""
    planned = rules.Planned(
        activity.target_segment,
        activity.measurement,
        activity.expected_pipeline,
        activity.asked_amount,
        activity.ends_on,
    )
    found = rules.advise(planned, terms)
    return {one.criterion: {"met": one.met is not False, "reason": one.words} for one in found}


@transaction.atomic
def accept(request: Request, *, by: Actor, at: datetime) -> Request:
    """The partner takes the part that was approved; the vendor's people can't take it for it."""
    if by.kind != "system" and not by.partner_ids:
        raise Refused(_("Only the partner itself can accept this."), code="partner_accepts")
    REQUEST.fire(request, "accept", by=by, at=at, accept_by=None)
    watch(request)
    return request


@transaction.atomic
def reject(request: Request, words: Words, *, by: Actor, at: datetime) -> Request:
    """Not like this: the partner may send it again."""
    return _refuse(request, "reject", words, by=by, at=at)


@transaction.atomic
def decline(request: Request, words: Words, *, by: Actor, at: datetime) -> Request:
    """No, for good."""
    return _refuse(request, "decline", words, by=by, at=at)


def _refuse(request: Request, step: str, words: Words, *, by: Actor, at: datetime) -> Request:
    REQUEST.check(request, step, by=by, at=at)
    refuse_others(request, by)
    if not words.text:
        raise Refused(_("Say why. The partner reads it."), field="text")
    REQUEST.fire(
        request, step, by=by, at=at, due_at=None, **hands.decided(words.text, by, at), data={"text": words.text}
    )
    request.activities.update(status=ActivityStatus.ASKED, approved_amount=None)  # a yes of an earlier step is void
    return request


@transaction.atomic
def cancel(request: Request, words: Words, *, by: Actor, at: datetime) -> Request:
    """Calls an agreed request off before anything was paid; what is reserved is free again."""
    REQUEST.hold(request, "cancel", by=by)
    if _owed(request):
        raise Refused(_("Something was approved for payment already. Only what is left can lapse."))
    legs = release_legs(request, at)
    event = REQUEST.fire(request, "cancel", by=by, at=at, data={"text": words.text} | moved(legs))
    request.activities.filter(status=ActivityStatus.APPROVED).update(status=ActivityStatus.RELEASED)
    for activity in request.activities.all():
        timers.stop(activity)
    timers.stop(request)
    post(event, legs)
    return request


def _owed(request: Request) -> bool:
    claims = [pk for activity in request.activities.all() for pk in activity.claims.values_list("pk", flat=True)]
    kinds = (money.CLAIMED, money.ORDERED, money.PAID)
    return any(amount for kind in kinds for amount in money.balances(kind, claims).values())
