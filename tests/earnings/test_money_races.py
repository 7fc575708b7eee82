"""What changes money, twice or against each other at once, with real threads: one effect, and every cent accounted."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.actor import SYSTEM
from core.models import Event, LedgerAccount
from core.scope import scope
from deals import services as deals
from deals.models import Opportunity
from deals.particulars import Revenue
from earnings import reactions
from earnings.models import EarningLine, Payout, PayoutRun
from earnings.particulars import Objection
from earnings.payout_particulars import Answer
from earnings.services import dispute, payouts
from tests.earnings.conftest import WON, make_trade
from tests.earnings.paying import ACCOUNT, finance, made, owe, payee, sent
from tests.earnings.test_payout_races import at_once, everything_holds
from tests.factories import NOW

pytestmark = pytest.mark.committed
ROUNDS = 5


def a_deal(*, paid: bool = True) -> Opportunity:
    """Won for 10,000 at ten per cent; the customer has paid unless said otherwise."""
    trade = make_trade()
    trade.rule()
    deal = trade.referred()
    if paid:
        trade.pays(deal)
    payouts.set_bank_details(trade.member().partner, ACCOUNT, by=SYSTEM, at=NOW.replace(month=1))
    return deal


def told(deal: Opportunity, kind: str, amount: str) -> Event:
    """Revenue that was told, and is delivered later."""
    row = deals.enter_revenue(deal, Revenue(kind, WON + timedelta(days=20), Decimal(amount)), by=SYSTEM, at=NOW)
    return Event.objects.get(type="revenue_event.created", subject_id=row.pk)


def delivery(event: Event) -> Callable[[], Any]:
    return lambda: reactions.settle_revenue(Event.objects.get(pk=event.pk))


def earned() -> list[Decimal]:
    with scope(SYSTEM):
        return sorted(
            EarningLine.objects.exclude(status__in=("forecast", "cancelled")).values_list("amount", flat=True)
        )


def owed() -> Decimal:
    with scope(SYSTEM):
        return LedgerAccount.objects.get(kind="partner_payable").balance


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_payment_delivered_four_times_at_once_earns_once(committed, _round):
    with scope(SYSTEM):
        event = told(a_deal(paid=False), "payment", "10000")
    assert at_once(*[delivery(event)] * 4) == ["done"] * 4
    assert (earned(), owed()) == ([Decimal("1000.00")], Decimal("1000.00"))
    assert everything_holds()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_refunds_of_one_invoice_at_once_take_back_each_its_part_and_never_more_than_was_earned(committed, _round):
    with scope(SYSTEM):
        deal = a_deal()
        events = [told(deal, "refund", "7000"), told(deal, "refund", "7000")]
    assert at_once(*[delivery(event) for event in (*events, *events)]) == ["done"] * 4
    assert (earned(), owed()) == ([Decimal("-700.00"), Decimal("-300.00"), Decimal("1000.00")], Decimal(0))
    assert everything_holds()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_refund_while_the_bank_pays_leaves_what_was_paid_and_is_owed_back(committed, _round):
    with scope(SYSTEM):
        deal, finn = a_deal(), finance()
        run = sent(finn, finance("Fred"))
        event, answer = told(deal, "refund", "5000"), Answer(run.payouts.get().reference, True, "B")
    both = at_once(delivery(event), lambda: payouts.reconcile(run, [answer], by=finn, at=NOW))
    assert both == ["done", "done"]
    with scope(SYSTEM):
        lines = sorted(EarningLine.objects.values_list("amount", "status"))
        assert lines == [(Decimal("-500.00"), "approved"), (Decimal("1000.00"), "paid")]
        assert Payout.objects.get().amount == Decimal("1000.00")
    assert owed() == Decimal("-500.00")
    assert everything_holds()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_line_is_not_disputed_while_it_is_paid(committed, _round):
    with scope(SYSTEM):
        finn = finance()
        line = owe(payee(), 100)
        EarningLine.objects.update(dispute_until=None)
        run = made(finn)
        payouts.approve(payouts.review(run, by=finn, at=NOW), by=(fred := finance("Fred")), at=NOW)
    both = at_once(
        lambda: payouts.send(PayoutRun.objects.get(), by=fred, at=NOW),
        lambda: dispute(EarningLine.objects.get(pk=line.pk), Objection("No."), by=SYSTEM, at=NOW),
    )
    assert both == ["IllegalTransition", "done"]
    with scope(SYSTEM):
        assert EarningLine.objects.get().status == "in_payout"
    assert everything_holds()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_run_is_approved_sent_and_paid_once_however_many_press(committed, _round):
    with scope(SYSTEM):
        finn, fred, flo = finance(), finance("Fred"), finance("Flo")
        owe(payee(), 100)
        run = payouts.review(made(finn), by=finn, at=NOW)
        pk, reference = run.pk, run.payouts.get().reference
    approvals = at_once(*[
        lambda by=by: payouts.approve(PayoutRun.objects.get(pk=pk), by=by, at=NOW) for by in (fred, flo, fred, flo)
    ])  # fmt: skip
    assert (approvals.count("done"), len(set(approvals) - {"done", "Stale", "IllegalTransition"})) == (1, 0)
    sendings = at_once(*[lambda: payouts.send(PayoutRun.objects.get(pk=pk), by=fred, at=NOW)] * 3)
    assert sendings.count("done") == 1
    with scope(SYSTEM):
        run = PayoutRun.objects.get(pk=pk)
        payouts.reconcile(run, [Answer(reference, True, "B")], by=finn, at=NOW)
    assert (owed(), earned()) == (Decimal(0), [Decimal("100.00")])
    assert everything_holds()
