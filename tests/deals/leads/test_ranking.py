"""The ranking's arithmetic, and what the past does to it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core.ids import uuid7
from deals.candidates import candidates, records, route, wanted_of
from deals.lead_particulars import No, OfferTo, Report
from deals.models import Lead, LeadOffer, LeadRanking
from deals.rules.routing import WEIGHTS, Candidate, Record, Terms, Wanted, bar, misfit, place, rank
from deals.services import leads, offers
from tests.factories import NOW, AgreementFactory, MembershipFactory
from tiers.models import Fact, ProgramMembership

WANTED = Wanted("PT", "Portugal", "EMEA", "Retail", "AN-1", "Analytics", "Data", "warm", "inbound", Decimal(5000))
MIDDLE = Candidate(uuid7(), "Middle", "active")


def points(candidate: Candidate, wanted: Wanted = WANTED) -> dict[str, Decimal]:
    return {name: part.points for name, part in place(wanted, candidate, Terms()).parts.items()}


@pytest.mark.parametrize(
    ("criterion", "known", "expected"),
    [
        ("territory", {"territories": ("PT", "ES")}, "25.00"),
        ("territory", {"territories": ("portugal",)}, "25.00"),
        ("territory", {"country": "PT"}, "25.00"),
        ("territory", {"region": "EMEA"}, "15.00"),
        ("territory", {"territories": ("BR",), "region": "AMER"}, "0.00"),
        ("product", {"specialisations": ("Analytics",), "industries": ("Retail",)}, "20.00"),
        ("product", {"specialisations": ("data",), "industries": ("Energy",)}, "14.00"),
        ("product", {"specialisations": ("Storage",), "industries": ("Retail",)}, "6.00"),
        ("product", {}, "6.00"),
        ("certification", {"certified": 0}, "0.00"),
        ("certification", {"certified": 1}, "7.50"),
        ("certification", {"certified": 9}, "15.00"),
        ("tier", {"tier": "Gold", "tier_rank": 2, "top_rank": 3}, "6.67"),
        ("tier", {}, "0.00"),
        ("capacity", {"live": 0}, "15.00"),
        ("capacity", {"live": 7}, "4.50"),
        ("response", {}, "7.50"),
        ("response", {"record": Record(4, 4, 4, Decimal(0))}, "15.00"),
        ("response", {"record": Record(4, 2, 1, Decimal(36))}, "7.50"),  # 15 × (0.4 × ½ + 0.3 × ½ + 0.3 × ½)
        ("response", {"record": Record(4, 0, 0, Decimal(90))}, "0.00"),
    ],
)
def test_points_of_a_criterion(criterion, known, expected):
    assert points(replace(MIDDLE, **known))[criterion] == Decimal(expected)


def test_the_score_is_the_sum_of_the_points_and_each_says_why():
    best = place(WANTED, replace(MIDDLE, country="PT", certified=1), Terms())
    assert best.score == sum(part.points for part in best.parts.values())
    assert sum(part.most for part in best.parts.values()) == 100 == sum(WEIGHTS.values())
    assert [part.why for part in best.parts.values()] == [
        "works in Portugal", "nothing told about Analytics; nothing told about Retail", "1 certified person", "no tier",
        "10 of 10 places free", "no leads in the last 12 months",
    ]  # fmt: skip


def test_weights_are_data_of_the_rule_and_zero_leaves_a_criterion_out():
    terms = Terms.of({"territory": 90, "capacity": 10}, 24)
    placing = place(WANTED, replace(MIDDLE, country="PT", live=5), terms)
    assert {name: part.points for name, part in placing.parts.items()} == {
        "territory": Decimal("90.00"), "capacity": Decimal("5.00"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({"status": "suspended"}, "doesn't work with us now"),
        ({"status": "offboarding"}, "doesn't work with us now"),
        ({"status": "offboarded"}, "doesn't work with us now"),
        ({"has_agreement": False}, "has signed no agreement"),
        ({"asked_before": "declined"}, "had this lead already: declined"),
        ({"live": 10}, "has 10 of 10 leads at work"),
        ({"status": "inactive"}, None),
        ({"status": "onboarding"}, None),
    ],
)
def test_who_gets_no_offer(known, why):
    assert bar(replace(MIDDLE, **known)) == why


def test_barred_partners_stand_last_and_ties_go_to_who_had_fewest_lately():
    keys = sorted(uuid7() for _n in range(4))
    busy = replace(MIDDLE, key=keys[0], name="Busy", lately=3)
    idle = replace(MIDDLE, key=keys[2], name="Idle", lately=1)
    older = replace(MIDDLE, key=keys[1], name="Older", lately=1)
    barred = replace(MIDDLE, key=keys[3], name="Barred", country="PT", status="suspended")
    order = [p.candidate.name for p in rank(WANTED, [barred, busy, idle, older], Terms())]
    assert order == ["Older", "Idle", "Busy", "Barred"]


@pytest.mark.parametrize(
    ("match", "why"),
    [
        ({}, None),
        ({"countries": ["PT", "ES"]}, None),
        ({"countries": ["ES"]}, "another country"),
        ({"regions": ["emea"]}, None),
        ({"regions": ["AMER"]}, "another region"),
        ({"products": ["AN-1"]}, None),
        ({"products": ["Data"]}, None),
        ({"products": ["ST-1"]}, "another product"),
        ({"temperatures": ["hot"]}, "another temperature"),
        ({"sources": ["event"]}, "another source"),
        ({"minimum": "5000"}, None),
        ({"minimum": "5000.01"}, "the value is below 5000.01"),
    ],
)
def test_which_leads_a_rule_is_for(match, why):
    assert misfit(match, WANTED) == why


def test_a_lead_without_a_value_is_below_every_minimum():
    assert misfit({"minimum": "1"}, replace(WANTED, amount=None)) == "the value is below 1"


# --- facts out of the database


def of(desk, partner, at=NOW) -> Candidate:
    return next(one for one in candidates(at) if one.key == partner.pk)


@pytest.mark.django_db
def test_facts_of_a_partner_are_read_as_sets(desk, django_assert_num_queries):
    desk.accepted()
    membership = ProgramMembership.objects.get(partner=desk.cast.acme)
    Fact.objects.create(
        partner=desk.cast.acme, membership=membership, metric="certified_people", value=Decimal(2), as_of=NOW
    )
    acme = of(desk, desk.cast.acme)
    known = (acme.live, acme.lately, acme.certified, acme.tier_rank, acme.top_rank, acme.has_agreement)
    assert known == (1, 1, 2, 1, 1, True)
    for _n in range(5):
        AgreementFactory(partner=MembershipFactory(program=membership.program, tier=None).partner)
    with django_assert_num_queries(9):
        assert len(candidates(NOW)) == 7


@pytest.mark.django_db
def test_the_past_of_a_partner_counts_its_answers(desk):
    """One accepted after 2 hours and registered, one declined after 4, one timed out after its whole time."""
    ada, mona = desk.cast.actor("ada"), desk.cast.actor("mona")
    first = desk.offered()
    offers.accept(first, by=ada, at=NOW + timedelta(hours=2))
    Lead.objects.filter(pk=first.lead_id).update(status="converted")
    for name, hours in (("Two", 4), ("Three", None)):
        lead = desk.new(account_name=name, website=f"{name.lower()}.example")
        offer = offers.offer(lead, OfferTo(desk.cast.acme), by=mona, at=NOW)
        if hours:
            offers.decline(offer, No("no_capacity"), by=ada, at=NOW + timedelta(hours=hours))
        else:
            offers.time_out(offer, at=offer.due_at)
    later = NOW + timedelta(days=10)
    assert records(later)[desk.cast.acme.pk] == Record(3, 1, 1, Decimal("4.0"))
    assert records(NOW + timedelta(days=400)) == {}


@pytest.mark.django_db
def test_an_offer_taken_back_before_an_answer_is_no_part_of_the_past(desk):
    desk.offered()
    leads.recall(Lead.objects.get(), leads.Reason("Mistake."), by=desk.cast.actor("mona"), at=NOW)
    assert records(NOW + timedelta(days=1)) == {}


@pytest.mark.django_db
def test_slow_and_refusing_partners_fall_behind(desk):
    """Equal but for their past: who declined yesterday comes after who accepted and worked."""
    for partner in (desk.cast.acme, desk.cast.cobalt):
        type(partner).objects.filter(pk=partner.pk).update(country="PT", territories=["PT"])
    mona, later = desk.cast.actor("mona"), NOW + timedelta(days=40)
    for n, (who, partner) in enumerate((("ada", desk.cast.acme), ("cy", desk.cast.cobalt))):
        lead = desk.new(account_name=f"Past {n}", website=f"past{n}.example")
        offer = offers.offer(lead, OfferTo(partner), by=mona, at=NOW)
        if who == "ada":
            offers.decline(offer, No("no_capacity"), by=desk.cast.actor("ada"), at=NOW + timedelta(hours=70))
        else:
            offers.accept(offer, by=desk.cast.actor("cy"), at=NOW + timedelta(hours=1))
            Lead.objects.filter(pk=lead.pk).update(status="converted")
    LeadOffer.objects.filter(status="offered").update(status="recalled", answered_at=NOW)
    routed = route(wanted_of(desk.new(later)), at=later)
    assert [(p.candidate.name, p.parts["response"].points) for p in routed.placings] == [
        ("Cobalt", Decimal("14.92")), ("Acme", Decimal("0.17")),
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_ranking_is_kept_as_it_was(desk):
    offer = desk.offered()
    kept = LeadRanking.objects.get()
    assert (kept.rule, kept.lead_id, [row["name"] for row in kept.rows]) == (
        desk.rule,
        offer.lead_id,
        ["Acme", "Cobalt"],
    )
    top = kept.rows[0]
    assert Decimal(top["score"]) == sum(Decimal(points) for points, _why, _most in top["parts"].values()) == offer.score
    assert offer.teaser["why"] == ["territory", "tier", "capacity"]
    lead = Lead.objects.get()
    offers.accept(offer, by=desk.cast.actor("ada"), at=NOW)
    leads.work(Lead.objects.get(pk=lead.pk), Report("Called."), by=desk.cast.actor("ada"), at=NOW)
    assert LeadRanking.objects.get().rows == kept.rows
