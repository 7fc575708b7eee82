"""Market funds under many hands at once: nothing is spent twice, and never more than there is."""

import json
import logging
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connections
from django.db.models import F, Min
from django.db.models import Sum as Total
from django.test import Client
from django.urls import reverse

from core import ledger
from core.actor import SYSTEM
from core.errors import Refused, Stale
from core.models import LedgerAccount, LedgerTransaction
from core.scope import scope
from mdf import money, services
from mdf.enums import ActivityStatus, ClaimStatus, Criterion, PaymentStatus, RequestStatus
from mdf.models import Activity, Allocation, Budget, Claim, Payment, Request
from mdf.particulars import BudgetPlan, Grant, Order, Outcome, Sum, Words
from mdf.rules import Span
from tests.api.conftest import api_for
from tests.concurrency.conftest import ROUNDS, Race
from tests.deals.test_portal import signed_in
from tests.factories import NOW, make_cast
from tests.mdf.conftest import Fund, another, make_fund
from tests.mdf.test_accruals import make_business

pytestmark = [pytest.mark.committed, pytest.mark.slow]
log = logging.getLogger(__name__)
FEW, FEWER = max(ROUNDS // 4, 5), max(ROUNDS // 10, 3)
APPROVALS, BUDGETS, PEOPLE = (10_000, 20, 32) if os.environ.get("FAULTS") == "long" else (96, 4, 32)
FEW_OF_MANY = 20 if os.environ.get("FAULTS") == "long" else 2
HELD = Decimal(500)  # of each fund


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


# In each race both have read the record before the start, like two people with the same page: neither is told by what
# it reads that the other was faster.
def approval(fund: Fund, request: Request, name: str):
    """Somebody's yes to all of a request."""
    actor = fund.actor(name)
    with scope(SYSTEM):
        seen = Request.objects.get(pk=request.pk)
        decision = fund.rulings(seen)
    return doing(actor, lambda: services.deciding.approve(seen, decision, by=actor, at=NOW))


def sound(fund: Fund) -> list[str]:
    """What is wrong with the money; every account of the partner is within the budget."""
    with scope(SYSTEM):
        held = LedgerAccount.objects.exclude(kind=money.SOURCE).filter(kind__startswith="mdf.")
        assert sum(held.values_list("balance", flat=True)) == sum(Budget.objects.values_list("amount", flat=True))
        assert not held.filter(balance__lt=0).exists()
        return ledger.wrong()


# --- doors -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def open_doors(monkeypatch, settings):
    """The doors' clock is that of the plans, and nobody is told to slow down."""
    settings.API_RATE_PER_MINUTE = 1_000_000
    for module in ("core.api.frame", "core.doors"):
        monkeypatch.setattr(f"{module}.now", lambda: NOW)


Approve = Callable[[Request, int], str]  # (request, the version that was read) → what became of it


def by_console(user) -> Approve:
    """Approves all that was asked on the page, as somebody who found the criteria met."""
    client = signed_in(user)

    def approve(request: Request, version: int) -> str:
        address = reverse("admin:mdf_request_verb", args=[request.reference, "approve"])
        sent = {"version": str(version), "note": "", "amount_0": str(asked_of(request))}
        answer = client.post(address, sent | {f"met_0_{criterion}": "yes" for criterion in Criterion})
        if answer.status_code == 302:
            return "done"
        return next(code for words, code in REASONS.items() if words in answer.content.decode())

    return approve


def by_api() -> Approve:
    """The same with a key of the vendor's."""
    with scope(SYSTEM):
        client = Client(headers={"Authorization": f"Bearer {api_for().token}"})

    def approve(request: Request, version: int) -> str:
        verdicts = {criterion: {"met": True} for criterion in Criterion}
        ruling = {"activity_id": activity_of(request), "amount": f"{asked_of(request):.2f}", "verdicts": verdicts}
        answer = client.post(
            f"/api/v1/mdf_requests/{request.public_id}/approve", json.dumps({"rulings": [ruling]}), "application/json",
            headers={"If-Match": f'"{version}"'},
        )  # fmt: skip
        return "done" if answer.status_code == 200 else answer.json()["code"]

    return approve


# What the loser reads on the page → what the API calls it.
REASONS = {
    "There is not enough money left for this.": "balance_insufficient",
    "This can&#x27;t be done any more: it is approved now.": "illegal_transition",
    "Somebody was faster: it is approved now.": "already_decided",
    "Somebody changed this while you looked at it.": "version_mismatch",
    "This was changed a moment ago.": "version_mismatch",
}
LATE = {"illegal_transition", "already_decided", "version_mismatch"}
_known: dict[Any, tuple[str, Decimal]] = {}


def asked_of(request: Request) -> Decimal:
    return _known[request.pk][1]


def activity_of(request: Request) -> str:
    return _known[request.pk][0]


def both_doors(fund: Fund, people: int) -> list[Approve]:
    """Every other one comes through the API."""
    cast = fund.cast
    return [by_api() if n % 2 else by_console((cast.mona, cast.mark)[n // 2 % 2]) for n in range(people)]


@pytest.mark.usefixtures("open_doors")
def test_of_many_who_approve_one_request_through_both_doors_one_does(fund, race):
    many, doors = race(PEOPLE), both_doors(fund, PEOPLE)
    for _round in range(FEW_OF_MANY):
        with scope(SYSTEM):
            (request,) = in_review(fund, fund.allocation, [Decimal(10)])
        answers = many.run(*[partial(door, request, request.version) for door in doors])
        assert Counter(answers)["done"] == 1
        assert set(answers) <= {"done", *LATE}
        with scope(SYSTEM):
            told = LedgerTransaction.objects.filter(event__subject_id=request.pk)
            assert [t.event.verb for t in told] == ["approved"]
    assert sound(fund) == []


@pytest.mark.usefixtures("open_doors")
def test_however_many_approve_at_once_no_budget_gives_more_than_it_has(fund, race):
    """Requests of random amounts, in all more than there is, by many people at both doors over several budgets."""
    chance = random.Random(7)
    with scope(SYSTEM):
        sums = [random_sums(APPROVALS // BUDGETS, seed) for seed in range(BUDGETS)]
        requests = [one for asked in sums for one in in_review(fund, half_of(fund, asked), asked)]
    chance.shuffle(requests)
    answers: list[str] = []
    doors, start = both_doors(fund, PEOPLE), threading.Barrier(PEOPLE + 1)

    def work(door: Approve, mine: list[Request]) -> None:
        start.wait(60)
        answers.extend(door(request, request.version) for request in mine)
        connections.close_all()

    people = [threading.Thread(target=work, args=(door, requests[n::PEOPLE])) for n, door in enumerate(doors)]
    for one in people:
        one.start()
    with watched(people, start) as seen:
        pass
    found = Counter(answers)
    assert (set(found), found.total()) == ({"done", "balance_insufficient"}, len(requests))
    assert seen.beyond == []
    assert seen.looks >= 3
    assert sound(fund) == []
    with scope(SYSTEM):
        assert Request.objects.filter(status=RequestStatus.APPROVED).count() == found["done"]
        assert LedgerTransaction.objects.filter(event__type="mdf_request.approved").count() == found["done"]
    log.info("%d approvals by %d people: %s; looked at %d times", len(requests), PEOPLE, dict(found), seen.looks)


def random_sums(n: int, seed: int) -> list[Decimal]:
    chance = random.Random(seed)
    return [Decimal(chance.randint(1_000, 30_000)) / 100 for _n in range(n)]


def half_of(fund: Fund, asked: list[Decimal]) -> Allocation:
    """A budget of its own for about half of what is asked, all of it Acme's."""
    held = Decimal(int(sum(asked) / 2))
    olga, finn, program = fund.actor("olga"), fund.actor("finn"), fund.membership.program
    plan = BudgetPlan(program, "Another", "USD", fund.budget.period_start, fund.budget.period_end)
    budget = services.budgets.plan_budget(plan, by=olga, at=NOW)
    change = services.budgets.ask_change(budget, Sum(held, "The year"), by=olga, at=NOW)
    services.budgets.grant_change(change, by=finn, at=NOW)
    budget.refresh_from_db()
    return services.budgets.allocate(budget, Grant(fund.cast.acme, held), by=olga, at=NOW)


def in_review(fund: Fund, allocation: Allocation, amounts: list[Decimal]) -> list[Request]:
    """Requests that wait for a decision, written at once: so many that sending each would take too long."""
    pattern = fund.draft()
    values = {f.attname: getattr(pattern, f.attname) for f in pattern._meta.concrete_fields if f.editable}
    made = values | {"status": RequestStatus.IN_REVIEW, "submitted_at": NOW, "steps": ["manager"], "round": 1}
    made |= {"allocation_id": allocation.pk}
    rows = Request.objects.bulk_create([Request(**made) for _amount in amounts])
    planned = pattern.activities.get()
    same = {f.attname: getattr(planned, f.attname) for f in planned._meta.concrete_fields if f.editable}
    activities = Activity.objects.bulk_create(
        Activity(**same | {"request_id": row.pk, "total_cost": amount * 2, "asked_amount": amount})
        for row, amount in zip(rows, amounts, strict=True)
    )
    _known.update((one.request_id, (one.public_id, one.asked_amount)) for one in activities)
    return list(Request.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))


@dataclass
class Seen:
    """What somebody who looked on all the while found."""

    looks: int = 0
    beyond: list[Any] = field(default_factory=list)


@contextmanager
def watched(people: list[threading.Thread], start: threading.Barrier) -> Iterator[Seen]:
    """Lets the people begin and looks, again and again, whether more is approved than a fund holds."""
    seen = Seen()
    start.wait(60)
    while any(one.is_alive() for one in people):
        with scope(SYSTEM):
            seen.beyond += beyond_the_fund()
        seen.looks += 1
        time.sleep(0.05)
    yield seen


def beyond_the_fund() -> list[Any]:
    """Funds with more approved than they hold, and accounts below zero: each read by one statement."""
    approved = Activity.objects.filter(request__status=RequestStatus.APPROVED).values("request__allocation")
    sums = approved.annotate(all=Total("approved_amount"), held=Min("request__allocation__amount"))
    funds = LedgerAccount.objects.filter(kind__startswith="mdf.").exclude(kind=money.SOURCE)
    return [*sums.filter(all__gt=F("held")).values_list("all"), *funds.filter(balance__lt=0).values_list("balance")]


def _more_funds(fund: Fund) -> Allocation:
    return services.budgets.allocate(fund.budget, Grant(fund.cast.acme, HELD), by=fund.actor("olga"), at=NOW)


_chance = random.Random(7)


def a_little_later(work):
    """The work after up to 50 ms: over the rounds it meets the other one in each of its steps."""
    delay = _chance.uniform(0, 0.05)

    def run():
        time.sleep(delay)
        return work()

    return run


def both(race: Race, fund: Fund, one, two) -> list:
    answers = race.run(a_little_later(one), a_little_later(two))
    for answer in answers:
        assert answer == "done" or isinstance(answer, Refused | Stale), answer
    return answers


def test_approved_or_withdrawn_never_both(fund, race):
    two = race(2)
    bo = fund.actor("bo")
    for _round in range(FEW):
        with scope(SYSTEM):
            request = fund.sent(another(total_cost=Decimal(20), asked_amount=Decimal(10)))
        withdraw = doing(bo, lambda r=request: services.requests.withdraw(r, by=bo, at=NOW))
        answers = both(two, fund, approval(fund, request, "mona"), withdraw)
        assert kinds(answers)["done"] == 1
        with scope(SYSTEM):
            request = Request.objects.get(pk=request.pk)
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
        send = doing(bo, lambda c=claim: services.claims.submit(c, by=bo, at=NOW))
        lapse = doing(SYSTEM, lambda a=activity: services.executing.lapse(a, at=end))
        both(two, fund, send, lapse)
        with scope(SYSTEM):
            found = Claim.objects.select_related("activity").get(pk=claim.pk)
            assert (found.status, found.activity.status, held(fund, activity)[0]) in {
                (ClaimStatus.IN_REVIEW, ActivityStatus.APPROVED, Decimal(10)),
                (ClaimStatus.DRAFT, ActivityStatus.RELEASED, Decimal(0)),
            }
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
            with scope(SYSTEM):
                seen = Claim.objects.get(pk=c.pk)
            return doing(actor, lambda: services.payments.order(seen, order, by=actor, at=NOW))

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

            seen = Allocation.objects.get(pk=allocation.pk)

        def cut(a: Allocation = seen) -> None:
            services.budgets.raise_allocation(a, Sum(Decimal(-400)), by=olga, at=NOW)

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


# --- claims and payments ---------------------------------------------------------------------------------------------


def agreed(fund: Fund, amount: int = 10) -> Activity:
    return fund.approved(another(total_cost=Decimal(amount * 2), asked_amount=Decimal(amount))).activities.get()


def accepting(fund: Fund, claim: Claim, name: str = "mona"):
    """Somebody's yes to all of a claim."""
    actor = fund.actor(name)
    with scope(SYSTEM):
        seen = Claim.objects.get(pk=claim.pk)
        decision = fund.looks(seen)
    return doing(actor, lambda: services.claims.approve(seen, decision, by=actor, at=NOW))


def held(fund: Fund, activity: Activity) -> tuple[Decimal, Decimal]:
    """What is reserved for an activity, and what is owed or paid for its claims."""
    claims = list(activity.claims.values_list("pk", flat=True))
    kinds = (money.CLAIMED, money.ORDERED, money.PAID)
    owed = sum((sum(money.balances(kind, claims).values()) for kind in kinds), Decimal(0))
    return money.balance(money.RESERVED, activity).amount, owed


def test_two_claims_that_are_approved_at_once_take_no_more_than_was_approved(fund, race):
    two = race(2)
    for _round in range(FEWER):
        with scope(SYSTEM):
            activity = agreed(fund)
            claims = [fund.claimed(activity.request, "8.00", "16.00") for _n in range(2)]
        answers = both(two, fund, accepting(fund, claims[0]), accepting(fund, claims[1], "mark"))
        with scope(SYSTEM):
            owed = sorted(claim.approved_amount or 0 for claim in Claim.objects.filter(activity=activity))
            assert (kinds(answers), owed, held(fund, activity)) == ({"done": 2}, [2, 8], (0, 10))
    assert sound(fund) == []


def test_a_claim_is_approved_or_withdrawn_never_both(fund, race):
    two, bo = race(2), fund.actor("bo")
    for _round in range(FEWER):
        with scope(SYSTEM):
            activity = agreed(fund)
            claim = fund.claimed(activity.request, "10.00", "20.00")
        withdraw = doing(bo, lambda c=claim: services.claims.withdraw(c, by=bo, at=NOW))
        assert kinds(both(two, fund, accepting(fund, claim), withdraw))["done"] == 1
        with scope(SYSTEM):
            claim = Claim.objects.get(pk=claim.pk)
            assert (claim.status, held(fund, activity)) in {
                (ClaimStatus.PAYABLE, (Decimal(0), Decimal(10))), (ClaimStatus.WITHDRAWN, (Decimal(10), Decimal(0))),
            }  # fmt: skip
    assert sound(fund) == []


def test_a_claim_that_is_approved_as_its_time_ends_is_owed_whole(fund, race):
    two, end = race(2), NOW + timedelta(days=117)
    for _round in range(FEWER):
        with scope(SYSTEM):
            activity = agreed(fund)
            claim = fund.claimed(activity.request, "6.00", "12.00")
        lapse = doing(SYSTEM, lambda a=activity: services.executing.lapse(a, at=end))
        assert both(two, fund, accepting(fund, claim), lapse) == ["done", "done"]
        with scope(SYSTEM):
            claim.refresh_from_db()
            assert (claim.status, held(fund, activity)[1]) == (ClaimStatus.PAYABLE, Decimal(6))
    assert sound(fund) == []


def test_a_request_is_called_off_or_its_claim_is_owed_never_both(fund, race):
    two, bo = race(2), fund.actor("bo")
    for _round in range(FEWER):
        with scope(SYSTEM):
            activity = agreed(fund)
            claim = fund.claimed(activity.request, "10.00", "20.00")
            seen = Request.objects.get(pk=activity.request_id)

        def cancel(r: Request = seen) -> None:
            services.deciding.cancel(r, Words("Rain."), by=bo, at=NOW)

        answers = both(two, fund, accepting(fund, claim), doing(bo, cancel))
        with scope(SYSTEM):
            status = Request.objects.get(pk=activity.request_id).status
            assert (kinds(answers)["done"], status == RequestStatus.CANCELLED, held(fund, activity)) in {
                (1, False, (Decimal(0), Decimal(10))), (1, True, (Decimal(0), Decimal(0))),
            }  # fmt: skip
    assert sound(fund) == []


def test_a_part_is_accepted_or_runs_out_never_both(fund, race):
    two, bo = race(2), fund.actor("bo")
    for _round in range(FEWER):
        with scope(SYSTEM):
            request = fund.sent(another(total_cost=Decimal(20), asked_amount=Decimal(10)))
            request = fund.approve(request, amounts={0: "4.00"})
            seen = [Request.objects.get(pk=request.pk) for _side in range(2)]
        early, late = request.accept_by - timedelta(1), request.accept_by + timedelta(1)

        def accept(r: Request = seen[0], at: datetime = early) -> None:
            services.deciding.accept(r, by=bo, at=at)

        def run_out(r: Request = seen[1], at: datetime = late) -> None:
            services.requests.run_out(r, at=at)

        answers = both(two, fund, doing(bo, accept), doing(SYSTEM, run_out))
        with scope(SYSTEM):
            request.refresh_from_db()
            assert (kinds(answers)["done"], request.status, held(fund, request.activities.get())[0]) in {
                (1, RequestStatus.APPROVED, Decimal(4)), (1, RequestStatus.WITHDRAWN, Decimal(0)),
            }  # fmt: skip
    assert sound(fund) == []


def test_a_payment_arrives_or_comes_back_never_both(fund, race):
    two, finn, olga = race(2), fund.actor("finn"), fund.actor("olga")
    for _round in range(FEWER):
        with scope(SYSTEM):
            claim = fund.owed(agreed(fund).request, "10.00", "20.00")
            payment = fund.pay(claim, "10.00")
            seen = Payment.objects.get(pk=payment.pk)
        settle = doing(finn, lambda p=seen: services.payments.settle(p, Outcome(), by=finn, at=NOW))
        fail = doing(olga, lambda p=payment: services.payments.fail(p, Outcome(failure="Closed"), by=olga, at=NOW))
        assert kinds(both(two, fund, settle, fail))["done"] == 1
        with scope(SYSTEM):
            payment = Payment.objects.get(pk=payment.pk)
            paid, owed = (money.balance(kind, claim).amount for kind in (money.PAID, money.CLAIMED))
            assert (payment.status, paid, owed) in {
                (PaymentStatus.PAID, Decimal(10), Decimal(0)), (PaymentStatus.FAILED, Decimal(0), Decimal(10)),
            }  # fmt: skip
    assert sound(fund) == []


@pytest.mark.usefixtures("open_doors")
def test_two_instalments_ordered_by_what_was_read_once_are_one(fund, race):
    """Each is within what is owed: only the version tells that the second one did not know of the first."""
    two = race(2)
    with scope(SYSTEM):
        client = Client(headers={"Authorization": f"Bearer {api_for().token}"})
    for _round in range(FEWER):
        with scope(SYSTEM):
            claim = fund.owed(agreed(fund).request, "10.00", "20.00")

        def order(c: Claim = claim) -> str:
            answer = client.post(
                f"/api/v1/mdf_claims/{c.public_id}/order", json.dumps({"amount": "4.00", "reference_of_bank": "S"}),
                "application/json", headers={"If-Match": f'"{c.version}"'},
            )  # fmt: skip
            return "done" if answer.status_code == 200 else answer.json()["code"]

        assert sorted(two.run(order, order)) == ["done", "version_mismatch"]
        with scope(SYSTEM):
            assert Payment.objects.filter(claim=claim).count() == 1
    assert sound(fund) == []
