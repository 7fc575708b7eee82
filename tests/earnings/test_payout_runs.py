"""Payout runs: what is in them, who moves them on, what the bank answers."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from core.actor import SYSTEM
from core.errors import Forbidden, IllegalTransition, Refused, Stale
from core.ids import uuid7
from core.ledger import wrong
from core.models import LedgerAccount
from core.verify import states
from earnings.books import CASH, OWED
from earnings.enums import CarryReason, PayoutStatus, RunStatus
from earnings.models import EarningLine, Payout, PayoutRun
from earnings.payout_particulars import Answer, Because, Period
from earnings.rules.payouts import Details, carries
from earnings.services import payouts
from earnings.services.earning import earn
from earnings.services.payouts_counting import Limits
from earnings.shown import payout_tag
from partners.actors import actor_for
from partners.models import Partner
from tests.earnings.paying import (
    ACCOUNT,
    OCTOBER,
    answered,
    approved,
    finance,
    made,
    owe,
    payee,
    sent,
    shown,
    terms,
)
from tests.factories import NOW, ProgramFactory, StaffFactory

pytestmark = pytest.mark.django_db


def test_who_joined_by_itself_is_paid_after_our_check():
    acme = payee("Acme")
    Partner.objects.filter(pk=acme.pk).update(unvetted_since=NOW)
    owe(acme, 100)
    finn = finance()
    run = made(finn)
    assert shown(run) == [("Acme", "100.00 USD", "carried", "not_vetted")]
    payouts.cancel(run, Because("Checked."), by=finn, at=NOW)
    Partner.objects.filter(pk=acme.pk).update(unvetted_since=None)
    assert shown(made(finn)) == [("Acme", "100.00 USD", "draft", "")]


@pytest.mark.parametrize("since", [None, NOW])
def test_who_joined_by_itself_and_was_declined_is_not_paid_and_is_not_said_to_be_checked(finn, since):
    acme = payee()
    owe(acme, 100)
    Partner.objects.filter(pk=acme.pk).update(status="declined", unvetted_since=since)
    run = made(finn)
    assert shown(run) == [("Acme", "100.00 USD", "carried", "declined")]
    assert payout_tag(run.payouts.get()).text == "The partner was declined: nothing is paid"


def test_a_declined_partner_is_told_that_and_not_that_its_balance_is_too_small():
    assert carries(Decimal(10), Decimal(50), None, NOW, barred=CarryReason.DECLINED) == "declined"
    assert carries(Decimal(-10), Decimal(50), None, NOW, barred=CarryReason.DECLINED) == "negative"


WHY = Because("The sums are not right.")


@pytest.fixture
def finn():
    return finance("Finn")


@pytest.fixture
def fred():
    return finance("Fred")


def balance(kind: str) -> Decimal:
    return LedgerAccount.objects.get(kind=kind).balance


def line_states() -> list[str]:
    return list(EarningLine.objects.order_by("pk").values_list("status", flat=True))


def all_holds() -> bool:
    return wrong() == [] and states(NOW) == []


# --- what is in a run -------------------------------------------------------------------------------------------------


def test_a_run_pays_each_partner_what_is_due_by_currency(finn):
    acme, cobalt = payee("Acme"), payee("Cobalt")
    owe(acme, 100), owe(acme, "20.50"), owe(acme, 70, "EUR"), owe(cobalt, 30)
    run = made(finn)
    assert shown(run) == [
        ("Acme", "70.00 EUR", "draft", ""),
        ("Acme", "120.50 USD", "draft", ""),
        ("Cobalt", "30.00 USD", "draft", ""),
    ]
    assert line_states() == ["in_payout"] * 4
    assert all_holds()


def test_what_was_taken_back_is_in_the_next_run_at_once_and_what_was_earned_later_waits(finn):
    acme = payee()
    owe(acme, 100), owe(acme, 40, at=NOW), owe(acme, -25, at=NOW)
    assert shown(made(finn)) == [("Acme", "75.00 USD", "draft", "")]
    assert line_states() == ["in_payout", "approved", "in_payout"]


def test_a_line_on_hold_is_in_no_run_and_its_reversal_is(finn, trade):
    deal = trade.referred()
    trade.rule(hold_days=400)
    trade.settled(deal)
    trade.pays(deal)
    trade.refunds(deal)
    partner = trade.member("referral").partner
    payouts.set_bank_details(partner, ACCOUNT, by=SYSTEM, at=NOW)
    run = made(finn)
    assert [(p.amount, p.carried) for p in run.payouts.all()] == [(Decimal(-500), "negative")]


def test_a_negative_balance_is_carried_over_into_the_next_run(finn):
    acme = payee()
    owe(acme, -30)
    run = made(finn)
    assert shown(run) == [("Acme", "-30.00 USD", "carried", "negative")]
    owe(acme, 100, at=NOW)
    later = NOW + timedelta(days=20)
    assert shown(made(finn, Period(date(2026, 11, 1)), later)) == [("Acme", "70.00 USD", "draft", "")]


def test_an_amount_beside_the_rules_knows_no_minimum(finn):
    program = ProgramFactory(currency="USD")
    terms(program, minimum_payout=50)
    acme = payee(program=program)
    owe(acme, 30)
    run = made(finn)
    assert shown(run) == [("Acme", "30.00 USD", "draft", "")]


def test_the_minimum_of_the_program_holds(finn, trade):
    terms(trade.program, minimum_payout=5000)
    trade.rule(hold_days=0)
    deal = trade.referred()
    trade.pays(deal)
    payouts.set_bank_details(trade.member().partner, ACCOUNT, by=SYSTEM, at=NOW.replace(month=1))
    assert [(p.amount, p.carried) for p in made(finn).payouts.all()] == [(Decimal(1000), "below_minimum")]
    assert line_states() == ["approved"]


def test_without_bank_details_a_payout_waits(finn):
    owe(payee(bank=False), 100)
    assert shown(made(finn)) == [("Acme", "100.00 USD", "carried", "no_bank_details")]


def test_bank_details_that_have_just_changed_hold_the_payout_for_three_days(finn):
    acme = payee()
    owe(acme, 100)
    payouts.set_bank_details(acme, ACCOUNT, by=SYSTEM, at=NOW - timedelta(hours=71))
    assert shown(made(finn)) == [("Acme", "100.00 USD", "carried", "new_bank_details")]


def test_what_the_partner_keeps_and_what_it_owes_are_in_no_run(finn, trade):
    trade.rule("reseller", kind="margin", direction="retained", percent=20)
    deal = trade.deal((trade.member("reseller"), "selling", 100))
    trade.pays(deal)
    assert [line.direction for line in EarningLine.objects.all()] == ["retained"]
    with pytest.raises(Refused, match="Nothing is due"):
        made(finn)


def test_a_month_has_one_run_and_is_over_first(finn):
    owe(payee(), 100)
    made(finn)
    with pytest.raises(Refused, match="already"):
        made(finn)
    with pytest.raises(Refused, match="has not ended"):
        made(finn, Period(date(2026, 11, 1)))


# --- its life ---------------------------------------------------------------------------------------------------------


def test_a_run_goes_from_open_to_settled_and_the_ledger_follows(finn, fred):
    owe(payee("Acme"), 20_000), owe(payee("Cobalt"), 50)
    run = sent(finn, fred)
    assert (run.status, balance_of_all(OWED)) == (RunStatus.SENT, Decimal(20_050))
    run = answered(run, by=finn)
    assert run.status == RunStatus.SETTLED
    assert (balance_of_all(OWED), balance_of_all(CASH)) == (Decimal(0), Decimal(20_050))
    assert line_states() == ["paid", "paid"]
    assert all_holds()


def balance_of_all(kind: str) -> Decimal:
    return sum((one.balance for one in LedgerAccount.objects.filter(kind=kind)), Decimal(0))


def test_a_failed_payout_is_tried_again_after_another_approval(finn, fred):
    acme, cobalt = payee("Acme"), payee("Cobalt")
    owe(acme, 20_000), owe(cobalt, 50)
    run = sent(finn, fred)
    first, second = run.payouts.order_by("partner__name")
    run = payouts.reconcile(run, [Answer(first.reference, False, "", "Account closed"),
                                  Answer(second.reference, True, "B2")], by=finn, at=NOW)  # fmt: skip
    assert run.status == RunStatus.FAILED
    payouts.set_bank_details(acme, replace(ACCOUNT, account="DE89370400440532013000"), by=SYSTEM, at=NOW)
    run = payouts.retry(run, by=finn, at=NOW)
    assert run.status == RunStatus.REVIEWED
    with pytest.raises(Forbidden):
        payouts.approve(run, by=finn, at=NOW)
    run = payouts.send(payouts.approve(run, by=fred, at=NOW), by=fred, at=NOW)
    assert Payout.objects.get(pk=first.pk).bank.hint == "DE•••• 3000"
    assert answered(run, by=finn).status == RunStatus.SETTLED
    assert balance_of_all(CASH) == Decimal(20_050)
    assert all_holds()


def test_a_failed_payout_may_be_given_up_and_its_lines_come_into_the_next_run(finn, fred):
    owe(payee(), 100)
    run = answered(sent(finn, fred), by=finn, paid=False)
    payouts.leave_out(run.payouts.get(), WHY, by=finn, at=NOW)
    run.refresh_from_db()
    assert (run.status, line_states()) == (RunStatus.SETTLED, ["approved"])
    later = NOW + timedelta(days=20)
    assert shown(made(finn, Period(date(2026, 11, 1)), later)) == [("Acme", "100.00 USD", "draft", "")]
    assert all_holds()


def test_what_is_owed_and_taken_back_in_equal_parts_settles_without_the_bank(finn, fred):
    acme = payee(bank=False)
    owe(acme, 100), owe(acme, -100)
    run = sent(finn, fred)
    assert (run.status, run.payouts.get().status) == (RunStatus.SETTLED, PayoutStatus.PAID)
    assert all_holds()


def test_a_run_that_is_cancelled_gives_its_lines_back_and_another_may_be_made(finn):
    owe(payee(), 100)
    run = payouts.cancel(made(finn), WHY, by=finn, at=NOW)
    assert (run.status, line_states()) == (RunStatus.CANCELLED, ["approved"])
    assert shown(made(finn)) == [("Acme", "100.00 USD", "draft", "")]
    assert all_holds()


def test_leaving_a_partner_out_opens_a_reviewed_run_again(finn):
    owe(payee("Acme"), 100), owe(payee("Cobalt"), 200)
    run = payouts.review(made(finn), by=finn, at=NOW)
    payouts.leave_out(run.payouts.get(amount=200), WHY, by=finn, at=NOW)
    run.refresh_from_db()
    assert (run.status, run.total) == (RunStatus.OPEN, Decimal(100))


def test_a_run_sent_back_is_reviewed_again_with_the_reason(finn, fred):
    owe(payee(), 100)
    run = payouts.send_back(payouts.review(made(finn), by=finn, at=NOW), WHY, by=fred, at=NOW)
    assert (run.status, run.reason) == (RunStatus.OPEN, WHY.reason)


def test_money_taken_back_after_the_count_stops_the_approval(finn, fred):
    acme = payee()
    owe(acme, 100)
    run = payouts.review(made(finn), by=finn, at=NOW)
    owe(acme, -40, at=NOW)
    with pytest.raises(Refused, match="1 amount was taken back"):
        payouts.approve(run, by=fred, at=NOW)
    again = payouts.recount(run, by=finn, at=NOW)
    assert shown(again) == [("Acme", "60.00 USD", "draft", "")]
    assert all_holds()


def test_bank_details_changed_after_the_count_stop_the_approval(finn, fred):
    acme = payee()
    owe(acme, 100)
    run = payouts.review(made(finn), by=finn, at=NOW)
    payouts.set_bank_details(acme, ACCOUNT, by=SYSTEM, at=NOW)
    with pytest.raises(Refused, match="Bank details have changed"):
        payouts.approve(run, by=fred, at=NOW)


def test_the_same_answer_again_changes_nothing_and_another_one_is_refused(finn, fred):
    owe(payee(), 100)
    run = answered(sent(finn, fred), by=finn)
    told = Answer(run.payouts.get().reference, True, "B")
    assert payouts.reconcile(run, [told], by=finn, at=NOW).version == run.version
    with pytest.raises(Refused, match="answered otherwise"):
        payouts.reconcile(run, [replace(told, paid=False, failure="Came back")], by=finn, at=NOW)
    with pytest.raises(Refused, match="no such payout: PY-NONE"):
        payouts.reconcile(run, [replace(told, payout="PY-NONE")], by=finn, at=NOW)


# --- who may ----------------------------------------------------------------------------------------------------------


def test_below_the_limit_one_person_may_do_it_all(finn):
    owe(payee(), 9_000)
    assert approved(finn, finn).status == RunStatus.APPROVED


@pytest.mark.parametrize("way", ["made", "reviewed", "changed"])
def test_above_the_limit_who_had_a_hand_in_it_does_not_approve(finn, fred, way):
    owe(payee("Acme"), 20_000), owe(payee("Cobalt"), 200)
    run = made(finn if way == "made" else fred)
    if way == "changed":
        payouts.leave_out(run.payouts.get(amount=200), WHY, by=finn, at=NOW)
        run.refresh_from_db()
    run = payouts.review(run, by=finn if way == "reviewed" else fred, at=NOW)
    with pytest.raises(Forbidden) as refusal:
        payouts.approve(run, by=finn, at=NOW)
    assert refusal.value.code == "four_eyes_required"
    assert run.status == RunStatus.REVIEWED


def test_a_key_does_not_approve_above_the_limit(finn):
    owe(payee(), 20_000)
    run = payouts.review(made(finn), by=finn, at=NOW)
    key = replace(finance("Key"), kind="api")
    with pytest.raises(Forbidden) as refusal:
        payouts.approve(run, by=key, at=NOW)
    assert refusal.value.code == "four_eyes_required"


def test_the_database_refuses_the_same_person_twice(finn, fred):
    owe(payee(), 20_000)
    run = approved(finn, fred)
    with pytest.raises(IntegrityError, match="payout_run_four_eyes"), transaction.atomic():
        PayoutRun.objects.filter(pk=run.pk).update(approved_by=run.made_by)


def test_an_amount_that_no_rate_tells_needs_two_people(finn):
    owe(payee(), 100, "BRL")
    run = payouts.review(made(finn), by=finn, at=NOW)
    assert (run.total, run.needs_two) == (None, True)


VERBS = {
    "prepare": lambda run, by: payouts.prepare(Period(date(2026, 9, 1)), by=by, at=NOW),
    "review": lambda run, by: payouts.review(run, by=by, at=NOW),
    "recount": lambda run, by: payouts.recount(run, by=by, at=NOW),
    "cancel": lambda run, by: payouts.cancel(run, WHY, by=by, at=NOW),
    "leave_out": lambda run, by: payouts.leave_out(run.payouts.get(), WHY, by=by, at=NOW),
    "send_back": lambda run, by: payouts.send_back(run, WHY, by=by, at=NOW),
    "approve": lambda run, by: payouts.approve(run, by=by, at=NOW),
    "send": lambda run, by: payouts.send(run, by=by, at=NOW),
    "export": lambda run, by: payouts.export_for_bank(run, by=by, at=NOW),
    "retry": lambda run, by: payouts.retry(run, by=by, at=NOW),
    "reconcile": lambda run, by: answered(run, by=by),
    "hand_over": lambda run, by: payouts.hand_over(by=by, at=NOW),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("role", ["channel_manager", "channel_marketing", "executive", "administrator", "viewer"])
def test_who_has_not_the_right_moves_nothing(finn, verb, role):
    owe(payee(), 100)
    run = made(finn)
    stranger = actor_for(StaffFactory(staff_role=role))
    with pytest.raises(Forbidden):
        VERBS[verb](run, stranger)
    run.refresh_from_db()
    assert (run.status, line_states()) == (RunStatus.OPEN, ["in_payout"])


@pytest.mark.parametrize("verb", ["approve", "send", "export", "retry", "reconcile", "send_back"])
def test_an_open_run_is_moved_by_review_alone(finn, verb):
    owe(payee(), 100)
    run = made(finn)
    with pytest.raises((IllegalTransition, Refused)) as refusal:
        VERBS[verb](run, finn)
    assert refusal.value.code == "illegal_transition"


def test_a_run_that_somebody_moved_on_meanwhile_is_stale(finn, fred):
    owe(payee(), 100)
    run = payouts.review(made(finn), by=finn, at=NOW)
    mine, theirs = PayoutRun.objects.get(pk=run.pk), PayoutRun.objects.get(pk=run.pk)
    payouts.approve(mine, by=finn, at=NOW)
    with pytest.raises(Stale):
        payouts.approve(theirs, by=fred, at=NOW)


def test_the_period_in_words():
    assert (str(OCTOBER), OCTOBER.end) == ("October 2026", date(2026, 10, 31))


# --- at the very limits -----------------------------------------------------------------------------------------------


def test_a_run_of_exactly_the_limit_needs_one_person(finn):
    owe(payee(), 10_000)
    assert made(finn).needs_two is False


def test_a_balance_of_exactly_the_minimum_is_paid():
    waits = NOW - timedelta(days=90)
    details = Details(uuid7(), waits)
    assert carries(Decimal("50.00"), Decimal("50.00"), details, NOW) == ""
    assert carries(Decimal("49.99"), Decimal("50.00"), details, NOW) == "below_minimum"


def test_of_two_programs_the_larger_minimum_and_the_smaller_limit_hold():
    one, other, third = (ProgramFactory(currency="USD") for _n in range(3))
    terms(one, minimum_payout=50, two_people_above=900)
    terms(other, minimum_payout=80, two_people_above=400)
    limits = Limits.read(OCTOBER)
    assert limits.minimum((one.pk, other.pk, third.pk), "USD") == 80
    assert limits.two_people_above((one.pk, other.pk, third.pk), "USD") == 400


def test_a_limit_that_no_rate_tells_is_zero_so_that_two_are_needed():
    program = ProgramFactory(currency="EUR")
    terms(program, minimum_payout=50, two_people_above=900)
    limits = Limits.read(OCTOBER)
    assert (limits.two_people_above((program.pk,), "USD"), limits.minimum((program.pk,), "USD")) == (0, None)


def test_an_approved_line_whose_hold_was_made_longer_waits_for_it(finn):
    line = owe(payee(), 100)
    EarningLine.objects.filter(pk=line.pk).update(hold_until=NOW.date() + timedelta(days=1))
    with pytest.raises(Refused, match="Nothing is due"):
        made(finn)


def test_a_run_of_which_something_was_paid_is_not_cancelled(finn, fred):
    run = with_one_failed(finn, fred)
    payouts.retry(run, by=finn, at=NOW)
    with pytest.raises(Refused, match="was paid already"):
        payouts.cancel(run, WHY, by=finn, at=NOW)
    assert sorted(run.payouts.values_list("status", flat=True)) == ["draft", "paid"]


def test_a_run_that_is_tried_again_is_approved_by_nobody_yet(finn, fred):
    run = payouts.retry(with_one_failed(finn, fred), by=fred, at=NOW)
    assert (run.approved_at, run.approved_by, run.approved_label, run.changed_by) == (None, None, "", fred.id)


def with_one_failed(finn, fred) -> PayoutRun:
    """A run of two payouts: the bank paid the first and sent the other one back."""
    owe(payee("Acme"), 20_000), owe(payee("Cobalt"), 20_000)
    run = sent(finn, fred)
    first, second = run.payouts.order_by("partner__name")
    told = [Answer(first.reference, True, "B-1"), Answer(second.reference, False, "B-2", "Account closed")]
    return payouts.reconcile(run, told, by=finn, at=NOW)


def test_a_fee_that_came_after_the_count_and_is_taken_from_the_payout_stops_the_approval(finn, fred):
    acme = payee()
    owe(acme, 100)
    run = payouts.review(made(finn), by=finn, at=NOW)
    taken = EarningLine(partner=acme, kind="adjustment", direction="receivable", nets=True, status="accrued",
                        amount=Decimal(40), currency="USD", occurred_on=NOW.date(), accrued_at=NOW)  # fmt: skip
    earn([taken], at=NOW)
    with pytest.raises(Refused, match="1 amount was taken back"):
        payouts.approve(run, by=fred, at=NOW)
    assert shown(payouts.recount(run, by=finn, at=NOW)) == [("Acme", "60.00 USD", "draft", "")]


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([Answer("it", True, "B-1"), Answer("it", False, "B-1", "Account closed")], "tells two things about"),
        ([Answer("it", False, "B-1")], "Say why the bank sent it back"),
        ([Answer("PY-00000", True, "B-1")], "This run has no such payout: PY-00000"),
    ],
)
def test_answers_that_do_not_fit_are_refused_and_nothing_is_taken_in(finn, fred, answers, words):
    owe(payee(), 100)
    run = sent(finn, fred)
    own = run.payouts.get().reference
    told = [replace(one, payout=own) if one.payout == "it" else one for one in answers]
    with pytest.raises(Refused, match=words):
        payouts.reconcile(run, told, by=finn, at=NOW)
    assert run.payouts.get().status == "sent"
