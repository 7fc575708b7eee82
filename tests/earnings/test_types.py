"""The seven types of partner: a deal of each gives the line of its revenue model."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.actor import SYSTEM
from core.errors import Refused
from core.models import Event, LedgerAccount
from deals.enums import PartnerRole
from earnings.models import EarningLine
from earnings.particulars import Usage
from earnings.reactions import settle_vetted
from earnings.services import invoice, report_usage
from partners import services
from partners.models import Partner
from tests.earnings.conftest import WON, amounts, lines
from tests.factories import NOW

pytestmark = pytest.mark.django_db
WAY = ("kind", "direction", "amount", "status")
Q1, Q1_END = date(2026, 7, 1), date(2026, 9, 30)


def shown(**narrow) -> list[tuple[str, str, str, str]]:
    return [(kind, way, f"{amount}", status) for kind, way, amount, status in lines(*WAY, **narrow)]


def balances() -> dict[str, str]:
    return {a.kind: f"{a.balance:.2f}" for a in LedgerAccount.objects.all()}


def test_a_referral_partner_is_paid_a_commission(trade):
    trade.rule("referral", percent=10)
    trade.pays(trade.referred())
    assert shown() == [("commission", "payable", "1000.00", "approved")]
    assert balances() == {"commission_expense": "-1000.00", "partner_payable": "1000.00"}


def test_a_fixed_commission_is_earned_once_at_the_first_payment(trade):
    trade.rule("referral", percent=None, amount=500, pay_currency="USD", duration_months=None)
    deal = trade.referred()
    trade.pays(deal, "2000")
    trade.pays(deal, "8000", date(2026, 8, 1))
    assert shown() == [("commission", "payable", "500.00", "approved")]


def test_a_reseller_keeps_its_margin_and_is_never_paid_it(trade):
    trade.rule("reseller", kind="margin", direction="retained", percent=20)
    deal = trade.deal((trade.member("reseller"), PartnerRole.SELLING), amount="8000", list_amount=Decimal(10_000))
    assert shown() == [("margin", "retained", "2000.00", "forecast")]
    trade.pays(deal, "8000")
    assert shown() == [("margin", "retained", "2000.00", "accrued")]
    assert EarningLine.objects.payable().count() == 0
    assert balances() == {}


def test_a_margin_without_a_list_price_is_reckoned_from_what_the_customer_pays(trade):
    trade.rule("reseller", kind="margin", direction="retained", percent=20)
    trade.deal((trade.member("reseller"), PartnerRole.SELLING), amount="8000")
    assert shown() == [("margin", "retained", "2000.00", "forecast")]


def test_a_registered_reseller_has_an_uplift_and_a_rebate_that_is_paid(trade):
    trade.rule("reseller", kind="margin", direction="retained", percent=20, registered_uplift_percent=5)
    trade.rule("reseller", kind="rebate", percent=2, registered_only=True)
    seller = trade.member("reseller")
    deal = trade.deal((seller, PartnerRole.SELLING), amount="7500", list_amount=Decimal(10_000), won=None)
    trade.registered(deal, seller, date(2026, 5, 1))
    trade.win(deal)
    trade.pays(deal, "7500")
    assert sorted(shown()) == [
        ("margin", "retained", "2500.00", "accrued"),
        ("rebate", "payable", "150.00", "approved"),
    ]


def test_a_reseller_without_a_registration_has_no_rebate(trade):
    trade.rule("reseller", kind="rebate", percent=2, registered_only=True)
    trade.deal((trade.member("reseller"), PartnerRole.SELLING))
    assert shown() == []


def test_an_integration_partner_earns_nothing_unless_a_share_is_agreed(trade):
    builder = trade.member("integration")
    trade.pays(trade.deal((builder, PartnerRole.TECHNOLOGY)))
    assert shown() == []
    trade.rule("integration", kind="revenue_share", percent=5)
    trade.pays(trade.deal((builder, PartnerRole.TECHNOLOGY)))
    assert shown() == [("revenue_share", "payable", "500.00", "approved")]


def test_an_agency_is_paid_for_what_it_referred_and_keeps_the_margin_of_what_it_sold(trade):
    trade.rule("agency", percent=8, roles=["sourcing"])
    trade.rule("agency", kind="margin", direction="retained", percent=10, roles=["selling"])
    agency = trade.member("agency")
    trade.deal((agency, PartnerRole.SOURCING, Decimal(100)))
    trade.deal((agency, PartnerRole.SELLING), list_amount=Decimal(12_000))
    assert shown() == [
        ("commission", "payable", "800.00", "forecast"),
        ("margin", "retained", "1200.00", "forecast"),
    ]


def test_strategic_partners_share_by_a_table_that_adds_up(trade):
    trade.rule("strategic", kind="revenue_share", percent=10, split={"sourcing": "60", "co_sell": "40"})
    one, two = trade.member("strategic", "one"), trade.member("strategic", "two")
    deal = trade.deal(
        (one, PartnerRole.SOURCING, Decimal(100)),
        (one, PartnerRole.CO_SELL),
        (two, PartnerRole.CO_SELL),
        amount="999.99",
    )
    trade.pays(deal, "999.99")
    assert [f"{a}" for (a,) in lines("amount", partner=one.partner)] == ["80.00"]
    assert [f"{a}" for (a,) in lines("amount", partner=two.partner)] == ["20.00"]


def test_what_nobody_holds_of_a_split_table_stays_with_the_vendor(trade):
    trade.rule("strategic", kind="revenue_share", percent=10, split={"sourcing": "50", "co_sell": "30", "vendor": "20"})
    trade.pays(trade.deal((trade.member("strategic"), PartnerRole.CO_SELL)))
    assert shown() == [("revenue_share", "payable", "300.00", "approved")]


def test_a_technology_partner_earns_nothing_unless_a_share_is_agreed(trade):
    partner = trade.member("technology")
    trade.deal((partner, PartnerRole.TECHNOLOGY))
    assert shown() == []
    trade.rule("technology", kind="revenue_share", percent=3)
    trade.deal((partner, PartnerRole.TECHNOLOGY))
    assert shown() == [("revenue_share", "payable", "300.00", "forecast")]


# --- OEM -------------------------------------------------------------------------------------------------------------


def fee(trade, **more):
    values = {"kind": "license_fee", "direction": "receivable", "percent": None, "amount": 4, "minimum": 1000}
    return trade.rule("oem", **values | {"pay_currency": "USD"} | more)


def report(trade, units: int, first=Q1, last=Q1_END, **more):
    return report_usage(trade.member("oem"), Usage(first, last, units, **more), by=SYSTEM, at=NOW)


def test_a_report_below_the_minimum_is_one_receivable_of_the_minimum(trade):
    fee(trade)
    report(trade, 100)
    assert shown() == [("license_fee", "receivable", "1000.00", "accrued")]
    assert balances() == {"partner_receivable": "-1000.00", "license_income": "1000.00"}


def test_a_report_above_the_minimum_is_billed_by_the_unit(trade):
    fee(trade)
    report(trade, 1250)
    assert shown() == [("license_fee", "receivable", "5000.00", "accrued")]


def test_a_later_report_of_the_same_period_is_trued_up(trade):
    fee(trade)
    report(trade, 100)
    report(trade, 400)
    report(trade, 300)
    report(trade, 0)
    assert [f"{a}" for (a,) in lines("amount")] == ["1000.00", "600.00", "-400.00", "-200.00"]
    assert sum(a for (a,) in lines("amount")) == 1000


def test_the_same_report_again_makes_no_line(trade):
    fee(trade)
    report(trade, 100)
    report(trade, 100)
    assert len(shown()) == 1


def test_a_fee_is_handed_to_invoicing_and_is_in_no_payout(trade):
    fee(trade)
    report(trade, 100)
    assert EarningLine.objects.payable().count() == 0
    invoice(EarningLine.objects.all(), by=SYSTEM, at=NOW)
    assert amounts() == [("1000.00", "invoiced")]


def test_a_fee_is_taken_from_a_payout_only_where_the_agreement_says_so(trade):
    fee(trade, nets=True)
    report(trade, 100)
    assert [line.amount for line in EarningLine.objects.payable()] == [Decimal(1000)]
    with pytest.raises(Refused):
        invoice(EarningLine.objects.all(), by=SYSTEM, at=NOW)


def test_periods_do_not_overlap(trade):
    fee(trade)
    report(trade, 100)
    with pytest.raises(Refused) as refusal:
        report(trade, 100, date(2026, 9, 1), date(2026, 10, 31))
    assert refusal.value.field == "period_start"


def test_only_oem_partners_report_usage(trade):
    with pytest.raises(Refused) as refusal:
        report_usage(trade.member("reseller"), Usage(Q1, Q1_END, 1), by=SYSTEM, at=NOW)
    assert refusal.value.field == "membership"


def test_a_license_deal_expects_its_worth_and_reports_use_it_up(trade):
    fee(trade)
    trade.deal((trade.member("oem"), PartnerRole.SELLING), amount="6000")
    assert shown() == [("license_fee", "receivable", "6000.00", "forecast")]
    report(trade, 500)
    assert sorted(shown()) == [
        ("license_fee", "receivable", "2000.00", "accrued"),
        ("license_fee", "receivable", "4000.00", "forecast"),
    ]


def test_what_a_customer_of_an_oem_pays_makes_no_fee(trade):
    fee(trade)
    deal = trade.deal((trade.member("oem"), PartnerRole.SELLING), amount="6000")
    trade.pays(deal, "6000", WON)
    assert shown() == [("license_fee", "receivable", "6000.00", "forecast")]


def joined_alone(partner) -> None:
    Partner.objects.filter(pk=partner.pk).update(unvetted_since=NOW)


def vetted(partner) -> None:
    partner.refresh_from_db()
    services.vet(partner, by=SYSTEM, at=NOW)
    settle_vetted(Event.objects.get(type="partner.vetted"))


def test_the_margin_of_who_joined_by_itself_waits_for_our_check_and_then_comes(trade):
    trade.rule("reseller", kind="margin", direction="retained", percent=20)
    trade.rule("reseller", kind="rebate", percent=2)
    seller = trade.member("reseller")
    joined_alone(seller.partner)
    deal = trade.deal((seller, PartnerRole.SELLING), amount="8000", list_amount=Decimal(10_000))
    trade.pays(deal, "8000")
    assert shown() == [("rebate", "payable", "160.00", "approved")]
    vetted(seller.partner)
    assert sorted(shown()) == [
        ("margin", "retained", "2000.00", "accrued"),
        ("rebate", "payable", "160.00", "approved"),
    ]


def test_the_margin_of_a_colleague_does_not_wait_for_the_check_of_another(trade):
    trade.rule("reseller", kind="margin", direction="retained", percent=20)
    seller, other = trade.member("reseller"), trade.member("reseller", "other")
    joined_alone(other.partner)
    parts = ((seller, PartnerRole.SELLING, Decimal(50)), (other, PartnerRole.SELLING, Decimal(50)))
    trade.pays(trade.deal(*parts, amount="8000", list_amount=Decimal(10_000)), "8000")
    own = shown(partner=seller.partner)
    assert (own, shown(partner=other.partner)) == ([("margin", "retained", "1000.00", "accrued")], [])
    vetted(other.partner)
    assert (shown(partner=seller.partner), shown(partner=other.partner)) == (own, own)


def test_the_margin_of_who_was_declined_is_never_told(trade):
    trade.rule("reseller", kind="margin", direction="retained", percent=20)
    seller = trade.member("reseller")
    Partner.objects.filter(pk=seller.partner.pk).update(status="declined")
    trade.pays(trade.deal((seller, PartnerRole.SELLING), amount="8000", list_amount=Decimal(10_000)), "8000")
    assert shown() == []


def test_a_period_that_has_not_ended_is_not_reported(trade):
    fee(trade)
    with pytest.raises(Refused) as refusal:
        report(trade, 100, date(2026, 10, 1), NOW.date() + timedelta(days=1))
    assert (refusal.value.field, shown()) == ("period_end", [])
