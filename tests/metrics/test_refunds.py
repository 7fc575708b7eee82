"""What customers get back: figures of the month it is dated in, and the tier's credit from that day on."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.actor import SYSTEM
from core.models import Event
from deals.models import RevenueEvent
from deals.particulars import Revenue
from deals.services import enter_revenue
from earnings.models import Entitlement
from metrics import reactions
from metrics.cards import closed_deals
from metrics.models import PartnerDay, TotalDay
from metrics.queries import metric
from metrics.queries.cut import Cut
from metrics.queries.rows import rows
from metrics.services import recompute
from partners.actors import actor_for
from tests.factories import RevenueRuleFactory, StaffFactory
from tests.metrics.world import NOW, TODAY, partner, sourced
from tiers.models import Fact, ProgramVersion

pytestmark = pytest.mark.django_db
CLOSED, BACK = TODAY - timedelta(days=60), TODAY - timedelta(days=10)


@pytest.fixture
def won():
    """A deal of 1,000 that a partner sourced, won 60 days ago."""
    seller = partner()
    silver = {"all": [{"metric": "closed_deals_12m", "op": ">=", "value": 1}]}
    tiers = [
        {"name": "Registered", "rank": 1, "requires": {"all": []}},
        {"name": "Silver", "rank": 2, "requires": silver},
    ]
    rules = {"tiers": tiers, "credits": {"sourcing": 1}}
    program = seller.membership.program
    ProgramVersion.objects.create(program=program, number=1, effective_from=CLOSED, definition=rules)
    return sourced(seller, stage="won", closed=CLOSED, opened=TODAY - timedelta(days=90))


def refund(deal, amount, day=BACK, kind="refund"):
    made = enter_revenue(deal, Revenue(kind, day, Decimal(amount)), by=SYSTEM, at=NOW)
    reactions.refresh(Event.objects.get(type="revenue_event.created", subject_id=made.pk))
    return made


def by_day(model):
    found = model.objects.exclude(won_amount=0).order_by("day")
    return [(row.day, row.won_amount, row.won_reported, row.sourced_won_reported, row.won_count) for row in found]


def credited() -> Decimal:
    return Fact.objects.get(metric="closed_deals_12m").value


def test_a_refund_reduces_its_own_day_and_leaves_the_day_of_the_close(won):
    recompute(at=NOW)
    refund(won, "400")
    expected = [(CLOSED, 1000, 1000, 1000, 1), (BACK, -400, -400, -400, 0)]
    assert by_day(TotalDay) == expected
    assert by_day(PartnerDay) == expected


def test_a_full_recompute_finds_nothing_that_the_event_had_not_brought(won):
    recompute(at=NOW)
    refund(won, "400")
    refund(won, "333.33", TODAY, "credit")
    report = recompute(at=NOW)
    assert (report.rows["days"], report.rows["partner days"]) == (0, 0)


def test_a_refund_that_is_removed_leaves_no_trace(won):
    recompute(at=NOW)
    made = refund(won, "400")
    RevenueEvent.objects.filter(pk=made.pk).update(deleted_at=NOW)
    recompute(at=NOW)
    assert by_day(TotalDay) == [(CLOSED, 1000, 1000, 1000, 1)]


def test_a_full_refund_takes_the_tiers_credit_and_a_part_of_it_does_not(won):
    recompute(at=NOW)
    assert credited() == 1
    refund(won, "999.99")
    assert credited() == 1
    refund(won, "0.01")
    assert credited() == 0


def test_what_was_paid_decides_whether_everything_went_back(won):
    recompute(at=NOW)
    refund(won, "600", CLOSED, "payment")
    refund(won, "600")
    assert credited() == 0


def test_the_partner_reads_why_the_deal_does_not_count(won):
    refund(won, "1000")
    membership = won.partners.first().membership
    shown = closed_deals(SYSTEM, membership, NOW)
    assert [row.why_not for row in shown.left_out] == ["The customer had everything refunded"]
    assert shown.counted == []


def test_the_rows_behind_the_revenue_add_up_to_it(won):
    recompute(at=NOW)
    refund(won, "400")
    eve = actor_for(StaffFactory(staff_role="executive"))
    found = metric("partner_sourced_revenue_percent", eve, at=NOW)
    table = rows(found, eve, Cut())
    place = [key for key, _heading, _kind in table.columns].index("reported")
    assert sum(cells[place].amount for cells in table.every()) == found.numerator == 600


def entitled(won, **days):
    """The partner earns from the deal by a rule with such days of clawback."""
    membership = won.partners.first().membership
    rule = RevenueRuleFactory(program=membership.program, partner_type=membership.partner_type, **days)
    Entitlement.objects.create(
        partner=membership.partner, membership=membership, opportunity=won, rule=rule, basis="closed", terms_on=CLOSED,
        won_on=CLOSED, currency="USD",
    )  # fmt: skip


@pytest.mark.parametrize(("days", "after", "credit"), [(30, 30, 0), (30, 31, 1), (None, 50, 0)])
def test_a_full_refund_takes_the_credit_within_the_clawback_days_of_the_payment(won, days, after, credit):
    entitled(won, clawback_days=days)
    refund(won, "1000", CLOSED, "payment")
    refund(won, "1000", CLOSED + timedelta(days=after))
    recompute(at=NOW)
    assert credited() == credit
    shown = closed_deals(SYSTEM, won.partners.first().membership, NOW)
    assert (len(shown.counted), len(shown.left_out)) == (credit, 1 - credit)


def test_a_refund_that_was_completed_too_late_takes_no_credit(won):
    entitled(won, clawback_days=30)
    refund(won, "1000", CLOSED, "payment")
    refund(won, "600", CLOSED + timedelta(days=10))
    refund(won, "400", CLOSED + timedelta(days=40))
    recompute(at=NOW)
    assert credited() == 1
