"""What funded activities brought: the seventh metric against a plain count over the rows."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from django.urls import reverse

from core.actor import SYSTEM
from deals.enums import Stage, TouchKind, TouchStatus
from deals.models import ExchangeRate, Lead, Registration, Touch
from mdf import services
from mdf.enums import ActivityStatus
from mdf.models import Activity, Request
from mdf.particulars import BudgetPlan, ClaimDecision, Decision, Grant, Look, Order, Outcome, Plan, Ruling, Sum, Words
from mdf.track_record import track_record
from metrics import queries
from metrics.queries import returns, rows
from metrics.queries.cut import Cut
from metrics.windows import Period
from tests.factories import Cast
from tests.mdf.conftest import MET, Fund, another
from tests.metrics.world import NOW, TODAY, opportunity
from tiers.models import ProgramMembership

pytestmark = pytest.mark.django_db
YEAR = Period(TODAY - timedelta(days=365), TODAY)
DAY = timedelta(days=1)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@dataclass
class Spring(Fund):
    """The fund of a year ago: everything here lies in the past."""

    def done(self, ends: int, paid: str = "100.00", title: str = "Fair", **more) -> Activity:
        """An activity that ended so many days ago, approved for 500 of 1,000, claimed and paid in part."""
        plan = another(title=title, starts_on=ago(ends) - 2 * DAY, ends_on=ago(ends), **more)
        plan_ = Plan(self.membership, title, (plan,), self.allocation)
        before, after = NOW - (ends + 40) * DAY, NOW - (ends - 5) * DAY
        bo, mona, finn = (self.actor(name) for name in ("bo", "mona", "finn"))
        request = services.requests.submit(services.requests.draft(plan_, by=bo, at=before), by=bo, at=before)
        activity = request.activities.get()
        services.deciding.approve(request, Decision([Ruling(activity, Decimal(300), MET)]), by=mona, at=before)
        activity.refresh_from_db()
        if Decimal(paid):
            claim = services.claims.draft(self.claim_plan(activity, paid, "600.00"), by=bo, at=after)
            claim = services.claims.submit(claim, by=bo, at=after)
            looks = [Look(row, True) for row in (*claim.proofs.all(), *claim.invoice_lines.all())]
            services.claims.approve(claim, ClaimDecision(looks), by=mona, at=after)
            services.payments.order(claim, Order(Decimal(paid), "SEPA"), by=finn, at=after)
        return activity


@pytest.fixture
def spring(cast: Cast) -> Spring:
    from tests.factories import MembershipFactory, ProgramFactory  # noqa: PLC0415

    program, at = ProgramFactory(), NOW - 600 * DAY
    olga, finn = cast.actor("olga"), cast.actor("finn")
    plan = BudgetPlan(program, "Two years", "USD", ago(600), ago(-100))
    budget = services.budgets.plan_budget(plan, by=olga, at=at)
    change = services.budgets.ask_change(budget, Sum(Decimal(10_000), "All"), by=olga, at=at)
    services.budgets.grant_change(change, by=finn, at=at)
    budget.refresh_from_db()
    allocation = services.budgets.allocate(budget, Grant(cast.acme, Decimal(5000)), by=olga, at=at)
    member: ProgramMembership = MembershipFactory(partner=cast.acme, program=program)
    return Spring(cast, member, budget, allocation)


def touch(activity: Activity, deal, on: date, status=TouchStatus.CONFIRMED, **more) -> Touch:
    values = {"campaign": activity.tracking_code, "partner_id": activity.partner_id} | more
    return Touch.objects.create(
        opportunity=deal, kind=TouchKind.CAMPAIGN_ATTENDANCE, status=status, happened_on=on, entered_at=NOW,
        answered_at=NOW, **values,
    )  # fmt: skip


def roi(period: Period = YEAR, **more):
    return queries.metric("mdf_roi", SYSTEM, at=NOW, period=period, **more)


def test_pipeline_for_each_unit_paid_of_cohorts_whose_window_has_closed(spring):
    fair, late = spring.done(200), spring.done(100, title="Late")
    spring.done(210, paid="0", title="Never claimed")
    touch(fair, opportunity(amount="700", opened=ago(190)), ago(180))
    touch(fair, opportunity(Stage.WON, amount="300", opened=ago(190), closed=ago(150)), ago(180))
    touch(late, opportunity(amount="999", opened=ago(90)), ago(80))
    found = roi()
    assert (found.value, found.numerator, found.denominator, found.rows) == (
        Decimal("10.00"), Decimal(1000), Decimal(100), 3,
    )  # fmt: skip
    assert found.beside == {
        "won_for_each_unit": Decimal("3.00"), "paid_activities": 1, "forecast": Decimal(20_000),
        "maturing_activities": 1, "maturing_paid": Decimal(100), "maturing_pipeline": Decimal(999),
        "unpaid_activities": 1,
    }  # fmt: skip


def test_without_a_measured_activity_there_is_no_value_and_no_zero(spring):
    spring.done(100)
    assert (roi().value, roi().note) == (None, "No paid activity of this period has had its 180 days yet.")


@pytest.mark.parametrize(
    ("on", "status", "counts"),
    [
        (ago(202), TouchStatus.CONFIRMED, True),  # the day it starts
        (ago(203), TouchStatus.CONFIRMED, False),
        (ago(20), TouchStatus.CONFIRMED, True),  # 180 days after its end
        (ago(19), TouchStatus.CONFIRMED, False),
        (ago(180), TouchStatus.CLAIMED, False),
        (ago(180), TouchStatus.REFUSED, False),
    ],
)
def test_evidence_counts_when_confirmed_and_between_the_start_and_180_days_after_the_end(spring, on, status, counts):
    fair = spring.done(200)
    touch(fair, opportunity(amount="500", opened=ago(300)), on, status)
    assert roi().numerator == (Decimal(500) if counts else 0)


def test_another_partners_touch_with_the_code_does_not_count(spring):
    fair = spring.done(200)
    touch(fair, opportunity(amount="500", opened=ago(190)), ago(180), partner_id=spring.cast.cobalt.pk)
    assert roi().numerator == 0


def test_an_opportunity_of_three_activities_is_split_to_the_cent_and_counted_once(spring):
    three = [spring.done(200 + n, title=f"No. {n}") for n in range(3)]
    deal = opportunity(amount="100.00", opened=ago(190))
    for one in three:
        touch(one, deal, ago(180))
        touch(one, deal, ago(170))  # twice is once
    found = returns.of_activities("default", (ago(400), TODAY, TODAY), Cut())
    assert sorted(found[one.pk].pipeline for one in three) == [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]
    assert roi().numerator == Decimal("100.00")
    assert found[three[0].pk].evidence == f"{deal.reference} 1/3"


def test_what_is_clawed_back_was_not_paid(spring):
    fair = spring.done(200)
    touch(fair, opportunity(amount="500", opened=ago(190)), ago(180))
    claim = fair.claims.get()
    payment = claim.payments.get()
    services.payments.settle(payment, Outcome(), by=spring.actor("finn"), at=NOW)
    claim.refresh_from_db()
    services.payments.claw_back(claim, Words("Called off."), by=spring.actor("finn"), at=NOW)
    assert (roi().value, roi().beside["unpaid_activities"]) == (None, 1)


def test_other_currencies_count_at_the_rate_of_their_day_and_a_missing_one_is_told(spring):
    fair = spring.done(200)
    touch(fair, opportunity(amount="100", currency="EUR", opened=ago(190)), ago(180))
    assert (roi().value, roi().missing_rates) == (None, ("EUR",))
    for day, rate in ((ago(300), "2"), (ago(1), "3")):
        ExchangeRate.objects.create(currency="EUR", day=day, rate=Decimal(rate), source="Test")
    touch(fair, opportunity(Stage.WON, amount="10", currency="EUR", opened=ago(190), closed=ago(100)), ago(180))
    assert (roi().numerator, roi().beside["won_for_each_unit"]) == (Decimal(320), Decimal("0.20"))


def test_a_refund_of_a_lost_deal_does_not_matter_but_its_last_amount_does(spring):
    touch(spring.done(200), opportunity(Stage.LOST, amount="450", opened=ago(190), closed=ago(30)), ago(180))
    assert (roi().numerator, roi().beside["won_for_each_unit"]) == (Decimal(450), Decimal("0.00"))


def test_groups_sum_up_to_the_whole(spring):
    fair = spring.done(200)
    touch(fair, opportunity(amount="700", opened=ago(190)), ago(180))
    for group in ("partner", "region", "type", "month"):
        found = [one for one in roi(group_by=group).groups if one.numerator]
        assert [(one.numerator, one.denominator) for one in found] == [(Decimal(700), Decimal(100))], group


def test_the_rows_behind_it_say_which_count_and_cost_the_same_whatever_their_number(spring, django_assert_num_queries):
    fair, late = spring.done(200), spring.done(100, title="Late")
    spring.done(210, paid="0", title="Bare")
    touch(fair, opportunity(amount="700", opened=ago(190)), ago(180))
    touch(late, opportunity(amount="70", opened=ago(90)), ago(80))
    found = rows.rows(roi(), SYSTEM, Cut())
    with django_assert_num_queries(1):
        shown = [(cells[0], cells[4], cells[8]) for cells in found.every()]
    assert shown == [("Late", "180 days still run", "0.70"), ("Fair", "Yes", "7.00"), ("Bare", "Not paid", None)]


def plain(activities, deals_of, paid_of) -> tuple[Decimal, Decimal]:
    """(pipeline, paid) of measured cohorts, counted by hand."""
    holders = defaultdict(list)
    for one in sorted(activities, key=lambda a: a.pk):
        for deal in deals_of[one.pk]:
            holders[deal].append(one)
    counted = [a for a in activities if a.ends_on + 180 * DAY < TODAY and paid_of[a.pk]]
    total = Decimal(0)
    for deal, of in holders.items():
        cents = int(deal.amount * 100)
        parts = [cents // len(of) + (n < cents % len(of)) for n in range(len(of))]
        total += sum(Decimal(part) / 100 for part, one in zip(parts, of, strict=True) if one in counted)
    return total, sum((paid_of[a.pk] for a in counted), Decimal(0))


@pytest.mark.parametrize("seed", range(4))
def test_the_metric_agrees_with_a_plain_count(spring, seed):
    import random  # noqa: PLC0415

    chance = random.Random(seed)
    paid_of, deals_of, activities = {}, defaultdict(set), []
    for n in range(7):
        paid = chance.choice(("0", "33.33", "120.50"))
        one = spring.done(chance.randint(60, 360), paid=paid, title=f"No. {n}")
        activities.append(one)
        paid_of[one.pk] = Decimal(paid)
    for _n in range(12):
        deal = opportunity(amount=str(Decimal(chance.randint(1, 99_999)) / 100), opened=ago(380))
        for one in chance.sample(activities, chance.randint(0, 4)):
            on = one.starts_on + timedelta(days=chance.randint(-5, 200))
            touch(one, deal, on)
            if one.starts_on <= on <= min(one.ends_on + 180 * DAY, TODAY):
                deals_of[one.pk].add(deal)
    pipeline, paid = plain(activities, deals_of, paid_of)
    found = roi()
    assert (found.numerator, found.denominator) == (pipeline, paid)
    expected = (pipeline / paid).quantize(Decimal("0.01"), ROUND_HALF_EVEN) if paid else None
    assert found.value == expected


def test_a_record_tells_forecast_and_result_to_both_sides_but_to_no_rival(spring):
    fair = spring.done(200, expected_pipeline=Decimal(1000))
    touch(fair, opportunity(amount="800", opened=ago(190)), ago(180))
    for name in ("mona", "bo"):
        record = track_record(spring.cast.acme, actor=spring.actor(name), at=NOW)
        assert record.words == "1 measured: 8.0× for each unit paid, 80% of the forecast."
        assert [(one.title, one.times, one.kept, one.told) for one in record.past] == [
            ("Fair", Decimal("8.00"), Decimal("0.80"), "Measured"),
        ]  # fmt: skip
        assert record.of_type("event").activities == 1
    assert not track_record(spring.cast.acme, actor=spring.actor("cy"), at=NOW)


def test_a_record_counts_more_activities_than_it_lists(spring, monkeypatch):
    monkeypatch.setattr("mdf.track_record.LISTED", 1)
    for n in (1, 2):
        touch(spring.done(200, title=f"No. {n}"), opportunity(amount="520", opened=ago(190)), ago(180))
    record = track_record(spring.cast.acme, actor=SYSTEM, at=NOW)
    assert (len(record.past), record.whole.activities, record.of_type("event").activities) == (1, 2, 2)


def test_the_request_in_hand_is_no_part_of_its_own_record(spring):
    fair = spring.done(200)
    request = Request.objects.get(pk=fair.request_id)
    assert not track_record(spring.cast.acme, actor=SYSTEM, at=NOW, leave_out=request)
    assert Activity.objects.get(pk=fair.pk).status == ActivityStatus.APPROVED


def test_the_partner_reads_its_record_beside_its_next_request(spring, client, monkeypatch):
    monkeypatch.setattr("core.doors.now", lambda: NOW)
    touch(spring.done(200), opportunity(amount="520", opened=ago(190)), ago(180))
    client.force_login(spring.cast.bo)
    shown = client.get("/portal/mdf/new/").content.decode()
    assert "$520 pipeline ÷ $100 of our funds = 5.2×" in shown
    assert "1 activity measured; 3% of what you expected" in shown


def test_the_dashboard_and_its_page_show_the_figure_and_its_rows_as_a_file(spring, client, monkeypatch):
    monkeypatch.setattr("core.doors.now", lambda: NOW)
    fair = spring.done(200)
    touch(fair, opportunity(amount="700", opened=ago(190)), ago(180))
    client.force_login(spring.cast.eve)
    tile = next(t for t in client.get(reverse("metrics:dashboard")).context["tiles"] if t.label == "MDF return")
    assert (tile.value, tile.rows) == ("7", "See the 1 activities")
    page = client.get(reverse("metrics:metric", args=["mdf_roi"]))
    assert [row.cells[0] for row in page.context["table"].rows] == ["Fair"]
    lines = client.get(reverse("metrics:rows", args=["mdf_roi"])).getvalue().decode().splitlines()
    assert (len(lines), "Fair" in lines[1]) == (2, True)


def lead(activity: Activity, on: date, **more) -> Lead:
    at = datetime.combine(on, NOW.time(), NOW.tzinfo)
    return Lead.objects.create(account_name="Contoso", campaign=activity.tracking_code, received_at=at, **more)


def test_leads_with_the_code_count_as_results_until_180_days_after_the_end(spring):
    fair, late = spring.done(200), spring.done(100, title="Late")
    for days in (203, 202, 180, 20, 19):  # it started 202 days ago
        lead(fair, ago(days))
    lead(fair, ago(150), status="disqualified", disqualified_code="no_need")
    found = returns.of_activities("default", (ago(400), TODAY, TODAY), Cut())
    assert (found[fair.pk].leads, found[late.pk].leads) == (3, 0)
    cells = {one[0]: one[10] for one in rows.rows(roi(), SYSTEM, Cut()).every()}
    assert cells == {"Fair": 3, "Late": 0}


def test_a_lead_that_came_with_the_code_and_was_registered_is_evidence_of_its_deal(spring):
    fair = spring.done(200)
    deal = opportunity(amount="700", opened=ago(190))
    one = lead(fair, ago(195), partner_id=fair.partner_id, accepted_at=NOW)
    for partner, of in ((spring.cast.acme, deal), (spring.cast.cobalt, opportunity(amount="9", opened=ago(190)))):
        Registration.objects.create(
            partner=partner, membership=spring.membership, lead=one, opportunity=of, account_name="Contoso", amount=1,
            status="submitted", submitted_at=NOW,
        )  # fmt: skip
    touch(fair, deal, ago(180))  # twice is once
    assert roi().numerator == Decimal(700)


def test_the_record_says_how_many_leads_came_of_those_that_were_aimed_at(spring):
    fair = spring.done(200, target_leads=40)
    lead(fair, ago(190))
    (past,) = track_record(spring.cast.acme, actor=spring.actor("bo"), at=NOW).past
    assert (past.leads, past.leads_wanted) == (1, 40)


def test_the_page_sets_forecast_against_result_by_partner_and_by_type_of_activity(spring, client, monkeypatch):
    monkeypatch.setattr("core.doors.now", lambda: NOW)
    fair = spring.done(200, expected_pipeline=Decimal(1000))
    paper = spring.done(210, title="Paper", activity_type="content", expected_pipeline=Decimal(500))
    spring.done(100, title="Late")
    touch(fair, opportunity(amount="700", opened=ago(190)), ago(180))
    touch(paper, opportunity(amount="450", opened=ago(190)), ago(180))
    client.force_login(spring.cast.eve)
    page = client.get(reverse("metrics:metric", args=["mdf_roi"]))
    told = {
        table.caption: [
            (r.cells[0], r.cells[1], r.cells[2].amount, r.cells[3].amount, r.cells[4].text, r.cells[5])
            for r in table.rows
        ]
        for table in page.context["kept"]
    }
    assert told == {
        "Forecast against result: partner": [("Acme", 2, 1500, 1150, "77%", "5.8×")],
        "Forecast against result: type of activity": [
            ("Event or tradeshow", 1, 1000, 700, "70%", "7.0×"), ("Content creation", 1, 500, 450, "90%", "4.5×"),
        ],
    }  # fmt: skip
    other = client.get(reverse("metrics:metric", args=["active_partners_90d"]))
    assert other.context["kept"] == []
