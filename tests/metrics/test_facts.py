"""The figures that tiers judge by, against a plain reckoning."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db import transaction
from hypothesis import example, given
from hypothesis import strategies as st

from core.actor import SYSTEM
from core.deliver import deliver_due
from deals.models import ExchangeRate
from metrics import cards, services
from metrics.services.facts import asked_by, rebuild_facts
from tests.metrics.world import NOW, TODAY, opportunity, partner, roles
from tests.sampled import examples
from tiers import services as tiers
from tiers.models import Fact, ProgramMembership, ProgramVersion
from tiers.particulars import Enrolment, Figure
from tiers.windows import read_window

pytestmark = pytest.mark.django_db
WINDOWS = (
    "trailing 12 months", "trailing 1 month", "trailing 90 days", "calendar year", "calendar quarter",
    "last calendar quarter", "fiscal year from April", "fiscal quarter from February", "each quarter",
    "each of the last 2 quarters", "ever",
)  # fmt: skip
DAYS = st.integers(-3, 800).map(lambda back: TODAY - timedelta(days=back))
DEALS = st.lists(
    st.tuples(
        DAYS, st.decimals(0, 10**6, places=2), st.sampled_from(["USD", "EUR", "BRL"]),
        st.sampled_from(["selling", "sourcing", "technology"]), st.sampled_from(["new", "expansion", "renewal"]),
    ),
    max_size=8,
)  # fmt: skip
NO_RATE_IN_ONE_QUARTER = [
    (date(2026, 9, 30), Decimal("0.01"), "USD", "selling", "new"),
    (date(2026, 6, 30), Decimal(1), "BRL", "selling", "new"),
]


def leaf(metric, value=1, **more):
    return {"metric": metric, "op": ">=", "value": value, **more}


def rules_in(program, *leaves, number=1, **more):
    tiers_ = [{"name": "A", "rank": 1}, {"name": "B", "rank": 2, "requires": {"all": list(leaves)}}]
    return ProgramVersion.objects.create(
        program=program, number=number, effective_from=date(2020, 1, 1), published_at=NOW,
        definition={"id": program.key, "tiers": tiers_, **more},
    )  # fmt: skip


def figures(one):
    return {(f.metric, f.window): f.value for f in Fact.objects.filter(membership=one.membership)}


def reckoned(deals, span):
    """How many deals of a span count, and what they are worth in USD: EUR at 1.1 from a day on, BRL has no rate."""
    count, worth = 0, Decimal(0)
    for day, amount, currency, role, kind in deals:
        if span[0] <= day <= span[1] and role != "technology" and kind != "renewal":
            count += 1
            known = currency == "USD" or (currency == "EUR" and day >= TODAY - timedelta(days=300))
            worth += amount * (Decimal("1.1") if currency == "EUR" else 1) if known else 0
    return Decimal(count), worth.quantize(Decimal("0.01"), ROUND_HALF_UP)


@examples(10, long=30)
@example(NO_RATE_IN_ONE_QUARTER)
@given(DEALS)
def test_deals_and_revenue_of_every_window_are_what_a_plain_reckoning_finds(deals):
    with transaction.atomic():
        one = partner()
        ExchangeRate.objects.create(currency="EUR", day=TODAY - timedelta(days=300), rate=Decimal("1.1"), source="test")
        rules_in(one.membership.program, *(leaf(m, window=w) for m in ("won_deals", "won_revenue") for w in WINDOWS))
        for day, amount, currency, role, kind in deals:
            deal = opportunity(stage="won", amount=amount, currency=currency, kind=kind, opened=None, closed=day)
            roles(one, deal, role)
        rebuild_facts(TODAY, at=NOW)
        wanted = {}
        for words in WINDOWS:
            window = read_window(words)
            parts = [reckoned(deals, span) for span in window.spans(TODAY)]
            wanted["won_deals", window.key] = min(count for count, _worth in parts)
            wanted["won_revenue", window.key] = min(worth for _count, worth in parts)
        assert figures(one) == wanted
        transaction.set_rollback(True)


def test_a_deal_falls_out_on_the_day_its_window_says():
    one = partner()
    rules_in(one.membership.program, *(leaf("won_deals", window=w) for w in WINDOWS))
    day = date(2026, 11, 20)
    roles(one, opportunity(stage="won", closed=day), "selling")
    rebuild_facts(TODAY, at=NOW)
    found = {f.window: f.lapses for f in Fact.objects.filter(value=1)}
    wanted = {w.key: [end.isoformat()] if (end := w.falls_out(day)) else [] for w in map(read_window, WINDOWS)}
    assert found == {key: wanted[key] for key in found}
    assert set(found) == {
        "trailing_12_months", "trailing_1_months", "trailing_90_days", "calendar_year", "calendar_quarter",
        "fiscal_year_from_4", "fiscal_quarter_from_2", "ever",
    }  # fmt: skip


def test_only_what_a_program_in_force_asks_for_is_computed():
    one, other = partner(), partner()
    rules_in(one.membership.program, leaf("closed_deals_12m"), leaf("certified_people"))
    rebuild_facts(TODAY, at=NOW)
    assert (figures(one), figures(other)) == ({("closed_deals_12m", "trailing_12_months"): 0}, {})


def test_figures_that_no_rule_asks_for_any_more_go_and_those_of_people_stay():
    one = partner()
    program = one.membership.program
    rules_in(program, leaf("won_deals", window="calendar year"))
    tiers.set_figure(one.membership, Figure("certified_people", Decimal(2)), by=SYSTEM, at=NOW)
    rebuild_facts(TODAY, at=NOW)
    rules_in(program, leaf("won_deals"), number=2)
    changed = rebuild_facts(TODAY, at=NOW)
    assert [m.pk for m in changed] == [one.membership.pk]
    assert set(figures(one)) == {("won_deals", "trailing_12_months"), ("certified_people", "trailing_12_months")}


def test_a_night_without_news_writes_no_figure():
    one = partner()
    rules_in(one.membership.program, *(leaf(m) for m in ("won_deals", "won_revenue", "tenure_months")))
    roles(one, opportunity(stage="won"), "selling")
    rebuild_facts(TODAY, at=NOW)
    versions = list(Fact.objects.order_by("id").values_list("id", "version"))
    assert list(rebuild_facts(TODAY, at=NOW)) == []
    assert list(Fact.objects.order_by("id").values_list("id", "version")) == versions


def test_tenure_counts_whole_months_in_the_program():
    one = partner()
    ProgramMembership.objects.filter(pk=one.membership.pk).update(starts_on=date(2025, 10, 24))
    rules_in(one.membership.program, leaf("tenure_months"))
    rebuild_facts(TODAY, at=NOW)
    before = figures(one)
    rebuild_facts(TODAY + timedelta(days=1), at=NOW)
    assert (before, figures(one)) == (
        {("tenure_months", "trailing_12_months"): 12},
        {("tenure_months", "trailing_12_months"): 13},
    )


def test_the_window_of_the_program_is_that_of_its_leaves():
    one = partner()
    version = rules_in(one.membership.program, leaf("won_deals"), leaf("won_revenue", window="ever"), window="per year")
    asked = [(a.metric, a.key) for a in asked_by(version)]
    assert asked == [("won_deals", "trailing_12_months"), ("won_revenue", "ever")]


def test_a_split_deal_counts_once_for_each_partner_and_its_revenue_by_share():
    one, two = partner(), partner()
    deal = opportunity(stage="won", amount="1000")
    for who, share in ((one, 30), (two, 70)):
        rules_in(who.membership.program, leaf("won_deals"), leaf("won_revenue"))
        roles(who, deal, "sourcing", share_percent=share)
    rebuild_facts(TODAY, at=NOW)
    assert [sorted(figures(who).values()) for who in (one, two)] == [[1, 300], [1, 700]]


def test_rules_that_are_published_bring_their_figures_and_their_tiers_at_once():
    one = partner()
    roles(one, opportunity(stage="won"), "selling")
    definition = {
        "id": one.membership.program.key,
        "tiers": [{"name": "T", "rank": 1}, {"name": "U", "rank": 2, "requires": leaf("won_deals", window="ever")}],
    }
    tiers.load_program(definition, by=SYSTEM, at=NOW)
    deliver_due(NOW + timedelta(days=3650), rounds=3)
    one.membership.refresh_from_db()
    assert one.membership.earned_tier.name == "U"


def test_a_partner_that_comes_into_a_program_brings_its_deals():
    one, other = partner(), partner()
    roles(one, opportunity(stage="won"), "selling", membership=None)
    program = other.membership.program
    rules_in(program, leaf("won_deals"))
    ProgramMembership.objects.filter(pk=one.membership.pk).delete()
    made = tiers.enrol(Enrolment(one, program, "reseller", date(2026, 1, 1)), by=SYSTEM, at=NOW)
    deliver_due(NOW + timedelta(days=3650), rounds=3)
    assert Fact.objects.get(membership=made).value == 1


def test_rows_behind_revenue_say_why_some_do_not_count():
    one = partner()
    rules_in(one.membership.program, leaf("won_deals"), leaf("won_revenue", window="calendar year"))
    for more in ({}, {"currency": "BRL"}, {"amount": None}, {"closed": date(2025, 12, 30)}):
        roles(one, opportunity(**{"stage": "won", "opened": None} | more), "selling")
    services.recompute(at=NOW)
    rows = cards.won_revenue(SYSTEM, one.membership, NOW)
    assert (rows.metric, len(rows.counted), [r.falls_out_on for r in rows.counted]) == (
        "won_revenue", 1, [date(2027, 1, 1)],
    )  # fmt: skip
    assert sorted(r.why_not for r in rows.left_out) == [
        "Before 1 Jan 2026", "No exchange rate for BRL on that day", "No value",
    ]  # fmt: skip


def test_a_program_that_does_not_ask_for_revenue_shows_no_rows_of_it():
    one = partner()
    rules_in(one.membership.program, leaf("won_deals"))
    assert cards.won_revenue(SYSTEM, one.membership, NOW) is None
