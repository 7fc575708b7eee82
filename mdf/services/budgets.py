"""Budgets and what partners get of them. More or less money for a budget takes two people."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import ledger, timers
from core.actor import Actor
from core.errors import Forbidden, Refused, Stale
from core.events import record
from core.money import Money
from mdf import money
from mdf.enums import BudgetStatus, ChangeStatus
from mdf.models import Allocation, Budget, BudgetChange
from mdf.particulars import BudgetPlan, Grant, Sum
from mdf.services import accruals, entitled, hands
from mdf.workflow import CHANGE


@transaction.atomic
def plan_budget(plan: BudgetPlan, *, by: Actor, at: datetime) -> Budget:
    """An empty budget; money comes by changes that another person grants."""
    by.require("mdf.budget")
    if plan.period_end < plan.period_start:
        raise Refused(_("The period ends before it begins. Correct one of the days."), field="period_end")
    budget = Budget.objects.create(**plan.values())
    record("planned", budget, by=by, at=at, data={"name": budget.name, "currency": budget.currency})
    return budget


@transaction.atomic
def ask_change(budget: Budget, wanted: Sum, *, by: Actor, at: datetime) -> BudgetChange:
    """Asks for more money for a budget, or (below zero) for less."""
    by.require("mdf.budget")
    if not wanted.amount:
        raise Refused(_("Enter an amount other than 0."), field="amount")
    if budget.status == BudgetStatus.CLOSED:
        raise Refused(_("This budget is closed. Plan another one."))
    change = BudgetChange.objects.create(
        budget=budget, amount=wanted.amount, reason=wanted.reason, asked_by_id=hands.person(by), asked_at=at
    )
    data = {"budget": budget.public_id, "amount": str(wanted.amount), "text": wanted.reason}
    record("requested", change, by=by, at=at, data=data)
    return change


@transaction.atomic
def grant_change(change: BudgetChange, *, by: Actor, at: datetime) -> BudgetChange:
    """Another person's yes: the money moves. Raises Overdrawn for less than partners were given already."""
    _refuse_own(change, by)
    budget = Budget.objects.select_for_update().get(pk=change.budget_id)
    legs = ledger.move(money.source(budget), money.undivided(budget), Money(change.amount, budget.currency))
    event = CHANGE.fire(
        change, "grant", by=by, at=at, decided_by_id=hands.person(by), decided_at=at,
        data={"budget": budget.public_id, "amount": str(change.amount)} | ledger.told(legs),
    )  # fmt: skip
    Budget.objects.filter(pk=budget.pk).update(amount=budget.amount + change.amount, status=BudgetStatus.OPEN)
    ledger.post(event, legs)
    accruals.fund(budget, at=at)
    return change


@transaction.atomic
def refuse_change(change: BudgetChange, *, by: Actor, at: datetime) -> BudgetChange:
    """Another person's no; who asked for it only takes it back, which nobody decides."""
    decider = None if hands.same(change.asked_by_id, by) else hands.person(by)
    CHANGE.fire(change, "refuse", by=by, at=at, decided_by_id=decider, decided_at=at)
    return change


def _refuse_own(change: BudgetChange, by: Actor) -> None:
    by.require("mdf.budget")
    if change.status == ChangeStatus.REQUESTED and hands.same(change.asked_by_id, by):
        raise Forbidden(_("You asked for this. Another person decides it."), code="four_eyes_required")


@transaction.atomic
def close_budget(budget: Budget, *, by: Actor, at: datetime) -> Budget:
    """Nothing more is given from it; what is reserved stays and is paid."""
    by.require("mdf.budget")
    if Budget.objects.filter(pk=budget.pk, status=BudgetStatus.OPEN).update(status=BudgetStatus.CLOSED) != 1:
        raise Refused(_("Only an open budget can be closed."), code="illegal_transition")
    budget.refresh_from_db()
    record("closed", budget, by=by, at=at, data={"changes": {"status": ["open", "closed"]}})
    return budget


@transaction.atomic
def allocate(budget: Budget, grant: Grant, *, by: Actor, at: datetime, **more: Any) -> Allocation:
    """Gives a partner a part of an open budget. Raises Overdrawn when that much is not left, Refused when neither the
    partner's tier nor its type grants market funds.
    """
    by.require("mdf.allocate")
    _refuse_amount(grant.amount)
    if budget.status != BudgetStatus.OPEN:
        raise Refused(_("Only an open budget can be shared out."))
    entitled.require_of(grant.partner, budget, at=at)
    allocation = Allocation.objects.create(
        budget=budget, partner=grant.partner, amount=grant.amount, currency=budget.currency,
        expires_on=grant.expires_on, period_start=budget.period_start, period_end=budget.period_end, **more,
    )  # fmt: skip
    _give(allocation, grant.amount, "created", by=by, at=at)
    if allocation.expires_on:
        timers.put(allocation, accruals.expiry(allocation))
    return allocation


@transaction.atomic
def raise_allocation(allocation: Allocation, more: Sum, *, by: Actor, at: datetime) -> Allocation:
    """Gives a partner more, or (below zero) takes back what is still free. Raises Stale when somebody was faster."""
    by.require("mdf.allocate")
    if not more.amount:
        raise Refused(_("Enter an amount other than 0."), field="amount")
    if more.amount > 0 and allocation.budget.status != BudgetStatus.OPEN:
        raise Refused(_("Only an open budget can be shared out."))
    total = allocation.amount + more.amount
    if total < 0:
        raise Refused(_("Only what was given can be taken back."), field="amount")
    if Allocation.objects.filter(pk=allocation.pk, version=allocation.version).update(amount=total) != 1:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    allocation.refresh_from_db()
    _give(allocation, more.amount, "raised" if more.amount > 0 else "lowered", by=by, at=at)
    return allocation


def _give(allocation: Allocation, amount: Any, verb: str, *, by: Actor, at: datetime) -> None:
    given = Money(amount, allocation.currency)
    legs = ledger.move(money.undivided(allocation.budget), money.available(allocation), given)
    told = {"amount": str(amount), "currency": allocation.currency} | ledger.told(legs)
    event = record(verb, allocation, by=by, at=at, partner_id=allocation.partner_id, data=told)
    ledger.post(event, legs)


def _refuse_amount(amount: Any) -> None:
    if amount <= 0:
        raise Refused(_("Enter an amount above 0."), field="amount")
