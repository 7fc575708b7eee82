"""A partner with market funds: Acme, 3,000 dollars of a budget of 10,000."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.actor import Actor
from core.ids import uuid7
from mdf import money, services
from mdf.enums import ActivityType, Criterion
from mdf.models import Activity, Allocation, Budget, Claim, FundTerms, Request
from mdf.particulars import (
    ActivityPlan,
    BudgetPlan,
    ClaimDecision,
    ClaimPlan,
    Decision,
    Grant,
    Invoiced,
    Line,
    Look,
    Measurement,
    Order,
    Plan,
    Ruling,
    Shown,
    Sum,
)
from tests.factories import NOW, Cast, MembershipFactory, ProgramFactory, make_cast
from tests.ground import ground
from tiers.models import ProgramMembership

START, END = date(2027, 1, 18), date(2027, 1, 20)
MET = {criterion: {"met": True, "reason": ""} for criterion in Criterion}
WEBINAR = ActivityPlan(
    activity_type=ActivityType.EVENT,
    title="Harbour fair",
    starts_on=START,
    ends_on=END,
    total_cost=Decimal("1000.00"),
    asked_amount=Decimal("300.00"),
    place="Porto",
    target_segment="Shipping",
    expected_pipeline=Decimal("20000.00"),
    measurement=Measurement("Leads", "40", "Badge scans", date(2027, 2, 20)),
    lines=(Line("Stand", Decimal("700.00")), Line("Print", Decimal("300.00"))),
)


@dataclass
class Fund:
    """The cast with money: short words for the steps of a request's life."""

    cast: Cast
    membership: ProgramMembership
    budget: Budget
    allocation: Allocation

    def actor(self, name: str) -> Actor:
        return self.cast.actor(name)

    def plan(self, *activities: ActivityPlan, **more: Any) -> Plan:
        return Plan(self.membership, "Spring", activities or (WEBINAR,), self.allocation, **more)

    def draft(self, *activities: ActivityPlan, by: str = "bo", **more: Any) -> Request:
        return services.requests.draft(self.plan(*activities, **more), by=self.actor(by), at=NOW)

    def sent(self, *activities: ActivityPlan, **more: Any) -> Request:
        return services.requests.submit(self.draft(*activities, **more), by=self.actor("bo"), at=NOW)

    def rulings(self, request: Request, amounts: dict[int, str] | None = None) -> Decision:
        """A yes to all that was asked; `amounts` by place says otherwise, with a reason."""
        given = amounts or {}
        return Decision(
            [
                Ruling(a, Decimal(given.get(a.place_in_request, a.asked_amount)), MET, "A part is enough.")
                for a in request.activities.order_by("place_in_request")
            ]
        )

    def approve(self, request: Request, by: str = "mona", amounts: dict[int, str] | None = None) -> Request:
        fresh = Request.objects.get(pk=request.pk)
        return services.deciding.approve(fresh, self.rulings(fresh, amounts), by=self.actor(by), at=NOW)

    def approved(self, *activities: ActivityPlan) -> Request:
        return self.approve(self.sent(*activities))

    def claim_plan(self, activity: Activity, amount: str, cost: str = "600.00", **more: Any) -> ClaimPlan:
        invoice = Invoiced("Fair & Co", f"INV-{uuid7().hex[:8]}", END, Decimal(cost), "USD", **more)
        proofs = [Shown(kind, link="https://acme.example/proof") for kind in activity.proofs]
        return ClaimPlan(activity, Decimal(amount), [invoice], proofs)

    def claimed(self, request: Request, amount: str = "300.00", cost: str = "600.00", **more: Any) -> Claim:
        activity = request.activities.order_by("place_in_request")[0]
        draft = services.claims.draft(self.claim_plan(activity, amount, cost, **more), by=self.actor("bo"), at=NOW)
        return services.claims.submit(draft, by=self.actor("bo"), at=NOW)

    def looks(self, claim: Claim, refused: str = "") -> ClaimDecision:
        rows = [*claim.proofs.all(), *claim.invoice_lines.all()]
        return ClaimDecision([Look(row, not refused, refused) for row in rows], refused or "The program pays half.")

    def owed(self, request: Request, amount: str = "300.00", cost: str = "600.00") -> Claim:
        claim = self.claimed(request, amount, cost)
        return services.claims.approve(claim, self.looks(claim), by=self.actor("mona"), at=NOW)

    def pay(self, claim: Claim, amount: str, by: str = "finn") -> Any:
        return services.payments.order(claim, Order(Decimal(amount), "SEPA 1"), by=self.actor(by), at=NOW)

    def free(self) -> Decimal:
        return money.balance(money.AVAILABLE, self.allocation).amount


def another(**more: Any) -> ActivityPlan:
    """The fair with other values; its lines are left out unless given."""
    return replace(WEBINAR, **{"lines": (), **more})


def make_fund(cast: Cast, amount: str = "3000.00", **terms: Any) -> Fund:
    """Olga plans a budget of 10,000 that Finn grants; Acme gets `amount` of it."""
    program = ProgramFactory()
    FundTerms.objects.create(program=program, data=terms)
    olga, finn = cast.actor("olga"), cast.actor("finn")
    plan = BudgetPlan(program, "Year 2027", "USD", date(2027, 1, 1), date(2027, 12, 31))
    budget = services.budgets.plan_budget(plan, by=olga, at=NOW)
    change = services.budgets.ask_change(budget, Sum(Decimal("10000.00"), "The year"), by=olga, at=NOW)
    services.budgets.grant_change(change, by=finn, at=NOW)
    budget.refresh_from_db()
    allocation = services.budgets.allocate(budget, Grant(cast.acme, Decimal(amount)), by=olga, at=NOW)
    return Fund(cast, MembershipFactory(partner=cast.acme, program=program), budget, allocation)


fund = ground(make_fund, make_cast)


@pytest.fixture
def agreed(fund: Fund) -> Request:
    """300 of 1,000 approved; asks for an invoice, a photo, a list of leads and a summary."""
    return fund.approved()


@pytest.fixture
def claimed_now(monkeypatch, settings, tmp_path) -> None:
    """Doors at the day of the tests' plans, with a place for the files that are sent."""
    monkeypatch.setattr("core.doors.now", lambda: NOW)
    settings.FILES_ROOT = tmp_path
