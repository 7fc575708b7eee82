"""Every sentence of the definition of credit, with its boundary days."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.actor import SYSTEM
from deals import attribution
from deals.attribution.why import why
from deals.models import Attribution, Lead, Touch
from tests.metrics.world import NOW, TODAY, midnight, opportunity, partner, register, roles

pytestmark = pytest.mark.django_db
OPENED = TODAY - timedelta(days=100)
CLOSED = TODAY - timedelta(days=40)


def day(offset, base=OPENED):
    return midnight(base + timedelta(days=offset))


def lead(by, deal=None, at=None, source="campaign", **more):
    at = at or day(0)
    domain = f"{deal.account.pk.hex}.example" if deal else ""
    if deal:
        type(deal.account).objects.filter(pk=deal.account_id).update(domain=domain)
        deal.account.refresh_from_db()
    values = {"status": "accepted", "account_name": "Customer", "domain": domain} | more
    return Lead.objects.create(partner=by, source=source, received_at=at, accepted_at=at, **values)


def touch(by, deal, happened=0, entered=None, status="confirmed", kind="joint_call", base=OPENED):
    happened_on = base + timedelta(days=happened)
    return Touch.objects.create(
        partner=by, opportunity=deal, kind=kind, status=status, happened_on=happened_on,
        entered_at=entered or midnight(happened_on), answered_at=NOW,
    )  # fmt: skip


def won(**more):
    return opportunity(stage="won", opened=OPENED, closed=CLOSED, **more)


def credit(deal):
    """{partner: (credit, evidence)} as it is written; the page that says why must tell the same."""
    attribution.recompute()
    found = {row.partner_id: (row.credit, row.evidence) for row in deal.attributions.all()}
    told = why(deal, SYSTEM)
    if not told.decision and not told.incomplete:
        assert {c.evidence for c in told.sourcing if c.wins} == {e for k, e in found.values() if k == "sourced"}
        assert not [c for c in told.sourcing if c.wins and (c.bar or c.raw_bar)]
    return found


# --- sourced --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["open", "won", "lost"])
def test_a_registration_live_at_the_opening_sources(stage):
    one, deal = partner(), opportunity(stage=stage, opened=OPENED, closed=None if stage == "open" else CLOSED)
    register(one, deal, sent=day(-90), grace=day(1))
    assert credit(deal) == {one.pk: ("sourced", "registration")}


@pytest.mark.parametrize(("ends", "counts"), [(-1, False), (0, False), (1, True)])
def test_a_registration_lives_until_its_grace_has_ended(ends, counts):
    """The grace ends with the first moment of this day, counted from the opening."""
    one, deal = partner(), opportunity(opened=OPENED)
    register(one, deal, sent=day(-90), grace=day(ends))
    assert bool(credit(deal)) is counts


@pytest.mark.parametrize("status", ["in_review", "rejected", "withdrawn", "revoked", "transferred"])
def test_a_registration_that_was_not_approved_or_was_taken_back_is_no_evidence(status):
    one, deal = partner(), opportunity(opened=OPENED)
    more = {"rejection_code": "incomplete", "decision_reason": "x"} if status == "rejected" else {}
    register(one, deal, sent=day(-1), status=status, **more)
    assert credit(deal) == {}


def test_a_referral_is_evidence_of_its_own_kind():
    one, deal = partner(), opportunity(opened=OPENED)
    register(one, deal, sent=day(-1), motion="refer")
    assert credit(deal) == {one.pk: ("sourced", "referral")}


@pytest.mark.parametrize(("days", "counts"), [(180, True), (181, False)])
def test_a_campaign_lead_lives_180_days(days, counts):
    one, deal = partner(), opportunity(opened=OPENED)
    lead(one, deal, at=day(-days))
    assert (credit(deal).get(one.pk) == ("sourced", "campaign")) is counts


@pytest.mark.parametrize("status", ["offered", "disqualified", "returned"])
def test_a_lead_counts_while_its_partner_works_on_it(status):
    one, deal = partner(), opportunity(opened=OPENED)
    lead(one, deal, status=status, **({"disqualified_code": "no_need"} if status == "disqualified" else {}))
    assert credit(deal) == {}


@pytest.mark.parametrize(("days", "counts"), [(0, True), (1, True), (30, True), (31, False)])
def test_evidence_of_up_to_30_days_after_the_opening_counts(days, counts):
    one, deal = partner(), opportunity(opened=OPENED)
    register(one, deal, sent=day(days))
    assert bool(credit(deal)) is counts


def test_a_later_lead_for_the_customer_is_not_about_this_very_opportunity():
    one, deal = partner(), opportunity(opened=OPENED)
    lead(one, deal, at=day(1))
    assert credit(deal) == {one.pk: ("influenced", "campaign")}


@pytest.mark.parametrize(
    ("source", "days", "counts"),
    [
        ("none", 1, True),
        ("inbound", 1, True),
        ("marketing", 1, False),
        ("sales_outbound", 1, False),
        ("marketing", 0, True),
    ],
)
def test_later_evidence_does_not_count_where_our_marketing_or_outbound_sales_brought_it(source, days, counts):
    one, deal = partner(), opportunity(opened=OPENED, vendor_source=source)
    register(one, deal, sent=day(days))
    assert bool(credit(deal)) is counts


@pytest.mark.parametrize(
    ("opened", "closed", "worked", "counts"),
    [
        (-10, None, False, False), (1, None, False, False), (2, None, False, True),
        (-10, 1, False, True), (-10, 2, False, False), (-10, None, True, True),
    ],
)  # fmt: skip
def test_later_evidence_does_not_count_beside_another_direct_opportunity(opened, closed, worked, counts):
    """The registration comes a day after the opening; the other one is open on that day or not, a partner's or not."""
    one, deal = partner(), opportunity(opened=OPENED)
    ends = None if closed is None else OPENED + timedelta(days=closed)
    other = opportunity(
        stage="open" if closed is None else "lost", opened=OPENED + timedelta(days=opened), closed=ends,
        account=deal.account,
    )  # fmt: skip
    if worked:
        roles(partner(), other, "selling")
    register(one, deal, sent=day(1))
    assert bool(credit(deal)) is counts


def test_the_order_is_decision_registration_referral_campaign():
    deal = opportunity(opened=OPENED)
    by = {kind: partner() for kind in ("campaign", "referral", "registration", "decision")}
    steps = {
        "campaign": lambda one: lead(one, deal, at=day(-9)),
        "referral": lambda one: register(one, deal, sent=day(-5), motion="refer"),
        "registration": lambda one: register(one, deal, sent=day(-2)),
        "decision": lambda one: deal.attribution_decisions.create(partner=one, reason="x", decided_at=NOW),
    }
    seen = []
    for kind, step in steps.items():
        step(by[kind])
        seen += [(kind, [pk for pk, (what, _e) in credit(deal).items() if what == "sourced"])]
    assert seen == [(kind, [by[kind].pk]) for kind in steps]


def test_of_two_registrations_the_earlier_moment_at_our_server_wins():
    first, second, deal = partner(), partner(), opportunity(opened=OPENED)
    register(second, deal, sent=day(-1) + timedelta(seconds=1))
    register(first, deal, sent=day(-1))
    assert credit(deal) == {first.pk: ("sourced", "registration")}


def test_a_converted_lead_of_ours_stays_ours_and_influences():
    one, deal = partner(), opportunity(opened=OPENED)
    register(one, deal, sent=day(-1), lead=lead(one, at=day(-3), source="inbound"))
    assert credit(deal) == {one.pk: ("influenced", "lead")}


def test_a_registration_from_a_campaign_lead_sources():
    one, deal = partner(), opportunity(opened=OPENED)
    register(one, deal, sent=day(-1), lead=lead(one, at=day(-3)))
    assert credit(deal) == {one.pk: ("sourced", "registration")}


def test_a_decision_for_nobody_stands_above_all_evidence_until_it_is_withdrawn():
    one, deal = partner(), opportunity(opened=OPENED)
    register(one, deal, sent=day(-1))
    word = deal.attribution_decisions.create(partner=None, reason="x", decided_at=NOW)
    assert credit(deal) == {}
    type(word).objects.update(withdrawn_at=NOW)
    assert credit(deal) == {one.pk: ("sourced", "registration")}


def test_shares_are_as_the_sourcing_roles_say():
    one, two, deal = partner(), partner(), opportunity(opened=OPENED)
    register(one, deal, sent=day(-1))
    deal.partners.filter(role="sourcing").update(share_percent=70)
    roles(two, deal, "sourcing", share_percent=30)
    credit(deal)
    shares = deal.attributions.order_by("-share_percent").values_list("partner_id", "share_percent")
    assert list(shares) == [(one.pk, Decimal(70)), (two.pk, Decimal(30))]


@pytest.mark.parametrize("missing", [{"account": None}, {"opened": None}, {"amount": None}])
def test_an_open_opportunity_that_is_not_whole_is_never_credited_not_even_by_a_decision(missing):
    one, deal = partner(), opportunity(**{"opened": OPENED} | missing)
    register(one, deal, sent=day(-1))
    touch(partner(), deal)
    deal.attribution_decisions.create(partner=one, reason="x", decided_at=NOW)
    assert credit(deal) == {}


# --- influenced -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "counts"), [("claimed", False), ("confirmed", True), ("refused", False), ("lapsed", False)]
)
def test_one_confirmed_touch_influences(status, counts):
    one, deal = partner(), won()
    touch(one, deal, status=status)
    assert credit(deal) == ({one.pk: ("influenced", "touch")} if counts else {})


@pytest.mark.parametrize(("days", "counts"), [(-91, False), (-90, True), (60, True), (61, False)])
def test_a_touch_lies_between_90_days_before_the_opening_and_the_close(days, counts):
    one, deal = partner(), won()
    touch(one, deal, days, entered=midnight(CLOSED))
    assert bool(credit(deal)) is counts


@pytest.mark.parametrize(("days", "counts"), [(14, True), (15, False)])
def test_a_touch_is_entered_at_most_14_days_after_the_close(days, counts):
    one, deal = partner(), won()
    touch(one, deal, entered=day(days, CLOSED) + timedelta(hours=23))
    assert bool(credit(deal)) is counts


def test_a_touch_on_an_open_opportunity_has_no_end():
    one, deal = partner(), opportunity(opened=OPENED)
    touch(one, deal, 99, entered=NOW)
    assert credit(deal) == {one.pk: ("influenced", "touch")}


def test_an_accepted_lead_of_ours_influences():
    one, deal = partner(), won()
    lead(one, deal, at=day(-90), source="inbound")
    assert credit(deal) == {one.pk: ("influenced", "lead")}


def test_a_partner_is_sourced_or_influenced_never_both():
    one, other, deal = partner(), partner(), won()
    register(one, deal, sent=day(-1))
    for who in (one, other):
        touch(who, deal)
        touch(who, deal, 5)
    assert credit(deal) == {one.pk: ("sourced", "registration"), other.pk: ("influenced", "touch")}


def test_who_loses_the_sourcing_by_a_decision_is_influenced_by_its_touches():
    one, other, deal = partner(), partner(), won()
    register(one, deal, sent=day(-1))
    touch(one, deal)
    credit(deal)
    deal.attribution_decisions.create(partner=other, reason="x", decided_at=NOW)
    assert credit(deal) == {one.pk: ("influenced", "touch"), other.pk: ("sourced", "decision")}


def test_our_own_people_neither_source_nor_influence():
    deal = won()
    register(partner(is_direct=True), deal, sent=day(-1))
    touch(partner(is_direct=True), deal)
    assert credit(deal) == {}


# --- frozen ---------------------------------------------------------------------------------------------------------


def test_what_is_closed_keeps_its_credit_though_the_evidence_goes():
    one, deal = partner(), won()
    made = register(one, deal, sent=day(-1))
    credit(deal)
    type(made).objects.filter(pk=made.pk).update(status="revoked")
    attribution.recompute()
    assert [(a.partner_id, a.frozen_on) for a in Attribution.objects.all()] == [(one.pk, CLOSED)]


def test_a_touch_confirmed_after_the_close_is_still_added():
    one, other, deal = partner(), partner(), won()
    register(one, deal, sent=day(-1))
    credit(deal)
    touch(other, deal, entered=day(10, CLOSED))
    assert credit(deal)[other.pk] == ("influenced", "touch")


@pytest.mark.parametrize("values", [{"stage": "open", "closed_on": None}, {"closed_on": TODAY}])
def test_what_is_reopened_or_closed_on_another_day_is_judged_anew(values):
    one, deal = partner(), won()
    made = register(one, deal, sent=day(-1))
    credit(deal)
    type(made).objects.filter(pk=made.pk).update(status="revoked")
    type(deal).objects.filter(pk=deal.pk).update(**values)
    deal.refresh_from_db()
    assert credit(deal) == {}


def test_a_reopened_influence_is_no_longer_frozen():
    deal = won()
    touch(partner(), deal)
    credit(deal)
    type(deal).objects.filter(pk=deal.pk).update(stage="open", closed_on=None)
    deal.refresh_from_db()
    credit(deal)
    assert deal.attributions.get().frozen_on is None


def test_a_decision_moves_what_is_frozen_and_its_withdrawal_moves_it_back():
    one, other, deal = partner(), partner(), won()
    register(one, deal, sent=day(-1))
    credit(deal)
    word = deal.attribution_decisions.create(partner=other, reason="x", decided_at=NOW)
    assert credit(deal) == {other.pk: ("sourced", "decision")}
    type(word).objects.update(withdrawn_at=NOW)
    assert credit(deal) == {one.pk: ("sourced", "registration")}


def test_a_second_run_writes_nothing():
    deal = won()
    register(partner(), deal, sent=day(-1))
    touch(partner(), deal)
    assert (sum(attribution.recompute().values()), attribution.recompute()) == (2, {})


def test_days_are_those_of_the_installation():
    one, deal = partner(), opportunity(opened=OPENED)
    register(one, deal, sent=datetime.combine(OPENED, datetime.max.time(), UTC))
    assert bool(credit(deal)) is True
