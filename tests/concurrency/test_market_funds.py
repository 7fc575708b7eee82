"""Market funds under many hands at once: nothing is spent twice, and never more than there is."""

import os
import random
import threading
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connections

from core import ledger
from core.actor import SYSTEM
from core.errors import IllegalTransition, Refused, Stale
from core.models import LedgerAccount, LedgerTransaction
from core.scope import scope
from mdf import money, services
from mdf.enums import ClaimStatus, RequestStatus
from mdf.models import Allocation, Claim, Payment, Request
from mdf.particulars import Order, Sum
from mdf.rules import Span
from tests.concurrency.conftest import ROUNDS, Race
from tests.factories import NOW, make_cast
from tests.mdf.conftest import Fund, another, make_fund
from tests.mdf.test_accruals import make_business

pytestmark = [pytest.mark.committed, pytest.mark.slow]
FEW = max(ROUNDS // 4, 5)
APPROVALS, FUNDS, PEOPLE = (10_000, 20, 32) if os.environ.get("FAULTS") == "long" else (120, 4, 12)


@pytest.fixture
def fund(committed) -> Fund:
    with scope(SYSTEM):
        return make_fund(make_cast())


def kinds(answers) -> Counter:
    return Counter(answer if isinstance(answer, str) else type(answer) for answer in answers)


def doing(actor, work):
    """A work that runs in its actor's scope and says "done"."""

    def run():
        with scope(actor):
            work()
        return "done"

    return run


def approval(fund: Fund, request: Request, name: str):
    actor = fund.actor(name)
    return doing(actor, lambda: fund.approve(request, by=name))


def sound(fund: Fund) -> list[str]:
    """What is wrong with the money; every account of the partner is within the budget."""
    with scope(SYSTEM):
        held = LedgerAccount.objects.exclude(kind=money.SOURCE).filter(kind__startswith="mdf.")
        assert sum(held.values_list("balance", flat=True)) == fund.budget.amount
        assert not held.filter(balance__lt=0).exists()
        return ledger.wrong()


def test_of_many_who_approve_one_request_one_does(fund, race):
    many = race(8)
    for _round in range(FEW):
        with scope(SYSTEM):
            request = fund.sent(another(total_cost=Decimal(20), asked_amount=Decimal(10)))
        answers = many.run(*[approval(fund, request, name) for name in ("mona", "mark") * 4])
        assert kinds(answers)["done"] == 1
        assert {type(answer) for answer in answers if answer != "done"} <= {Stale, IllegalTransition}
        with scope(SYSTEM):
            told = LedgerTransaction.objects.filter(event__subject_id=request.pk)
            assert [t.event.verb for t in told] == ["approved"]
    assert sound(fund) == []


def test_however_many_approve_at_once_no_fund_gives_more_than_it_has(fund, race):
    """Requests of random amounts, in all more than there is, by many people over several funds."""
    chance = random.Random(7)
    with scope(SYSTEM):
        funds = [fund.allocation, *(_more_funds(fund) for _n in range(FUNDS - 1))]
        requests = [_sent(fund, chance.choice(funds), chance) for _n in range(APPROVALS)]
    start, answers = threading.Barrier(PEOPLE), []

    def work(mine: list[Request], name: str) -> None:
        start.wait(30)
        for request in mine:
            try:
                answers.append(approval(fund, request, name)())
            except Refused as refusal:
                answers.append(refusal)
        connections.close_all()

    people = [threading.Thread(target=work, args=(requests[n::PEOPLE], ("mona", "mark")[n % 2])) for n in range(PEOPLE)]
    for one in people:
        one.start()
    for one in people:
        one.join(300)
    found = kinds(answers)
    assert set(found) == {"done", ledger.Overdrawn}
    assert found.total() == APPROVALS
    assert sound(fund) == []
    with scope(SYSTEM):
        assert Request.objects.filter(status=RequestStatus.APPROVED).count() == found["done"]
        assert LedgerTransaction.objects.filter(event__type="mdf_request.approved").count() == found["done"]


def _more_funds(fund: Fund) -> Allocation:
    from mdf.particulars import Grant  # noqa: PLC0415 - beside its only use

    grant = Grant(fund.cast.acme, Decimal(500))
    return services.budgets.allocate(fund.budget, grant, by=fund.actor("olga"), at=NOW)


def _sent(fund: Fund, allocation: Allocation, chance: random.Random) -> Request:
    amount = Decimal(chance.randint(1_000, 30_000)) / 100
    own = Fund(fund.cast, fund.membership, fund.budget, allocation)
    return own.sent(another(total_cost=amount * 2, asked_amount=amount))


def both(race: Race, fund: Fund, one, two) -> list:
    answers = race.run(one, two)
    for answer in answers:
        assert answer == "done" or isinstance(answer, Refused | Stale), answer
    return answers


def test_approved_or_withdrawn_never_both(fund, race):
    two = race(2)
    bo = fund.actor("bo")
    for _round in range(FEW):
        with scope(SYSTEM):
            request = fund.sent(another(total_cost=Decimal(20), asked_amount=Decimal(10)))
        withdraw = doing(bo, lambda r=request: services.requests.withdraw(Request.objects.get(pk=r.pk), by=bo, at=NOW))
        both(two, fund, approval(fund, request, "mona"), withdraw)
        with scope(SYSTEM):
            request.refresh_from_db()
            reserved = money.balance(money.RESERVED, request.activities.get()).amount
        assert (request.status, reserved) in {
            (RequestStatus.APPROVED, Decimal(10)), (RequestStatus.WITHDRAWN, Decimal(0)),
        }  # fmt: skip
    assert sound(fund) == []


def test_a_claim_that_is_sent_as_its_time_ends_lapses_or_is_reviewed(fund, race):
    two, bo, end = race(2), fund.actor("bo"), NOW + timedelta(days=117)
    for _round in range(FEW):
        with scope(SYSTEM):
            activity = fund.approved(another(total_cost=Decimal(20), asked_amount=Decimal(10))).activities.get()
            claim = services.claims.draft(fund.claim_plan(activity, "10.00", "20.00"), by=bo, at=NOW)
        send = doing(bo, lambda c=claim: services.claims.submit(Claim.objects.get(pk=c.pk), by=bo, at=NOW))
        lapse = doing(SYSTEM, lambda a=activity: services.executing.lapse(type(a).objects.get(pk=a.pk), at=end))
        both(two, fund, send, lapse)
        with scope(SYSTEM):
            claim.refresh_from_db()
            left = money.balance(money.RESERVED, activity).amount
        assert claim.status in (ClaimStatus.IN_REVIEW, ClaimStatus.DRAFT)
        if claim.status == ClaimStatus.DRAFT:
            assert left == 0
    assert sound(fund) == []


def test_two_who_pay_one_claim_pay_it_once(fund, race):
    two = race(2)
    for _round in range(FEW):
        with scope(SYSTEM):
            claim = fund.owed(
                fund.approved(another(total_cost=Decimal(20), asked_amount=Decimal(10))), "10.00", "20.00"
            )

        def pay(name: str, c: Claim = claim):
            actor = fund.actor(name)
            order = Order(Decimal("10.00"), "SEPA")
            return doing(actor, lambda: services.payments.order(Claim.objects.get(pk=c.pk), order, by=actor, at=NOW))

        answers = both(two, fund, pay("finn"), pay("olga"))
        assert kinds(answers)["done"] == 1
        with scope(SYSTEM):
            assert Payment.objects.filter(claim=claim).count() == 1
            assert money.balance(money.PAID, claim).amount == Decimal("10.00")
    assert sound(fund) == []


def test_a_fund_that_is_cut_while_a_request_is_approved_is_not_overdrawn(fund, race):
    two, olga = race(2), fund.actor("olga")
    for _round in range(FEW):
        with scope(SYSTEM):
            allocation = _more_funds(fund)
            own = Fund(fund.cast, fund.membership, fund.budget, allocation)
            request = own.sent(another(total_cost=Decimal(900), asked_amount=Decimal(450)))

        def cut(a: Allocation = allocation) -> None:
            fresh = Allocation.objects.get(pk=a.pk)
            services.budgets.raise_allocation(fresh, Sum(Decimal(-400)), by=olga, at=NOW)

        answers = both(two, fund, approval(own, request, "mona"), doing(olga, cut))
        assert kinds(answers) == {"done": 1, ledger.Overdrawn: 1}
        with scope(SYSTEM):
            services.budgets.raise_allocation(
                Allocation.objects.get(pk=allocation.pk), Sum(-money.balance(money.AVAILABLE, allocation).amount),
                by=olga, at=NOW,
            )  # fmt: skip
    assert sound(fund) == []


def test_two_workers_who_run_one_accrual_give_it_once(race, committed):
    two = race(2)
    with scope(SYSTEM):
        business = make_business(make_cast())
        business.moved("1000.00")
        program = type(business.program).objects.select_related("fund_terms").get(pk=business.program.pk)
    for round_ in range(FEW):
        at = NOW + timedelta(days=31 * round_)
        with scope(SYSTEM):
            business.moved("1000.00", on=Span.before(at.date(), "month").last)
            type(business.budget).objects.filter(pk=business.budget.pk).update(period_end=(at + timedelta(9)).date())
        run = services.accruals.due(program, at.date())[0]
        counts: list[int] = []

        def work(r=run, moment=at, done=counts) -> None:
            done.append(len(services.accruals.accrue(r, at=moment)))

        answers = two.run(doing(SYSTEM, work), doing(SYSTEM, work))
        assert (answers, sorted(counts)) == (["done", "done"], [0, 1])
    with scope(SYSTEM):
        assert Allocation.objects.count() == FEW
        assert ledger.wrong() == []
