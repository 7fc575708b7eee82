"""Which rule holds, how rules are superseded, and what a rule may not say."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from core.actor import SYSTEM
from core.errors import Forbidden, Refused
from deals.enums import PartnerRole
from earnings.models import RevenueRule
from earnings.particulars import RuleDraft
from earnings.services import publish_rule, retire_rule
from tests.earnings.conftest import WON, lines
from tests.factories import NOW, ProductFactory, TierFactory

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def draft(trade):
    return RuleDraft(
        trade.program, "referral", "Referral commission", "referral", "commission", "payable",
        effective_from=date(2026, 1, 1), percent=Decimal(10), duration_months=12,
    )  # fmt: skip


def publish(draft, **changes):
    return publish_rule(replace(draft, **changes), by=SYSTEM, at=NOW)


def rates() -> list[str]:
    return [f"{rate.normalize():f}" for (rate,) in lines("rate_percent")]


@pytest.mark.parametrize(
    ("narrow", "kind"),
    [
        ("product", "product"),
        ("family", "family"),
        ("tier", "tier"),
        ("territory", "territory"),
        ("currency", "currency"),
    ],
)
def test_the_rule_that_looks_closer_wins(trade, draft, narrow, kind):
    product = ProductFactory(family="Cloud/Storage")
    values = {"product": product, "family": "Cloud", "tier": trade.tier, "territory": "PT", "currency": "USD"}
    publish(draft)
    publish(draft, key="closer", percent=Decimal(15), **{narrow: values[narrow]})
    deal = trade.referred(product=product, won=None)
    deal.account.country = "PT"
    deal.account.save()
    trade.win(deal)
    assert rates() == ["15"]


def test_a_rule_on_a_family_holds_for_the_families_below_it(trade, draft):
    publish(draft)
    publish(draft, key="cloud", percent=Decimal(12), family="Cloud")
    publish(draft, key="storage", percent=Decimal(14), family="Cloud/Storage")
    for family, percent in (("Cloud/Backup", "12"), ("Cloud/Storage/Cold", "14"), ("Cloudy", "10")):
        deal = trade.referred(product=ProductFactory(family=family))
        assert [f"{rate.normalize():f}" for (rate,) in lines("rate_percent", opportunity=deal)] == [percent]


def test_a_tie_is_refused_when_the_rule_is_saved(trade, draft):
    publish(draft)
    with pytest.raises(Refused) as refusal:
        publish(draft, key="another", percent=Decimal(12))
    assert refusal.value.code == "tie"
    assert RevenueRule.objects.count() == 1


def test_rules_that_name_other_things_or_other_days_do_not_tie(trade, draft):
    publish(draft, currency="USD")
    publish(draft, key="euro", currency="EUR")
    publish(draft, key="rebate", kind="rebate", currency="USD")
    first = publish(draft, key="tiered", tier=TierFactory(program=trade.program, rank=7))
    retire_rule(first, date(2026, 3, 31), by=SYSTEM, at=NOW)
    publish(draft, key="tiered again", tier=first.tier, effective_from=date(2026, 4, 1))
    assert RevenueRule.objects.count() == 5


def test_a_new_version_ends_the_one_before_and_old_deals_keep_theirs(trade, draft):
    publish(draft)
    before = trade.referred(won=date(2026, 3, 31))
    publish(draft, percent=Decimal(20), effective_from=date(2026, 4, 1))
    after = trade.referred(won=date(2026, 4, 1))
    trade.settled(before)
    assert [rates() for _n in (1,)] == [["10", "20"]]
    assert list(RevenueRule.objects.order_by("number").values_list("number", "effective_to")) == [
        (1, date(2026, 3, 31)),
        (2, None),
    ]
    assert [lines("rate_percent", opportunity=deal) for deal in (before, after)] == [[(10,)], [(20,)]]


def test_the_same_rule_again_makes_no_version(draft):
    assert (
        publish(draft, split={"sourcing": Decimal(100)}).pk == publish(draft, split={"sourcing": Decimal("100.0")}).pk
    )
    assert RevenueRule.objects.count() == 1


def test_a_registered_deal_keeps_the_version_of_its_approval(trade, draft):
    publish(draft)
    publish(draft, percent=Decimal(20), effective_from=date(2026, 5, 15))
    for day, percent in ((date(2026, 5, 14), "10"), (date(2026, 5, 15), "20")):
        deal = trade.referred(won=None)
        trade.registered(deal, trade.member(), day)
        trade.win(deal, WON)
        assert [f"{rate.normalize():f}" for (rate,) in lines("rate_percent", opportunity=deal)] == [percent]


def test_a_registered_deal_keeps_the_tier_of_its_approval(trade, draft):
    gold = TierFactory(program=trade.program, rank=3, key="gold")
    publish(draft)
    publish(draft, key="gold", percent=Decimal(18), tier=gold)
    deal = trade.referred(won=None)
    trade.registered(deal, trade.member(), date(2026, 5, 14), tier="gold")
    trade.win(deal)
    assert rates() == ["18"]


def test_an_unregistered_deal_has_the_tier_of_its_close(trade, draft, cast):
    from tiers.services import give_tier  # noqa: PLC0415

    gold = TierFactory(program=trade.program, rank=3, key="gold")
    publish(draft)
    publish(draft, key="gold", percent=Decimal(18), tier=gold)
    give_tier(trade.member(), gold, "Promoted", by=SYSTEM, at=NOW.replace(month=7))
    deal = trade.referred(won=WON)  # before the promotion
    later = trade.referred(won=date(2026, 8, 1))
    assert [lines("rate_percent", opportunity=one) for one in (deal, later)] == [[(10,)], [(18,)]]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"percent": None}, "percent"),
        ({"amount": Decimal(5), "pay_currency": "USD"}, "percent"),
        ({"split": {"sourcing": Decimal(60), "co_sell": Decimal(30)}}, "split"),
        ({"direction": "retained"}, "direction"),
        ({"cap": Decimal(100)}, "currency"),
        ({"kind": "license_fee"}, "kind"),
        ({"nets": True}, "nets"),
        ({"minimum": Decimal(1), "pay_currency": "USD"}, "minimum"),
        ({"floor": Decimal(5), "cap": Decimal(4), "pay_currency": "USD"}, "cap"),
    ],
)
def test_terms_that_do_not_fit_together_are_refused(draft, changes, field):
    with pytest.raises(Refused) as refusal:
        publish(draft, **changes)
    assert refusal.value.field == field


def test_people_change_rules_from_today_on_alone(draft, cast):
    publish(draft)
    with pytest.raises(Refused) as refusal:
        publish_rule(
            replace(draft, percent=Decimal(20), effective_from=TODAY - timedelta(days=1)), by=cast.actor("olga"), at=NOW
        )
    assert refusal.value.field == "effective_from"
    with pytest.raises(Forbidden):
        publish_rule(replace(draft, percent=Decimal(20), effective_from=TODAY), by=cast.actor("finn"), at=NOW)
    assert (
        publish_rule(replace(draft, percent=Decimal(20), effective_from=TODAY), by=cast.actor("olga"), at=NOW).number
        == 2
    )


@pytest.mark.parametrize("values", [{"percent": 11}, {"cap": 5}, {"effective_from": date(2025, 1, 1)}, {"key": "x"}])
def test_the_database_refuses_to_edit_a_rule(draft, values):
    rule = publish(draft)
    with pytest.raises(DatabaseError), transaction.atomic():
        RevenueRule.objects.filter(pk=rule.pk).update(**values)
    with pytest.raises(DatabaseError), transaction.atomic():
        RevenueRule.objects.filter(pk=rule.pk).delete()


def test_a_floor_lifts_and_a_cap_holds_what_a_deal_gives(trade, draft):
    publish(draft, floor=Decimal(500), cap=Decimal(800), pay_currency="USD")
    small = trade.referred(amount="1000")
    trade.pays(small, "600")
    trade.pays(small, "400")
    large = trade.referred(amount="10000")
    trade.pays(large, "7000")
    trade.pays(large, "3000")
    assert [[f"{a}" for (a,) in lines("amount", opportunity=deal)] for deal in (small, large)] == [
        ["500.00"],
        ["100.00", "700.00"],
    ]


def test_payments_after_the_duration_earn_nothing_and_their_refund_takes_nothing(trade, draft):
    publish(draft, duration_months=3)
    deal = trade.referred()
    trade.pays(deal, "4000", date(2026, 8, 31))
    trade.pays(deal, "4000", date(2026, 9, 1))
    trade.refunds(deal, "4000", date(2026, 9, 2))
    assert [f"{a}" for (a,) in lines("amount", revenue_event_id__isnull=False)] == ["400.00"]


def test_a_refund_after_the_clawback_days_takes_nothing_back(trade, draft):
    publish(draft, clawback_days=30)
    deal = trade.referred()
    trade.pays(deal, day=WON)
    trade.refunds(deal, "5000", WON + timedelta(days=31))
    assert [f"{a}" for (a,) in lines("amount")] == ["1000.00"]
    trade.refunds(deal, "1000", WON + timedelta(days=30))
    assert [f"{a}" for (a,) in lines("amount")] == ["1000.00", "-100.00"]


def test_where_the_program_says_so_invoices_earn_and_payments_do_not(trade, draft):
    from earnings.particulars import TermsOfMoney  # noqa: PLC0415
    from earnings.services import set_earning_terms  # noqa: PLC0415

    publish(draft)
    set_earning_terms(trade.program, TermsOfMoney(accrues_on="invoice"), by=SYSTEM, at=NOW)
    deal = trade.referred()
    trade.pays(deal, "3000")
    trade.revenue(deal, "invoice", "10000")
    trade.revenue(deal, "credit", "1000", WON + timedelta(days=3))
    assert [f"{a}" for (a,) in lines("amount")] == ["1000.00", "-100.00"]


def test_partners_of_one_role_share_it_and_roles_stand_beside_each_other(trade, draft):
    publish(draft, partner_type="technology", kind="revenue_share", roles=("technology", "sourcing"))
    members = [trade.member("technology", name) for name in "abc"]
    deal = trade.deal(*((m, PartnerRole.TECHNOLOGY) for m in members), amount="1000")
    trade.pays(deal, "1000")
    assert sorted(f"{a}" for (a,) in lines("amount")) == ["33.33", "33.33", "33.34"]
