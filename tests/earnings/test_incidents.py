"""Defects that others shipped, each by its id in the list of incidents: here they can't happen."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from core.actor import SYSTEM
from core.errors import IllegalTransition, Refused
from core.models import LedgerAccount
from deals.models import OpportunityPartner
from earnings.enums import LineStatus
from earnings.models import EarningLine
from earnings.particulars import Adjustment
from earnings.services import adjust, include, pay
from tests.earnings.conftest import WON, amounts, lines
from tests.factories import NOW, ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(trade):
    """A deal of 10,000 whose commission of 1,000 is paid."""
    trade.rule()
    deal = trade.referred()
    trade.pays(deal)
    pay(include(EarningLine.objects.all(), by=SYSTEM, at=NOW), by=SYSTEM, at=NOW)
    return deal


def the_line() -> EarningLine:
    return EarningLine.objects.order_by("pk").first()


@pytest.mark.parametrize("kind", ["refund", "credit"])
def test_oca_555_what_goes_back_takes_the_commission_back_with_the_opposite_sign(trade, paid, kind):
    trade.revenue(paid, kind, "2000", WON + timedelta(days=20))
    assert amounts() == [("1000.00", "paid"), ("-200.00", "approved")]


def test_oca_555_a_deal_lost_after_it_was_won_takes_the_commission_back(trade, paid):
    trade.reopen(paid)
    assert amounts() == [("1000.00", "paid"), ("-1000.00", "approved")]


def test_adempiere_1628_a_credit_is_taken_from_what_the_commission_is_reckoned_from(trade):
    trade.rule(percent=4)
    deal = trade.referred(amount="1000")
    trade.pays(deal, "1000")
    trade.revenue(deal, "credit", "200", WON + timedelta(days=20))
    assert sum(a for (a,) in lines("amount")) == Decimal("32.00")


def test_erpnext_57502_a_reversal_has_the_partner_and_the_rate_of_its_original(trade, paid):
    other = trade.member("referral", "other")
    OpportunityPartner.objects.filter(opportunity=paid).delete()
    OpportunityPartner.objects.create(
        opportunity=paid, partner=other.partner, membership=other, role="sourcing", share_percent=100
    )
    trade.rule(key="dearer", percent=50, territory="PT")
    trade.refunds(paid, "5000")
    original, reversal = EarningLine.objects.order_by("pk")
    assert (reversal.partner_id, reversal.rule_id, reversal.rate_percent) == (
        original.partner_id, original.rule_id, original.rate_percent,
    )  # fmt: skip
    assert (reversal.amount, reversal.reverses_id) == (Decimal("-500.00"), original.pk)


def test_erpnext_57502_the_database_refuses_a_reversal_for_another_partner(trade, paid):
    line = the_line()
    line.pk, line.partner, line.reverses_id = None, trade.member("referral", "other").partner, line.pk
    line.amount, line.reason, line.status, line.turn, line.reference = -line.amount, "So", LineStatus.ACCRUED, 9, "E-X"
    with pytest.raises(DatabaseError), transaction.atomic():
        line.save(force_insert=True)


def test_odoo_159486_a_rule_on_a_family_holds_for_the_families_below_it(trade):
    trade.rule(percent=10)
    trade.rule(percent=25, family="Cloud")
    deal = trade.referred(product=ProductFactory(family="Cloud/Storage"))
    assert lines("amount", opportunity=deal) == [(Decimal("2500.00"),)]


@pytest.mark.parametrize(
    "change", [{"amount": 1}, {"status": "approved"}, {"currency": "EUR"}, {"paid_at": None}, {"inputs": {}}]
)
def test_dub_2777_a_paid_line_never_changes(paid, change):
    with pytest.raises(DatabaseError), transaction.atomic():
        EarningLine.objects.filter(pk=the_line().pk).update(**change)


def test_dub_2777_no_line_is_ever_removed(paid):
    with pytest.raises(DatabaseError), transaction.atomic():
        the_line().delete()


@pytest.mark.parametrize("change", [{"amount": 1}, {"rate_percent": 1}, {"arithmetic": []}, {"occurred_on": WON}])
def test_dub_2777_an_earned_line_keeps_its_money(trade, change):
    trade.rule()
    trade.pays(trade.referred())
    with pytest.raises(DatabaseError), transaction.atomic():
        EarningLine.objects.update(**change)


def test_dub_2777_a_later_correction_of_refunded_revenue_changes_no_line(trade, paid):
    trade.refunds(paid, "10000")
    before = list(EarningLine.objects.order_by("pk").values())
    trade.revenue(paid, "payment", "100", WON + timedelta(days=60))
    assert list(EarningLine.objects.filter(pk__in=[row["id"] for row in before]).order_by("pk").values()) == before
    assert amounts()[2:] == [("10.00", "approved")]


def test_dub_4371_a_clawback_by_hand_needs_a_reason_and_an_amount(trade, cast):
    told = Adjustment(trade.member().partner, Decimal("-50.00"), "USD", "Paid twice in May")
    for wrong, field in (({"amount": Decimal(0)}, "amount"), ({"reason": ""}, "reason")):
        with pytest.raises(Refused) as refusal:
            adjust(Adjustment(**vars(told) | wrong), by=cast.actor("finn"), at=NOW)
        assert refusal.value.field == field
    adjust(told, by=cast.actor("finn"), at=NOW)
    assert lines("amount", "status", "reason", "kind") == [
        (Decimal("-50.00"), "approved", "Paid twice in May", "adjustment")
    ]


def test_dub_4371_the_database_refuses_zero_and_a_negative_line_without_a_reason(trade, paid):
    for values in ({"amount": 0, "reason": "So"}, {"amount": -1, "reason": ""}):
        line = EarningLine(
            partner=trade.member().partner, kind="adjustment", direction="payable", currency="USD", occurred_on=WON,
            status=LineStatus.ACCRUED, accrued_at=NOW, **values,
        )  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            line.save(force_insert=True)


def test_dub_2939_a_hold_delays_no_clawback(trade):
    trade.rule(hold_days=90)
    deal = trade.referred(won=NOW.date() - timedelta(days=20))
    trade.pays(deal, day=NOW.date() - timedelta(days=10))
    trade.refunds(deal, "5000", NOW.date() - timedelta(days=1))
    assert amounts() == [("1000.00", "on_hold"), ("-500.00", "approved")]
    assert [line.amount for line in EarningLine.objects.payable()] == [Decimal("-500.00")]


# --- the catalogue of faults: money ---------------------------------------------------------------------------------


def test_clawbacks_are_never_more_than_what_was_earned(trade, paid):
    trade.refunds(paid, "7000")
    trade.refunds(paid, "7000", WON + timedelta(days=50))
    trade.reopen(paid)
    assert sum(a for (a,) in lines("amount", amount__lt=0)) == Decimal("-1000.00")
    assert LedgerAccount.objects.get(kind="partner_payable").balance == Decimal("-1000.00")  # carried to what comes


def test_the_database_refuses_to_take_back_more_than_a_line_holds(trade, paid):
    trade.refunds(paid, "7000")
    line = EarningLine.objects.order_by("pk").last()
    line.pk, line.amount, line.turn, line.reference = None, Decimal("-300.01"), 7, "E-Y"
    with pytest.raises(DatabaseError), transaction.atomic():
        line.save(force_insert=True)


def test_a_refund_after_a_removed_one_takes_its_own_part_alone(trade, paid):
    first = trade.refunds(paid, "5000")
    trade.removes(first)
    trade.refunds(paid, "1000")
    assert sum(a for (a,) in lines("amount")) == Decimal("900.00")


def test_a_refund_that_comes_before_its_payment_is_reckoned_by_its_day(trade):
    trade.rule()
    deal = trade.referred()
    trade.refunds(deal, "5000", WON + timedelta(days=20))
    assert amounts() == [("1000.00", "forecast")]
    trade.pays(deal, "10000", WON + timedelta(days=10))
    assert sum(a for (a,) in lines("amount")) == Decimal("500.00")


def test_a_payment_that_comes_back_and_is_made_again_earns_once(trade):
    trade.rule(percent=None, amount=700, pay_currency="USD", duration_months=None)
    deal = trade.referred()
    trade.pays(deal)
    trade.refunds(deal, "10000")
    trade.pays(deal, day=WON + timedelta(days=50))
    assert sum(a for (a,) in lines("amount")) == Decimal("700.00")


@pytest.mark.parametrize("step", ["approve", "hold"])
def test_a_retained_margin_is_refused_on_every_way_to_a_payout(trade, step):
    from earnings.services.moving import move_all  # noqa: PLC0415

    trade.rule("reseller", kind="margin", direction="retained", percent=20)
    deal = trade.deal((trade.member("reseller"), "selling"))
    trade.pays(deal)
    with pytest.raises(Refused):
        move_all(step, EarningLine.objects.all(), by=SYSTEM, at=NOW)


def test_a_line_is_paid_once(trade, paid):
    with pytest.raises(IllegalTransition):
        pay(EarningLine.objects.all(), by=SYSTEM, at=NOW)
