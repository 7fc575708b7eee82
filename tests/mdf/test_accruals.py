"""What partners' business sets aside for them: once per span, out of a budget, to the cent."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from core import ledger, timers
from core.errors import Refused
from core.models import LedgerTransaction
from deals.enums import OpportunityKind, PartnerRole, RevenueKind, Stage
from deals.models import RevenueEvent
from mdf import money, services, tasks
from mdf.enums import AllocationKind
from mdf.models import Allocation, Budget, FundTerms
from mdf.particulars import BudgetPlan, Sum
from mdf.rules import Span
from partners.models import Program
from tests.factories import NOW, Cast, MembershipFactory, ProgramFactory, TierFactory
from tests.metrics.world import opportunity, roles

pytestmark = pytest.mark.django_db
OCTOBER, SEPTEMBER = date(2026, 10, 12), date(2026, 9, 12)
RULE = {"percent": 2, "of": "paid_revenue", "span": "month", "expires_months": 12, "budget": "Accrued"}


@dataclass
class Business:
    """Acme in a program that accrues, with an empty or filled budget of this year."""

    cast: Cast
    program: Program
    budget: Budget

    def moved(self, amount: str, kind=RevenueKind.PAYMENT, on: date = OCTOBER, partner=None, **deal) -> None:
        one = opportunity(Stage.WON, amount=amount, closed=on, opened=on - timedelta(days=9), **deal)
        who = partner or self.cast.acme
        who.membership = who.program_memberships.get(program=self.program)
        roles(who, one, PartnerRole.SELLING, PartnerRole.SOURCING)
        RevenueEvent.objects.create(
            opportunity=one, kind=kind, occurred_on=on, amount=Decimal(amount), currency=one.currency
        )

    def more(self, amount: str) -> None:
        ask = services.budgets.ask_change(self.budget, Sum(Decimal(amount), "More"), by=self.cast.actor("olga"), at=NOW)
        services.budgets.grant_change(ask, by=self.cast.actor("finn"), at=NOW)

    def run(self, at: datetime = NOW, place: int = 0) -> list[Allocation]:
        program = Program.objects.select_related("fund_terms").get(pk=self.program.pk)
        return services.accruals.accrue(services.accruals.due(program, at.date())[place], at=at)

    def only(self) -> Allocation:
        return Allocation.objects.get(partner=self.cast.acme)


def make_business(cast: Cast, amount: str = "5000.00", **rule) -> Business:
    program = ProgramFactory()
    FundTerms.objects.create(program=program, data={"accruals": [RULE | rule]})
    plan = BudgetPlan(program, "Accrued", "USD", date(2026, 1, 1), date(2027, 12, 31))
    budget = services.budgets.plan_budget(plan, by=cast.actor("olga"), at=NOW)
    MembershipFactory(partner=cast.acme, program=program)
    business = Business(cast, program, budget)
    business.more(amount)
    budget.refresh_from_db()
    return business


@pytest.fixture
def business(cast: Cast) -> Business:
    return make_business(cast)


def free(one: Allocation) -> Decimal:
    return money.balance(money.AVAILABLE, one).amount


@pytest.mark.parametrize(
    ("day", "kind", "first", "last", "name"),
    [
        (date(2026, 11, 23), "month", date(2026, 10, 1), date(2026, 10, 31), "2026-10"),
        (date(2027, 1, 1), "month", date(2026, 12, 1), date(2026, 12, 31), "2026-12"),
        (date(2026, 11, 23), "quarter", date(2026, 7, 1), date(2026, 9, 30), "2026-Q3"),
        (date(2028, 3, 1), "month", date(2028, 2, 1), date(2028, 2, 29), "2028-02"),
        (date(2026, 11, 23), "year", date(2025, 1, 1), date(2025, 12, 31), "2025"),
    ],
)
def test_the_span_is_the_last_whole_one(day, kind, first, last, name):
    assert Span.before(day, kind) == Span(first, last, name)


def test_two_percent_of_what_was_paid_for_new_and_expansion_business_less_refunds(business):
    business.moved("1000.00")
    business.moved("500.55", kind=RevenueKind.REFUND, on=date(2026, 10, 31))
    business.moved("9000", on=SEPTEMBER)
    renewal = opportunity(Stage.WON, amount="800", closed=OCTOBER, kind=OpportunityKind.RENEWAL)
    roles(business.cast.acme, renewal, PartnerRole.SELLING)
    RevenueEvent.objects.create(opportunity=renewal, kind="payment", occurred_on=OCTOBER, amount=800, currency="USD")
    business.run()
    one = business.only()
    assert (one.kind, one.amount, free(one), one.unfunded) == (
        AllocationKind.ACCRUED,
        Decimal("9.99"),
        Decimal("9.99"),
        0,
    )
    assert one.arithmetic == {
        "base": "499.45", "counted": "499.45", "amount": "9.99", "percent": "2", "currency": "USD",
        "of": "paid_revenue", "first": "2026-10-01", "last": "2026-10-31",
    }  # fmt: skip
    assert (one.period_start, one.expires_on) == (date(2026, 11, 1), date(2027, 10, 31))
    assert ledger.wrong() == []


def test_the_same_span_accrues_once(business):
    business.moved("1000.00")
    assert len(business.run()) == 1
    business.moved("1000.00")
    assert business.run() == []
    given = LedgerTransaction.objects.filter(event__type="mdf_allocation.accrued")
    assert (business.only().amount, given.count()) == (20, 1)


def test_the_tiers_percent_holds_where_the_rule_names_none(cast):
    business = make_business(cast, percent=None)
    member = cast.acme.program_memberships.get(program=business.program)
    member.tier = TierFactory(program=business.program, key="platinum", mdf_accrual_percent=Decimal("2.5"))
    member.save(update_fields=["tier"])
    business.moved("1000.00")
    business.run()
    assert business.only().amount == 25


def test_no_more_than_the_cap_of_a_span(cast):
    business = make_business(cast, cap=15)
    business.moved("1000.00")
    business.run()
    assert (business.only().amount, business.only().arithmetic["cap"]) == (15, "15.00")


def test_what_the_budget_lacks_waits_and_is_given_when_it_has_money(cast):
    business = make_business(cast, "12.00")
    business.moved("1000.00")
    business.run()
    assert (business.only().amount, business.only().unfunded) == (12, 8)
    business.more("5.00")
    assert (business.only().amount, business.only().unfunded, free(business.only())) == (17, 3, 17)
    business.more("50.00")
    assert (business.only().amount, business.only().unfunded) == (20, 0)
    assert money.balance(money.UNDIVIDED, business.budget).amount == 47
    assert ledger.wrong() == []


def test_more_refunded_than_paid_takes_back_what_is_free_and_never_more(business):
    business.moved("1000.00", on=SEPTEMBER)
    business.run(at=NOW - timedelta(days=30))
    first = business.only()
    assert first.amount == 20
    business.moved("700.00", kind=RevenueKind.REFUND)
    business.run()
    first.refresh_from_db()
    assert (first.amount, free(first)) == (6, 6)
    again = Allocation.objects.exclude(pk=first.pk).get()
    assert (again.amount, again.arithmetic["amount"], again.arithmetic["taken_back"]) == (0, "-14.00", "14.00")
    business.moved("5000.00", kind=RevenueKind.REFUND, on=date(2026, 11, 12))
    business.run(at=NOW + timedelta(days=20))
    first.refresh_from_db()
    assert (first.amount, free(first), ledger.wrong()) == (0, 0, [])


def test_growth_counts_against_the_year_before_and_shrinking_is_none(cast):
    business = make_business(cast, of="growth", span="year", percent=2)
    business.moved("1000.00", on=date(2024, 5, 1))
    business.moved("1600.00", on=date(2025, 5, 1))
    other = cast.cobalt
    MembershipFactory(partner=other, program=business.program)
    business.moved("900.00", on=date(2024, 5, 1), partner=other)
    business.moved("100.00", on=date(2025, 5, 1), partner=other)
    Budget.objects.filter(pk=business.budget.pk).update(period_start=date(2025, 1, 1))
    business.run()
    assert [(one.partner, one.amount) for one in Allocation.objects.all()] == [(cast.acme, 12)]


def test_a_first_order_accrues_once_in_the_span_it_was_paid_in(cast):
    business = make_business(cast, of="first_order", percent=10)
    business.moved("400.00", on=SEPTEMBER)
    business.moved("1000.00")
    business.run()
    assert not Allocation.objects.exists()
    business.run(at=NOW - timedelta(days=30))
    assert business.only().amount == 40


def test_a_missing_rate_or_budget_stops_the_run_and_the_next_night_does_it(business):
    business.moved("1000.00", currency="EUR")
    with pytest.raises(Refused, match="An exchange rate is missing: EUR"):
        business.run()
    Budget.objects.filter(pk=business.budget.pk).update(name="Other")
    with pytest.raises(Refused, match="There is no open budget to accrue from"):
        business.run()
    assert not Allocation.objects.exists()


def test_after_its_months_what_nobody_reserved_goes_back(business):
    business.moved("1000.00")
    business.run()
    end = datetime(2027, 11, 1, 1, tzinfo=NOW.tzinfo)
    tasks.expire(business.only().pk, end)
    assert (business.only().amount, free(business.only())) == (0, 0)
    assert money.balance(money.UNDIVIDED, business.budget).amount == 5000


@pytest.mark.committed
def test_the_timer_rings_after_the_last_day(committed):
    from core.actor import SYSTEM  # noqa: PLC0415
    from core.scope import scope  # noqa: PLC0415
    from tests.factories import make_cast  # noqa: PLC0415

    with scope(SYSTEM):
        business = make_business(make_cast())
        business.moved("1000.00")
        business.run()
    timers.ring(datetime(2027, 11, 1, 1, tzinfo=NOW.tzinfo))
    with scope(SYSTEM):
        assert free(business.only()) == 0


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({}, "2% of 10,000.00 USD that customers paid from 1 Oct 2026 to 31 Oct 2026 = 200.00 USD."),
        (
            {"cap": 150},
            "2% of 10,000.00 USD that customers paid from 1 Oct 2026 to 31 Oct 2026 = 200.00 USD, at most 150.00 USD.",
        ),
        (
            {"of": "growth"},
            "2% of 10,000.00 USD more than a year before, paid from 1 Oct 2026 to 31 Oct 2026 = 200.00 USD.",
        ),
        (
            {"of": "first_order"},
            "2% of first orders of 10,000.00 USD, paid from 1 Oct 2026 to 31 Oct 2026 = 200.00 USD.",
        ),
    ],
)
def test_both_sides_read_how_it_was_found(cast, client, monkeypatch, rule, told):
    monkeypatch.setattr("core.doors.now", lambda: NOW)
    business = make_business(cast, **rule)
    business.moved("10000.00")
    business.run()
    client.force_login(cast.bo)
    assert [fund.arithmetic for fund in client.get(reverse("portal:mdf")).context["funds"]] == [told]
    client.force_login(cast.mona)
    page = client.get(reverse("admin:mdf_allocation", args=[business.only().reference]))
    assert told in page.content.decode()
