"""What each metric counts and what it leaves out."""

import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from core.actor import SYSTEM
from core.errors import Forbidden
from core.events import record
from core.ids import uuid7
from deals.models import ExchangeRate, Touch
from metrics import queries, services
from metrics.models import ActiveSpan, Run, Scorecard
from metrics.queries import Cut
from metrics.queries.rows import rows
from metrics.windows import Period, trailing
from partners.enums import PartnerStatus
from partners.models import Agreement, Integration, Partner
from tests.factories import make_cast
from tests.metrics.world import NOW, TODAY, midnight, opportunity, partner, register, roles, sourced

pytestmark = pytest.mark.django_db


def read(key, **more):
    services.recompute(at=NOW)
    return queries.metric(key, SYSTEM, at=NOW, **more)


def ago(days):
    return TODAY - timedelta(days=days)


# --- pipeline -------------------------------------------------------------------------------------------------------


def test_pipeline_is_open_new_and_expansion_that_a_partner_sourced():
    one = partner()
    sourced(one, amount="100")
    sourced(one, amount="200", kind="expansion")
    sourced(one, amount="400", kind="renewal")
    sourced(one, amount="800", stage="won")
    opportunity(amount="1600")
    found = read("partner_sourced_pipeline")
    assert (found.value, found.rows, found.beside["renewals"]) == (Decimal("300.00"), 2, Decimal("400.00"))


def test_pipeline_of_a_past_day_holds_what_was_open_then():
    one = partner()
    sourced(one, amount="100", stage="won", opened=ago(50), closed=ago(10))
    values = [read("partner_sourced_pipeline", period=trailing(ago(n))).value for n in (51, 50, 11, 10, 0)]
    assert values == [0, 100, 100, 0, 0]


def test_estimated_amounts_are_marked():
    sourced(partner(), amount="100", amount_estimated=True)
    assert read("partner_sourced_pipeline").estimated == 100


def test_an_open_deal_without_account_day_or_amount_is_attributed_to_nobody():
    one = partner()
    for missing in ({"account": None}, {"opened": None}, {"amount": None}):
        sourced(one, **missing)
    assert (read("partner_sourced_pipeline").rows, Scorecard.objects.get(partner=one).open_count) == (0, 0)


def test_open_amounts_of_another_currency_count_at_the_rate_of_the_day():
    sourced(partner(), amount="100", currency="EUR")
    assert (read("partner_sourced_pipeline").value, read("partner_sourced_pipeline").missing_rates) == (None, ("EUR",))
    for day, rate in ((ago(20), "1.10"), (ago(5), "1.20")):
        ExchangeRate.objects.create(currency="EUR", day=day, rate=Decimal(rate), source="test")
    assert [read("partner_sourced_pipeline", period=trailing(ago(n))).value for n in (6, 5)] == [110, 120]


def test_a_missing_rate_is_said_in_words():
    sourced(partner(), amount="100", currency="EUR")
    assert read("partner_sourced_pipeline").note == (
        "An exchange rate is missing: EUR. Import it, then this figure comes back."
    )


# --- attribution ----------------------------------------------------------------------------------------------------


def sourced_by(deal):
    services.recompute(at=NOW)
    return [row.partner_id for row in deal.attributions.all()]


def test_the_earliest_registration_sources():
    first, second = partner(), partner()
    deal = opportunity()
    register(second, deal, sent=midnight(ago(31)))
    register(first, deal, sent=midnight(ago(40)))
    assert sourced_by(deal) == [first.pk]


def test_a_registration_stands_above_an_earlier_referral():
    first, second = partner(), partner()
    deal = opportunity()
    register(first, deal, sent=midnight(ago(40)), motion="refer")
    register(second, deal, sent=midnight(ago(35)))
    assert sourced_by(deal) == [second.pk]


def test_evidence_that_had_ended_before_the_deal_opened_does_not_count():
    deal = opportunity()
    register(partner(), deal, sent=midnight(ago(200)), grace=midnight(ago(31)))
    assert sourced_by(deal) == []


def test_evidence_of_thirty_days_later_counts_and_of_one_more_does_not():
    deals = [opportunity(opened=ago(60)) for _n in range(2)]
    for deal, days in zip(deals, (30, 31), strict=True):
        register(partner(), deal, sent=midnight(ago(60 - days)))
    assert [len(sourced_by(deal)) for deal in deals] == [1, 0]


@pytest.mark.parametrize("source", ["marketing", "sales_outbound"])
def test_late_evidence_does_not_count_where_we_brought_the_deal(source):
    deal = opportunity(opened=ago(60), vendor_source=source)
    register(partner(), deal, sent=midnight(ago(50)))
    assert sourced_by(deal) == []


def test_late_evidence_does_not_count_beside_a_direct_deal_on_the_account():
    deal = opportunity(opened=ago(60))
    opportunity(opened=ago(70), account=deal.account)
    register(partner(), deal, sent=midnight(ago(50)))
    assert sourced_by(deal) == []


def test_our_own_people_source_nothing():
    deal = opportunity()
    register(partner(is_direct=True), deal)
    assert sourced_by(deal) == []


def test_a_managers_decision_stands_above_a_registration():
    first, second = partner(), partner()
    deal = opportunity()
    register(first, deal)
    deal.attribution_decisions.create(partner=second, reason="They met first", decided_at=NOW)
    assert sourced_by(deal) == [second.pk]


def test_credit_is_split_as_the_partners_share_the_sourcing():
    first, second = partner(), partner()
    deal = opportunity(amount="100")
    register(first, deal)
    deal.partners.filter(role="sourcing").update(share_percent=60)
    roles(second, deal, "sourcing", share_percent=40)
    found = read("partner_sourced_pipeline", group_by="partner")
    assert (found.value, found.rows, [g.value for g in found.groups]) == (100, 1, [60, 40])


def test_credit_is_frozen_at_close():
    one = partner()
    deal = sourced(one, stage="won")
    services.recompute(at=NOW)
    one.registrations.update(deleted_at=NOW)
    assert (sourced_by(deal), deal.attributions.get().frozen_on) == ([one.pk], deal.closed_on)


# --- active partners ------------------------------------------------------------------------------------------------


def test_active_ends_ninety_times_24_hours_after_the_event():
    one = partner()
    deal = opportunity()
    register(one, deal, sent=NOW - timedelta(days=90))
    services.recompute(at=NOW)
    moments = (NOW - timedelta(seconds=1), NOW)
    values = [queries.metric("active_partners_90d", SYSTEM, at=at).value for at in moments]
    assert values == [1, 0]


def test_events_join_to_one_span_and_a_gap_parts_them():
    one = partner()
    deal = opportunity()
    for days in (300, 250, 10):
        register(one, deal, sent=NOW - timedelta(days=days))
    services.recompute(at=NOW)
    spans = ActiveSpan.objects.order_by("starts_at").values_list("starts_at", "ends_at")
    assert [((NOW - a).days, (NOW - b).days) for a, b in spans] == [(300, 160), (10, -80)]


def test_what_counts_follows_the_partners_type():
    kinds = {"reseller": "selling", "agency": "implementing", "technology": "technology", "oem": "selling"}
    made = {}
    for kind, role in kinds.items():
        made[kind] = partner()
        made[kind].membership.partner_type = kind
        made[kind].membership.save()
        roles(made[kind], opportunity(stage="won"), role)
    read("active_partners_90d")
    active = set(ActiveSpan.objects.values_list("partner_id", flat=True))
    assert {kind: one.pk in active for kind, one in made.items()} == {
        "reseller": True, "agency": True, "technology": True, "oem": False,
    }  # fmt: skip


def of_type(kind: str):
    made = partner()
    made.membership.partner_type = kind
    made.membership.save()
    return made


def test_a_confirmed_touch_a_live_integration_and_a_usage_report_are_business_of_their_types():
    kinds = ("technology", "integration", "oem", "reseller")
    touching, live, using = ({kind: of_type(kind) for kind in kinds} for _n in range(3))
    for kind in kinds:
        deal = opportunity()
        for status in ("confirmed", "refused") if kind == "technology" else ("confirmed",):
            Touch.objects.create(
                partner=touching[kind], opportunity=deal, kind="joint_call", status=status, happened_on=NOW.date(),
                entered_at=NOW, answered_at=NOW,
            )  # fmt: skip
        Integration.objects.create(partner=live[kind], name="Bridge", status="live", live_since=NOW.date())
        report = SimpleNamespace(resource="usage_report", pk=uuid7(), public_id="usg_x", version=1)
        record("reported", report, by=SYSTEM, at=NOW, partner_id=using[kind].pk)
    read("active_partners_90d")
    active = set(ActiveSpan.objects.values_list("partner_id", flat=True))
    found = [{kind for kind in kinds if rows[kind].pk in active} for rows in (touching, live, using)]
    assert found == [{"technology", "integration"}, {"technology", "integration"}, {"oem"}]


def test_a_claimed_touch_a_planned_integration_and_business_of_long_ago_make_nobody_active():
    one = of_type("technology")
    Touch.objects.create(
        partner=one, opportunity=opportunity(), kind="joint_call", happened_on=NOW.date(), entered_at=NOW
    )
    Integration.objects.create(partner=one, name="Bridge", status="planned")
    Integration.objects.create(partner=one, name="Old", status="live", live_since=NOW.date() - timedelta(days=91))
    assert read("active_partners_90d").value == 0


def test_what_counts_for_a_type_is_data_of_its_program():
    made = partner()
    made.membership.partner_type = "oem"
    made.membership.save()
    roles(made, opportunity(stage="won"), "selling")
    assert read("active_partners_90d").value == 0
    made.membership.program.lifecycle = {"qualifying": {"oem": ["win"]}}
    made.membership.program.save()
    assert read("active_partners_90d").value == 1


def test_a_rejected_registration_makes_nobody_active():
    deal = opportunity()
    register(partner(), deal, status="rejected", rejection_code="incomplete", decision_reason="x")
    assert read("active_partners_90d").value == 0


def test_the_label_of_a_partner_follows_its_events():
    one = partner()
    register(one, opportunity(), sent=NOW - timedelta(days=89))
    services.recompute(at=NOW)
    labels = []
    for days in (0, 1):
        services.sweep_active(at=NOW + timedelta(days=days))
        labels.append(Partner.objects.get(pk=one.pk).status)
    register(one, opportunity(), sent=NOW)
    services.recompute(at=NOW + timedelta(days=1))
    labels.append(Partner.objects.get(pk=one.pk).status)
    assert labels == [PartnerStatus.ACTIVE, PartnerStatus.INACTIVE, PartnerStatus.ACTIVE]


def test_active_partners_are_a_share_of_those_we_work_with():
    sourced(partner())
    partner()
    partner(status=PartnerStatus.SUSPENDED)
    found = read("active_partners_90d")
    assert (found.value, found.denominator, found.beside["share"]) == (1, 2, 50)


# --- revenue --------------------------------------------------------------------------------------------------------


def test_revenue_is_what_partners_sourced_of_all_that_was_won_in_the_period():
    one = partner()
    sourced(one, stage="won", amount="300", closed=ago(10))
    sourced(one, stage="won", amount="999", opened=ago(500), closed=ago(366))
    opportunity(stage="won", amount="100", closed=ago(10))
    found = read("partner_sourced_revenue_percent")
    assert (found.value, found.numerator, found.denominator, found.rows) == (75, 300, 400, 1)


def test_both_ends_of_a_period_count():
    one = partner()
    for days in (12, 11, 10, 9):
        sourced(one, stage="won", amount="1", closed=ago(days))
    found = read("partner_sourced_revenue_percent", period=Period(ago(11), ago(10)))
    assert found.rows == 2


def test_nothing_won_is_no_value_not_zero():
    assert read("partner_sourced_revenue_percent").value is None


def test_won_amounts_keep_the_rate_of_their_close_date():
    ExchangeRate.objects.create(currency="EUR", day=ago(100), rate=Decimal("1.25"), source="test")
    ExchangeRate.objects.create(currency="EUR", day=ago(5), rate=Decimal(9), source="test")
    sourced(partner(), stage="won", amount="80", currency="EUR", closed=ago(10))
    opportunity(stage="won", amount="100", closed=ago(10))
    found = read("partner_sourced_revenue_percent")
    assert (found.value, found.numerator, queries.totals(TODAY).won_amount) == (50, 100, 200)


def test_revenue_without_a_rate_says_so():
    opportunity(stage="won", amount="100", currency="EUR", closed=ago(10))
    found = read("partner_sourced_revenue_percent")
    assert (found.value, found.missing_rates, queries.totals(TODAY).won_amount) == (None, ("EUR",), None)


def test_groups_add_up_to_the_metric():
    for region in ("North", "South"):
        sourced(partner(region=region), stage="won", amount="100", closed=ago(10))
    opportunity(stage="won", amount="200", closed=ago(10))
    found = read("partner_sourced_revenue_percent", group_by="region")
    assert (sum(g.value for g in found.groups), [g.label for g in found.groups]) == (found.value, ["North", "South"])


def test_a_cut_counts_its_partners_alone():
    for region in ("North", "South"):
        sourced(partner(region=region), amount="100")
    assert read("partner_sourced_pipeline", cut=Cut(region="North")).value == 100


# --- time to first deal ---------------------------------------------------------------------------------------------


def sign(one, days):
    Agreement.objects.create(
        partner=one, title="Terms", text_version="1", signed_at=midnight(ago(days)), signed_by="Bo"
    )
    return one


def test_the_first_won_new_deal_after_the_agreement_counts():
    one = sign(partner(), 100)
    for kind, closed in (("new", 101), ("expansion", 95), ("new", 60), ("new", 20)):
        sourced(one, stage="won", kind=kind, opened=ago(120), closed=ago(closed))
    found = read("time_to_first_deal_days")
    assert (found.value, found.rows, found.beside["deals_before_agreement"]) == (40, 1, 1)


def test_too_few_deals_show_a_share_instead_of_a_median():
    sourced(sign(partner(), 300), stage="won", closed=ago(250))
    for _n in range(4):
        sign(partner(), 200)
    found = read("time_to_first_deal_days")
    assert (found.value, found.note, found.numerator, found.denominator) == (None, "20% within 180 days", 1, 5)


# --- doors ----------------------------------------------------------------------------------------------------------


def test_partners_may_not_read_metrics():
    with pytest.raises(Forbidden):
        queries.metric("partner_sourced_pipeline", make_cast().actor("bo"), at=NOW)


def test_the_command_prints_the_agreed_shape():
    sourced(partner(), stage="won", amount="300", closed=ago(400))
    opportunity(stage="won", amount="100", closed=ago(10))
    services.recompute(at=NOW)
    out = StringIO()
    call_command("metrics", as_of=TODAY, format="json", stdout=out)
    answer = json.loads(out.getvalue())
    assert (answer["as_of"], answer["currency"], len(answer["metrics"])) == ("2026-11-23", "USD", 7)
    revenue = answer["metrics"]["partner_sourced_revenue_percent"]
    assert (revenue["value"], revenue["unit"], revenue["rows"]) == ("75.0", "percent", 1)
    assert answer["totals"] == {
        "won_count": 2, "won_amount": "400.00", "lost_count": 0, "open_count": 0, "open_without_amount": 0,
        "open_without_opened_on": 0, "estimated_open_amount": "0.00",
    }  # fmt: skip


def test_the_recompute_command_says_rows_and_seconds():
    sourced(partner())
    out = StringIO()
    call_command("recompute", stdout=out)
    lines = [line.split(":")[0] for line in out.getvalue().splitlines()]
    assert (lines[-2:], Run.objects.count()) == (["rows", "seconds"], 1)


# --- influence ------------------------------------------------------------------------------------------------------


def touched(by, deal, status="confirmed"):
    Touch.objects.create(
        partner=by, opportunity=deal, kind="joint_call", status=status, happened_on=deal.opened_on,
        entered_at=midnight(deal.opened_on), answered_at=NOW,
    )  # fmt: skip
    return deal


def test_influenced_pipeline_is_what_partners_touched_and_none_sourced():
    one, two = partner(region="North"), partner(region="South")
    touched(two, touched(one, opportunity(amount="100")))
    touched(one, opportunity(amount="200", kind="renewal"))
    touched(one, opportunity(amount="400"), status="claimed")
    touched(two, sourced(one, amount="800"))
    touched(one, opportunity(amount="1600", stage="won"))
    found = read("partner_influenced_pipeline", group_by="partner")
    assert (found.value, found.rows, [g.value for g in found.groups]) == (100, 1, [100, 100])
    assert (found.beside["renewals_influenced"], found.beside["attached"]) == (200, 900)
    behind = rows(found, SYSTEM, Cut())
    assert [(deal.amount, len(deal.credited)) for deal in behind.queryset] == [(100, 2)]
    assert queries.metric("partner_influenced_pipeline", SYSTEM, at=NOW, cut=Cut(region="North")).value == 100


def test_transacted_is_won_with_a_selling_partner_whoever_sourced():
    one = partner()
    sold = opportunity(stage="won", amount="100", closed=ago(10))
    roles(one, sold, "selling")
    sourced(one, stage="won", amount="200", closed=ago(10))
    touched(one, opportunity(stage="won", amount="400", closed=ago(10)))
    beside = read("partner_sourced_revenue_percent").beside
    assert (beside["transacted"], beside["attached_revenue"]) == (300, 600)
