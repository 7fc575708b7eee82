"""Payouts with real threads: one of two wins, and no cent is paid twice or lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from core.actor import SYSTEM, Actor
from core.ledger import wrong
from core.scope import scope
from core.verify import states
from earnings.models import EarningLine, Payout, PayoutItem, PayoutRun
from earnings.particulars import Objection
from earnings.payout_particulars import Answer
from earnings.services import dispute, payouts
from tests.earnings.paying import finance, made, owe, payee, sent
from tests.factories import NOW

pytestmark = pytest.mark.committed


def at_once(*works: Callable[[], Any]) -> list[str]:
    """What became of each: "done", or the name of its refusal."""
    barrier = Barrier(len(works))

    def one(work: Callable[[], Any]) -> str:
        try:
            barrier.wait(10)
            with scope(SYSTEM):
                work()
            return "done"
        except Exception as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return sorted(pool.map(one, works))


def everything_holds() -> bool:
    with scope(SYSTEM):
        return wrong() == [] and states(NOW) == []


def people() -> tuple[Actor, Actor]:
    return finance("Finn"), finance("Fred")


def test_a_period_gets_one_run_however_many_make_it(committed):
    with scope(SYSTEM):
        finn, fred = people()
        for name in ("Acme", "Cobalt", "Delta"):
            owe(payee(name), 100)
    told = at_once(*[lambda by=by: made(by) for by in (finn, fred, finn, fred)])
    assert told == ["Refused", "Refused", "Refused", "done"]
    with scope(SYSTEM):
        assert (PayoutRun.objects.count(), Payout.objects.count(), PayoutItem.objects.count()) == (1, 3, 3)
    assert everything_holds()


def test_two_people_approve_one_run_and_one_of_them_did(committed):
    with scope(SYSTEM):
        finn, fred = people()
        owe(payee(), 100)
        run = payouts.review(made(finn), by=finn, at=NOW)
        copies = [PayoutRun.objects.get(pk=run.pk) for _n in range(4)]
    told = at_once(*[lambda c=c, by=by: payouts.approve(c, by=by, at=NOW)
                     for c, by in zip(copies, (finn, fred, finn, fred), strict=True)])  # fmt: skip
    assert told == ["Stale", "Stale", "Stale", "done"]
    assert everything_holds()


def test_the_banks_answer_twice_at_once_pays_once(committed):
    with scope(SYSTEM):
        finn, fred = people()
        owe(payee(), 100)
        run = sent(finn, fred)
        reference = run.payouts.get().reference
    told = at_once(*[lambda: payouts.reconcile(run, [Answer(reference, True, "B")], by=finn, at=NOW)] * 3)
    assert told == ["done"] * 3
    with scope(SYSTEM):
        paid = Payout.objects.get().items.get().line
        assert (paid.status, PayoutRun.objects.get().status) == ("paid", "settled")
    assert everything_holds()


def test_a_refund_while_approving_is_taken_back_now_or_in_the_next_run(committed):
    with scope(SYSTEM):
        finn, fred = people()
        acme = payee()
        owe(acme, 100)
        run = payouts.review(made(finn), by=finn, at=NOW)
    told = at_once(lambda: payouts.approve(run, by=fred, at=NOW), lambda: owe(acme, -40, at=NOW))
    with scope(SYSTEM):
        total = sum((line.amount for line in EarningLine.objects.all()), Decimal(0))
        refund = EarningLine.objects.get(amount=-40)
        assert (total, refund.status) == (Decimal(60), "approved")
        assert told in (["done", "done"], ["Refused", "done"])
    assert everything_holds()


def test_a_line_disputed_while_the_run_is_made_is_in_it_or_disputed(committed):
    with scope(SYSTEM):
        finn, _fred = people()
        acme = payee()
        owe(acme, 50)
        line = owe(acme, 100)
        EarningLine.objects.filter(pk=line.pk).update(dispute_until=None)
        line.refresh_from_db()
    at_once(lambda: made(finn), lambda: dispute(line, Objection("No."), by=SYSTEM, at=NOW))
    with scope(SYSTEM):
        line.refresh_from_db()
        expected = {"in_payout": Decimal(150), "disputed": Decimal(50)}[line.status]
        assert Payout.objects.get().amount == expected
    assert everything_holds()
