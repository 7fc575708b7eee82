"""Any order of steps against a short oracle that keeps its own books: no difference, ever."""

import os
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from core import ledger
from core.errors import Refused
from mdf import money, services
from mdf.enums import ClaimStatus, PaymentStatus, RequestStatus
from mdf.models import Activity, Allocation, Claim, Payment, Request
from mdf.particulars import Outcome, Sum, Words
from tests.factories import NOW, make_cast
from tests.mdf.conftest import Fund, another, make_fund

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SEQUENCES, STEPS = (1_000, 30) if os.environ.get("FAULTS") == "long" else (12, 20)
CENTS = st.integers(1, 200_000).map(lambda cents: Decimal(cents) / 100)
ZERO = Decimal(0)


class Books(RuleBasedStateMachine):
    """The program beside an oracle: five sums for the partner's money, one for what is undivided."""

    requests, claims, payments = Bundle("requests"), Bundle("claims"), Bundle("payments")

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.fund: Fund = make_fund(make_cast())
        self.undivided, self.free = Decimal("7000.00"), Decimal("3000.00")
        self.reserved: dict = {}
        self.claimed: dict = {}
        self.paid: dict = {}

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)

    def attempt(self, work) -> bool:
        """Whether it was done; a refusal leaves nothing behind."""
        try:
            with transaction.atomic():
                work()
        except Refused:
            return False
        return True

    @rule(amount=CENTS, less=st.booleans())
    def allocate(self, amount, less):
        change = Sum(-amount if less else amount)
        fresh, olga = Allocation.objects.get(pk=self.fund.allocation.pk), self.fund.actor("olga")
        done = self.attempt(lambda: services.budgets.raise_allocation(fresh, change, by=olga, at=NOW))
        assert done == ((self.free if less else self.undivided) - amount >= 0)
        if done:
            self.undivided -= change.amount
            self.free += change.amount

    @rule(target=requests, amount=CENTS)
    def ask(self, amount):
        sent: list[Request] = []
        plan = another(total_cost=amount * 2, asked_amount=amount)
        done = self.attempt(lambda: sent.append(self.fund.sent(plan)))
        assert done == (amount <= self.free)
        return sent[0].activities.get().pk if done else multiple()

    @rule(pk=requests, part=st.sampled_from((Decimal(1), Decimal("0.5"))))
    def approve(self, pk, part):
        activity = Activity.objects.get(pk=pk)
        amount = (activity.asked_amount * part).quantize(Decimal("0.01"))
        open_now = activity.request.status == RequestStatus.IN_REVIEW and amount > 0
        done = self.attempt(lambda: self.fund.approve(activity.request, amounts={0: str(amount)}))
        assert done == (open_now and amount <= self.free)
        if done:
            self.reserved[pk] = amount
            self.free -= amount
            request = Request.objects.get(pk=activity.request_id)
            if request.status == RequestStatus.PARTLY_APPROVED:
                services.deciding.accept(request, by=self.fund.actor("bo"), at=NOW)

    @rule(pk=requests)
    def take_back(self, pk):
        activity = Activity.objects.get(pk=pk)
        request = activity.request
        if request.status == RequestStatus.IN_REVIEW:
            services.requests.withdraw(request, by=self.fund.actor("bo"), at=NOW)
        elif request.status == RequestStatus.APPROVED:
            owed = any(self.claimed.get(c) or self.paid.get(c) for c in activity.claims.values_list("pk", flat=True))
            done = self.attempt(
                lambda: services.deciding.cancel(request, Words("No."), by=self.fund.actor("bo"), at=NOW)
            )
            assert done == (not owed)
            if done:
                self.free += self.reserved.pop(pk, ZERO)

    @rule(pk=requests)
    def lapse(self, pk):
        activity = Activity.objects.get(pk=pk)
        waits = activity.claims.filter(status=ClaimStatus.IN_REVIEW).exists()
        services.executing.lapse(activity, at=NOW)
        if not waits:
            self.free += self.reserved.pop(pk, ZERO)

    @rule(target=claims, pk=requests, amount=CENTS, cost=CENTS)
    def claim(self, pk, amount, cost):
        sent: list[Claim] = []
        request = Activity.objects.get(pk=pk).request
        done = self.attempt(lambda: sent.append(self.fund.claimed(request, str(amount), str(cost))))
        assert done == bool(pk in self.reserved)
        return sent[0].pk if done else multiple()

    @rule(pk=consumes(claims), target=claims)
    def decide(self, pk):
        claim = Claim.objects.get(pk=pk)
        left = self.reserved.get(claim.activity_id, ZERO)
        share = (claim.invoice_lines.get().cost / 2).quantize(Decimal("0.01"))  # half to even, as everywhere
        payable = min(claim.amount, left, share)
        open_now = claim.status == ClaimStatus.IN_REVIEW and payable > 0
        done = self.attempt(
            lambda: services.claims.approve(claim, self.fund.looks(claim), by=self.fund.actor("mona"), at=NOW)
        )
        assert done == open_now
        if done:
            self.claimed[pk] = payable
            self.reserved[claim.activity_id] = left - payable
            if not self.reserved[claim.activity_id]:
                del self.reserved[claim.activity_id]
        return pk

    @rule(target=payments, pk=claims, amount=CENTS)
    def pay(self, pk, amount):
        made: list[Payment] = []
        done = self.attempt(lambda: made.append(self.fund.pay(Claim.objects.get(pk=pk), str(amount))))
        assert done == (0 < amount <= self.claimed.get(pk, ZERO))
        if done:
            self.claimed[pk] -= amount
            self.paid[pk] = self.paid.get(pk, ZERO) + amount
        return made[0].pk if done else multiple()

    @rule(pk=payments)
    def come_back(self, pk):
        payment = Payment.objects.get(pk=pk)
        out = payment.status == PaymentStatus.SENT and payment.claim.status != ClaimStatus.CLAWED_BACK
        done = self.attempt(
            lambda: services.payments.fail(payment, Outcome(failure="Closed"), by=self.fund.actor("finn"), at=NOW)
        )
        assert done == out
        if done:
            self.paid[payment.claim_id] -= payment.amount
            self.claimed[payment.claim_id] += payment.amount

    @rule(pk=claims)
    def claw_back(self, pk):
        claim = Claim.objects.get(pk=pk)
        done = self.attempt(
            lambda: services.payments.claw_back(claim, Words("Called off."), by=self.fund.actor("finn"), at=NOW)
        )
        assert done == (claim.status == ClaimStatus.PAID)
        if done:
            self.free += self.paid.pop(pk)

    @invariant()
    def agrees(self):
        fund = self.fund
        assert money.balance(money.UNDIVIDED, fund.budget).amount == self.undivided
        assert fund.free() == self.free
        for kind, books in ((money.RESERVED, self.reserved), (money.CLAIMED, self.claimed), (money.PAID, self.paid)):
            found = money.balances(kind, list(books))
            assert {pk: found.get(pk, ZERO) for pk in books} == books
        held = (self.reserved, self.claimed, self.paid)
        assert self.undivided + self.free + sum(sum(b.values()) for b in held) == Decimal("10000.00")
        assert ledger.wrong() == []


def test_every_order_of_steps_leaves_the_books_right():
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=SEQUENCES, stateful_step_count=STEPS, deadline=None, database=None, derandomize=SEQUENCES < 100,
            suppress_health_check=list(HealthCheck), phases=(Phase.generate,),
        ),
    )  # fmt: skip
