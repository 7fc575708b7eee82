"""The partner's side of a request: written, sent, answered, taken back, changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core import timers
from core.actor import SYSTEM, Actor
from core.errors import Refused, Stale
from core.events import record
from core.money import round_money
from core.scope import across
from mdf import money, rules
from mdf.enums import ActivityStatus, RequestStatus
from mdf.models import Activity, Allocation, BudgetLine, Request
from mdf.particulars import ActivityPlan, Plan, Words
from mdf.services import entitled, hands, holding
from mdf.services.deciding import approve_by_rule, needs_nobody
from mdf.services.sums import agreed_beside, asked, moved, post, release_legs
from mdf.workflow import REQUEST
from tiers.models import ProgramMembership

MOST_ACTIVITIES, MOST_LINES = 10, 30


@transaction.atomic
def draft(plan: Plan, *, by: Actor, at: datetime, pk: UUID | None = None) -> Request:
    """A new request, not sent yet. What the vendor's people write on behalf of a partner is marked as such."""
    by.require("mdf.request")
    refuse_plan(plan)
    holding.refuse_taken(Request, pk)
    membership = plan.membership
    request = Request.objects.create(
        **({"pk": pk} if pk else {}),
        partner_id=membership.partner_id, membership=membership, allocation=plan.allocation, title=plan.title,
        currency=_currency(plan), late_reason=plan.late_reason, created_by_id=hands.person(by),
        on_behalf=not by.partner_ids, typed=dict(plan.typed),
    )  # fmt: skip
    _write_activities(request, plan.activities)
    record("drafted", request, by=by, at=at, partner_id=request.partner_id)
    return request


@transaction.atomic
def write(request: Request, plan: Plan, *, by: Actor, at: datetime) -> Request:
    """Writes a draft, or a declined request before it is sent again, anew. Raises Stale when somebody was faster."""
    by.require("mdf.request")
    if request.status not in (RequestStatus.DRAFT, RequestStatus.REJECTED, RequestStatus.ACTION_REQUIRED):
        raise Refused(_("What was sent can't be changed. Withdraw it, or wait for our answer."), code="not_open")
    refuse_plan(plan, request)
    values = {
        "title": plan.title,
        "allocation": plan.allocation,
        "late_reason": plan.late_reason,
        "currency": _currency(plan),
        "typed": dict(plan.typed),
    }
    if Request.objects.filter(pk=request.pk, version=request.version, status=request.status).update(**values) != 1:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    request.refresh_from_db()
    _write_activities(request, plan.activities)
    record("written", request, by=by, at=at, partner_id=request.partner_id)
    return request


def refuse_plan(plan: Plan, request: Request | None = None) -> None:
    """Raises Refused where a plan does not fit together, or names funds that are not for it."""
    partner_id = request.partner_id if request else plan.membership.partner_id
    if plan.allocation is not None and plan.allocation.partner_id != partner_id:
        raise Refused(_("Choose funds of this partner."), field="allocation")
    if plan.allocation is not None and not _of_program(plan.allocation, plan.membership):
        raise Refused(_("These funds are for another program. Choose others."), field="allocation")
    if len(plan.activities) > MOST_ACTIVITIES:
        raise Refused(_("A request holds %d activities at most. Send a second one.") % MOST_ACTIVITIES)
    for activity in plan.activities:
        _refuse_activity(activity)


def _of_program(allocation: Allocation, membership: ProgramMembership) -> bool:
    """Whether the funds come from a budget of the program under whose terms it is asked; partners see no budgets."""
    with across():
        return Allocation.objects.filter(pk=allocation.pk, budget__program_id=membership.program_id).exists()


def _refuse_activity(plan: ActivityPlan) -> None:
    if plan.ends_on < plan.starts_on:
        raise Refused(_("%s ends before it starts. Correct one of the days.") % plan.title, field="ends_on")
    if plan.total_cost <= 0 or plan.asked_amount <= 0:
        raise Refused(_("Enter amounts above 0 for %s.") % plan.title, field="asked_amount")
    if plan.asked_amount > plan.total_cost:
        raise Refused(_("You can't ask for more than %s costs.") % plan.title, field="asked_amount")
    if len(plan.lines) > MOST_LINES:
        raise Refused(_("%(what)s: %(n)d lines at most.") % {"what": plan.title, "n": MOST_LINES}, field="lines")
    if plan.lines and sum(line.cost for line in plan.lines) != plan.total_cost:
        raise Refused(_("The lines of %s don't sum up to its cost.") % plan.title, field="total_cost")


def _currency(plan: Plan) -> str:
    return plan.allocation.currency if plan.allocation else plan.membership.program.currency


def _write_activities(request: Request, plans: Sequence[ActivityPlan]) -> None:
    """The whole list anew: nothing that was typed is dropped, nothing that was removed stays."""
    request.activities.all().delete()
    rows = [
        Activity(
            request=request, partner_id=request.partner_id, place_in_request=place, currency=request.currency,
            **plan.values(),
        )
        for place, plan in enumerate(plans)
    ]  # fmt: skip
    Activity.objects.bulk_create(rows)
    BudgetLine.objects.bulk_create(
        BudgetLine(activity=row, partner_id=request.partner_id, place=n, label=line.label, cost=line.cost)
        for row, plan in zip(rows, plans, strict=True)
        for n, line in enumerate(plan.lines)
    )


@transaction.atomic
def submit(request: Request, *, by: Actor, at: datetime) -> Request:
    """Sends a request. Asks for no more than our share and what is free; fixes who decides and by when."""
    REQUEST.check(request, "submit", by=by, at=at)
    entitled.require(request.membership, at=at)
    refuse_sums(request)
    REQUEST.fire(request, "submit", by=by, at=at, submitted_at=at, decision_reason="", typed={}, data=_sums(request))
    return take_up(request, at=at)


def take_up(request: Request, *, at: datetime) -> Request:
    """In review from now on: the clock runs, the steps are those that its amount asks for."""
    alone = needs_nobody(request, at)
    steps = ["manager"] if alone else list(request.fund_terms.steps_for(asked(request) + agreed_beside(request)))
    fresh: dict[str, Any] = {"steps": steps, "steps_done": 0, "round": request.round + 1}
    REQUEST.fire(request, "take_up", by=SYSTEM, at=at, due_at=_due(request, at), **fresh)
    return approve_by_rule(request, at=at) if alone else request


def _due(request: Request, at: datetime) -> datetime:
    if request.clock_left is not None:
        return at + request.clock_left
    return rules.decision_due(request.fund_terms, at, request.partner.time_zone)


def _sums(request: Request) -> dict[str, str]:
    return {"amount": str(asked(request)), "currency": request.currency}


def refuse_sums(request: Request) -> None:
    """Raises Refused beyond our share of the cost, or beyond what is free."""
    share = request.share_percent
    for activity in request.activities.all():
        most = round_money(activity.total_cost * share / 100, activity.currency)
        if activity.asked_amount > most:
            words = {"what": activity, "percent": f"{share.normalize():f}", "most": f"{most:,.2f} {activity.currency}"}
            raise Refused(
                _("We pay %(percent)s%% of %(what)s: ask for %(most)s or less.") % words, field="asked_amount"
            )
    free = money.balance(money.AVAILABLE, request.allocation).amount  # type: ignore[arg-type]
    if asked(request) > free:
        known = {"free": f"{free:,.2f} {request.currency}"}
        raise Refused(
            _("You have %(free)s. Ask for that or less, or talk to your channel manager.") % known,
            code="balance_insufficient", field="asked_amount",
        )  # fmt: skip


@transaction.atomic
def confirm(request: Request, *, by: Actor, at: datetime) -> Request:
    """The partner agrees to what was written on its behalf."""
    if not by.partner_ids:
        raise Refused(_("Only the partner itself can confirm this."))
    by.require("mdf.request")
    if not request.on_behalf or request.confirmed_at:
        raise Refused(_("There is nothing to confirm."), code="illegal_transition")
    if Request.objects.filter(pk=request.pk, version=request.version).update(confirmed_at=at) != 1:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    request.refresh_from_db()
    record("confirmed", request, by=by, at=at, partner_id=request.partner_id)
    return request


@transaction.atomic
def answer(request: Request, words: Words, *, by: Actor, at: datetime) -> Request:
    """The partner's answer to a question: the clock runs on where it stopped."""
    REQUEST.check(request, "answer", by=by, at=at)
    refuse_sums(request)
    REQUEST.fire(request, "answer", by=by, at=at, question="", data={"text": words.text})
    take_up(request, at=at)
    Request.objects.filter(pk=request.pk).update(clock_left=None)
    request.refresh_from_db()
    return request


@transaction.atomic
def withdraw(request: Request, *, by: Actor, at: datetime) -> Request:
    """Takes a request back before it is agreed; what a partial approval reserved is free again."""
    REQUEST.hold(request, "withdraw", by=by)
    legs = release_legs(request, at)
    event = REQUEST.fire(request, "withdraw", by=by, at=at, due_at=None, data=moved(legs))
    post(event, legs)
    _let_go(request)
    timers.stop(request)
    return request


@transaction.atomic
def run_out(request: Request, *, at: datetime) -> Request:
    """A partial approval that nobody accepted in time."""
    REQUEST.hold(request, "run_out", by=SYSTEM)
    legs = release_legs(request, at)
    event = REQUEST.fire(request, "run_out", by=SYSTEM, at=at, data=moved(legs))
    post(event, legs)
    _let_go(request)
    return request


def _let_go(request: Request) -> None:
    """What was approved of a request that ends is approved no more."""
    request.activities.filter(status=ActivityStatus.APPROVED).update(status=ActivityStatus.RELEASED)
