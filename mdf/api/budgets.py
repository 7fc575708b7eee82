"""Budgets, what was asked for them, and what partners may use of them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from core.actor import Actor
from core.api.containers import Data
from core.api.kinds import Choice, Day, Moment, Number, Text, money
from core.api.resources import CREATE, READ, Action, Field, Nested, Ref, Resource
from mdf import balances, services
from mdf.api.words import OWN_CURRENCY, sums
from mdf.enums import AllocationKind, BudgetStatus, ChangeStatus
from mdf.models import Allocation, Budget, BudgetChange
from mdf.particulars import BudgetPlan, Grant, Sum
from mdf.workflow import CHANGE
from partners.api import CURRENCY, STAFF
from partners.models import Partner, Program

_ANY_SIGN = Number(lowest=None)


def _plan(values: dict[str, Any], *, by: Actor, at: datetime) -> Budget:
    program = Program.objects.visible_to(by).get(pk=values["program_id"])
    told = {name: value for name, value in values.items() if name != "program_id"}
    return services.budgets.plan_budget(BudgetPlan(program, **told), by=by, at=at)


BUDGETS = Resource(
    "mdf_budgets",
    Budget,
    about="Money for market development over a period, in one currency. It is filled by changes that two people make.",
    verbs=frozenset({"create"}),
    writers=("mdf.budget",),
    has_reference=True,
    create=_plan,
    computed=balances.of_budgets,
    nested=(
        Nested("changes", "mdf_budget_changes", "budget_id", ("status", "amount", "reason", "asked_at", "decided_at"),
               ids=True),
    ),
    fields=(
        Field("program_id", Ref("programs"), write=CREATE, required=True, null=False, filter=True),
        Field("name", Text(120), write=CREATE, required=True, null=False),
        Field("region", Text(60), write=CREATE, filter=True),
        Field("status", Choice(BudgetStatus.values), write=READ, null=False, filter=True),
        Field("amount", money(), write=READ, null=False),
        Field("currency", CURRENCY, write=CREATE, required=True, null=False, filter=True),
        Field("period_start", Day(), write=CREATE, required=True, null=False, filter=True),
        Field("period_end", Day(), write=CREATE, required=True, null=False),
        *sums("allocated", *balances.SUMS),
    ),
    actions=(
        Action("close", services.budgets.close_budget, "Nothing more is given from it; what is reserved is paid.",
               needs_version=True, permission="mdf.budget"),
    ),
)  # fmt: skip


def _ask(values: dict[str, Any], *, by: Actor, at: datetime) -> BudgetChange:
    budget = Budget.objects.visible_to(by).get(pk=values["budget_id"])
    return services.budgets.ask_change(budget, Sum(values["amount"], values["reason"]), by=by, at=at)


CHANGES = Resource(
    "mdf_budget_changes",
    BudgetChange,
    about="More money for a budget, or (below zero) less: asked for by one, granted by another. What a key asked for, "
    "a person grants.",
    verbs=frozenset({"create"}),
    writers=("mdf.budget",),
    workflow=CHANGE,
    create=_ask,
    fields=(
        Field("budget_id", Ref("mdf_budgets"), write=CREATE, required=True, null=False, filter=True),
        Field("status", Choice(ChangeStatus.values), write=READ, null=False, filter=True),
        Field("amount", _ANY_SIGN, write=CREATE, required=True, null=False),
        Field("reason", Text(500), write=CREATE, required=True, null=False),
        Field("asked_by_user_id", STAFF, "asked_by_id", write=READ),
        Field("asked_at", Moment(), write=READ, null=False),
        Field("decided_by_user_id", STAFF, "decided_by_id", write=READ),
        Field("decided_at", Moment(), write=READ),
    ),
    actions=(
        Action("grant", services.budgets.grant_change, "Another's yes: the money moves.", "grant", needs_version=True),
        Action("refuse", services.budgets.refuse_change, "Leave the budget as it is.", "refuse", needs_version=True),
    ),
)


def _allocate(values: dict[str, Any], *, by: Actor, at: datetime) -> Allocation:
    budget = Budget.objects.visible_to(by).get(pk=values["budget_id"])
    partner = Partner.objects.visible_to(by).get(pk=values["partner_id"])
    grant = Grant(partner, values["amount"], values.get("expires_on"))
    return services.budgets.allocate(budget, grant, by=by, at=at)


def _less(amount: Decimal) -> Sum:
    return Sum(-amount)


_MOVED = (Field("amount", money(positive=True), required=True),)
ALLOCATIONS = Resource(
    "mdf_allocations",
    Allocation,
    about="What of a budget one partner may use. Requests draw on it; `remaining` is what is not promised yet.",
    owner="partner_id",
    verbs=frozenset({"create"}),
    writers=("mdf.allocate",),
    has_reference=True,
    create=_allocate,
    computed=balances.of_allocations,
    fields=(
        Field("budget_id", Ref("mdf_budgets"), write=CREATE, required=True, null=False, filter=True, vendor=True),
        Field("partner_id", Ref("partners"), write=CREATE, required=True, null=False, filter=True),
        Field("kind", Choice(AllocationKind.values), write=READ, null=False, filter=True),
        Field("amount", money(positive=True), write=CREATE, required=True, null=False),
        OWN_CURRENCY,
        Field("period_start", Day(), write=READ, null=False),
        Field("period_end", Day(), write=READ, null=False),
        Field("expires_on", Day(), write=CREATE),
        Field("period_key", Text(40), write=READ, about="Of the accrual that made it."),
        Field("unfunded", money(), write=READ, null=False, about="What accrued and the budget could not give yet."),
        Field("arithmetic", Data(), write=READ, null=False),
        *sums("available", *balances.SUMS),
    ),
    actions=(
        Action("grant", services.budgets.raise_allocation, "Give the partner more of the budget.", "", _MOVED, Sum,
               needs_version=True, permission="mdf.allocate"),
        Action("take_back", services.budgets.raise_allocation, "Take back what is still free.", "", _MOVED, _less,
               needs_version=True, permission="mdf.allocate"),
    ),
)  # fmt: skip
