"""Two claims on one customer: what the rules propose, what a decision does, and what neither side learns."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse

from core.errors import Forbidden, Refused, Stale
from core.models import Event
from deals import services
from deals.enums import CaseOutcome, CaseStatus, OpportunityKind, PartnerRole, Side, Stage, Status, Verdict
from deals.models import Account, ConflictCase, Opportunity, OpportunityPartner, Registration
from deals.normalise import normal_name
from deals.particulars import Closing, Resolution
from deals.rules import Claimant, Dispute, propose
from partners.models import Product
from tests.deals.conftest import Market
from tests.deals.test_portal import signed_in
from tests.factories import NOW, ProductFactory
from tests.notifications.test_late_mails import sent_late

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def pair(market: Market) -> tuple[Registration, Registration, ConflictCase]:
    """(the earlier one of Acme, the later one of Cobalt, the case of the later one)."""
    first = market.sent("ada")
    claim = market.draft("cy", account_name="CONTOSO Limited", website="contoso.com")
    second = services.submit(claim, by=market.cast.actor("cy"), at=LATER)
    return first, second, ConflictCase.objects.get()


def decide(market: Market, case: ConflictCase, outcome: str, **more) -> ConflictCase:
    words = {"reason": "As agreed.", "ours_told": "Ours read this.", "other_told": "The others read this."}
    return services.resolve(case, Resolution(outcome, **words | more), by=market.cast.actor("mona"), at=LATER)


def read_by(deal: Registration) -> list[tuple[str, str]]:
    """(verb, words) of what the partner of this deal reads of decisions."""
    events = Event.objects.filter(subject_id=deal.pk, partner_id=deal.partner_id).order_by("id")
    return [(e.verb, e.data["text"]) for e in events if e.verb in ("queued", "conflict_decided", "rejected")]


# --- what the rules say -----------------------------------------------------------------------------------------------

EARLY = Claimant(True, submitted_at=NOW, qualification=2)
LATE = Claimant(True, submitted_at=LATER, qualification=5)
OUR_TEAM = Claimant(is_registration=False)
PLAIN = Dispute(ours=LATE, other=EARLY, verdict=Verdict.CONFLICT, score=Decimal(1), same_domain=True)


@pytest.mark.parametrize(
    ("dispute", "outcome", "winner"),
    [
        (PLAIN, "first_wins", Side.OTHER),
        (replace(PLAIN, ours=EARLY, other=LATE), "first_wins", Side.OURS),
        (replace(PLAIN, ours=EARLY, other=replace(LATE, protected=True)), "first_wins", Side.OTHER),
        (replace(PLAIN, other=replace(EARLY, live=False)), "first_wins", Side.OURS),
        (replace(PLAIN, tie_break="best_qualified"), "first_wins", Side.OURS),
        (replace(PLAIN, ours=EARLY, other=EARLY, tie_break="best_qualified"), "first_wins", Side.OTHER),
        (replace(PLAIN, ours=replace(LATE, approved_at=LATER), tie_break="first_approved"), "first_wins", Side.OURS),
        (replace(PLAIN, tie_break="first_approved"), "first_wins", Side.OTHER),
        (replace(PLAIN, tie_break="customer_choice"), "customer_choice", ""),
        (replace(PLAIN, other=OUR_TEAM), "first_wins", Side.OTHER),
        (replace(PLAIN, other=OUR_TEAM, owner_answer="not_mine"), "first_wins", Side.OURS),
        (replace(PLAIN, other=OUR_TEAM, owner_answer="co_sell"), "co_sell", ""),
        (replace(PLAIN, verdict=Verdict.POSSIBLE, same_domain=False, score=Decimal("0.70")), "different", ""),
        (replace(PLAIN, verdict=Verdict.POSSIBLE, same_domain=True, score=Decimal("0.70")), "first_wins", Side.OTHER),
    ],
)
def test_the_rules_propose(dispute, outcome, winner):
    found = propose(dispute)
    assert (found.outcome, found.winner) == (outcome, winner)
    assert all(found.because)


# --- what a decision does ---------------------------------------------------------------------------------------------


def test_the_later_one_waits_in_line_with_its_clock_stopped(market, pair):
    first, second, case = pair
    decide(market, case, CaseOutcome.FIRST_WINS, winner=Side.OTHER)
    second.refresh_from_db()
    assert (second.status, second.queued_behind, second.due_at) == (Status.IN_REVIEW, first, None)
    assert second.clock_left is not None
    assert read_by(second) == [("queued", "Ours read this.")]
    assert read_by(first) == [("conflict_decided", "The others read this.")]
    with pytest.raises(Refused, match="in line"):
        services.approve(second, by=market.cast.actor("mona"), at=LATER)


def test_the_later_one_may_win_and_the_earlier_one_waits(market, pair):
    first, second, case = pair
    decide(market, case, CaseOutcome.FIRST_WINS, winner=Side.OURS)
    first.refresh_from_db()
    assert first.queued_behind == second
    assert services.approve(second, by=market.cast.actor("mona"), at=LATER).status == Status.APPROVED


def test_a_protected_deal_is_not_unseated_by_a_decision(market, pair):
    first, _second, case = pair
    services.approve(first, by=market.cast.actor("mona"), at=LATER)
    case.refresh_from_db()
    with pytest.raises(Refused, match="Two people"):
        decide(market, case, CaseOutcome.FIRST_WINS, winner=Side.OURS)


def test_the_customers_letter_declines_the_other_one(market, pair):
    first, second, case = pair
    decide(market, case, CaseOutcome.CUSTOMER_CHOICE, winner=Side.OURS, letter="Rui Alves, by mail on 3 November.")
    first.refresh_from_db()
    assert (first.status, first.rejection_code) == (Status.REJECTED, "customer_choice")
    assert read_by(first) == [("rejected", "The others read this.")]
    assert read_by(second) == [("conflict_decided", "Ours read this.")]


def test_together_the_second_joins_the_opportunity_of_the_first(market, pair):
    first, second, case = pair
    decide(market, case, CaseOutcome.CO_SELL)
    mona = market.cast.actor("mona")
    first = services.approve(first, by=mona, at=LATER)
    second = services.approve(second, by=mona, at=LATER)
    assert first.opportunity == second.opportunity
    roles = OpportunityPartner.objects.filter(opportunity=first.opportunity)
    sourcing = roles.filter(role=PartnerRole.SOURCING).values_list("partner_id", "share_percent")
    assert list(sourcing) == [(first.partner_id, Decimal(100))]
    assert roles.filter(partner=second.partner, role=PartnerRole.CO_SELL).exists()


@pytest.mark.parametrize("order", ["earlier first", "later first"])
def test_a_split_shares_the_sourcing_once_both_are_approved(market, pair, order):
    first, second, case = pair
    decide(market, case, CaseOutcome.SPLIT, share_percent=Decimal(40))
    mona, queue = market.cast.actor("mona"), [first, second] if order == "earlier first" else [second, first]
    for deal in queue:
        services.approve(deal, by=mona, at=LATER)
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.opportunity == second.opportunity
    sourcing = OpportunityPartner.objects.filter(opportunity=first.opportunity, role=PartnerRole.SOURCING)
    shares = dict(sourcing.values_list("partner_id", "share_percent"))
    assert shares == {second.partner_id: Decimal(40), first.partner_id: Decimal(60)}


def test_two_companies_are_never_asked_about_again(market):
    market.sent("ada", account_name="Contoso Harbours Ltd", website="contoso.com")
    claim = {"account_name": "Contoso Harbours", "website": "contoso-harbours.example"}
    second = market.sent("cy", **claim)
    decide(market, ConflictCase.objects.get(), CaseOutcome.DIFFERENT)
    services.withdraw(second, by=market.cast.actor("cy"), at=LATER)
    again = market.sent("cy", **claim)
    assert (again.verdict, ConflictCase.objects.filter(registration=again).count()) == (Verdict.CLEAR, 0)


def test_who_has_lost_a_deal_has_the_first_right_for_a_month(market):
    deal = market.approved("ada")
    closing = Closing(Stage.LOST, LATER.date())
    services.close(deal.opportunity, closing, by=market.cast.actor("mona"), at=LATER)
    early, late = LATER + timedelta(days=29), LATER + timedelta(days=32)
    for at, verdict in ((early, Verdict.CONFLICT), (late, Verdict.CLEAR)):
        claim = market.draft("cy")
        sent = services.submit(claim, by=market.cast.actor("cy"), at=at)
        assert sent.verdict == verdict
        services.withdraw(sent, by=market.cast.actor("cy"), at=at)


@pytest.mark.parametrize(
    ("scope", "family", "verdict"),
    [
        ("account", "other", Verdict.CONFLICT),
        ("product_family", "other", Verdict.CLEAR),
        ("product_family", "same", Verdict.CONFLICT),
        ("opportunity", "same", Verdict.CLEAR),
    ],
)
def test_a_claim_reaches_as_far_as_its_program_says(market, scope, family, verdict):
    program = market.acme.membership.program
    program.policy = {"scope": scope}
    program.save()
    Product.objects.filter(pk=market.product.pk).update(family="same")
    market.approved("ada")
    assert market.sent("cy", product=ProductFactory(family=family)).verdict == verdict


def test_where_the_program_asks_no_letters_the_customer_does_not_choose(market, pair):
    program = market.acme.membership.program
    program.policy = {"customer_may_choose": False}
    program.save()
    case = ConflictCase.objects.get()
    with pytest.raises(Refused, match="program"):
        decide(market, case, CaseOutcome.CUSTOMER_CHOICE, winner=Side.OURS, letter="Rui Alves, by mail.")


def our_deal(name: str = "Contoso Ltd") -> Opportunity:
    account = Account.objects.create(name=name, normal_name=normal_name(name), domain="contoso.com", country="PT")
    return Opportunity.objects.create(
        account=account, kind=OpportunityKind.NEW, stage=Stage.OPEN, opened_on=NOW.date(), amount=Decimal(5000),
        owner_email="sam@northwind.example",
    )  # fmt: skip


def test_against_our_own_team_the_partner_is_declined_or_goes_on(market):
    our_deal()
    deal = market.sent("ada")
    case = ConflictCase.objects.get()
    decide(market, case, CaseOutcome.FIRST_WINS, winner=Side.OTHER)
    deal.refresh_from_db()
    assert (deal.status, deal.rejection_code) == (Status.REJECTED, "vendor_engaged")


def test_who_waits_in_line_and_who_came_first_get_a_mail(market, pair):
    sent_late()
    decide(market, pair[2], CaseOutcome.FIRST_WINS, winner=Side.OTHER)
    assert sent_late() == ["ada: Contoso Ltd: we have decided", "cy: CONTOSO Limited: you are next in line"]
    assert ["The others read this." in one.body for one in mail.outbox] == [
        one.to[0][:3] == "ada" for one in mail.outbox
    ]


def test_with_our_own_team_the_partner_sells_along_in_our_opportunity(market):
    direct = our_deal()
    deal = market.sent("ada")
    decide(market, ConflictCase.objects.get(), CaseOutcome.CO_SELL)
    deal = services.approve(deal, by=market.cast.actor("mona"), at=LATER)
    assert deal.opportunity == direct
    roles = OpportunityPartner.objects.filter(opportunity=direct).values_list("partner_id", "role")
    assert list(roles) == [(deal.partner_id, PartnerRole.CO_SELL)]


def test_a_conflict_is_decided_once(market, pair):
    _first, _second, case = pair
    decide(market, case, CaseOutcome.DIFFERENT)
    with pytest.raises(Stale):
        decide(market, case, CaseOutcome.CO_SELL)


def test_partners_decide_no_conflicts(market, pair):
    with pytest.raises(Forbidden):
        services.resolve(pair[2], Resolution("different", "Mine."), by=market.cast.actor("ada"), at=LATER)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"outcome": "first_wins"}, "winner"),
        ({"outcome": "customer_choice", "winner": "ours"}, "letter"),
        ({"outcome": "split"}, "share_percent"),
        ({"outcome": "split", "share_percent": "100"}, "share_percent"),
        ({"outcome": ""}, "outcome"),
        ({"outcome": "different", "reason": ""}, "reason"),
    ],
)
def test_a_decision_that_lacks_something_is_asked_for_it(market, pair, cast, words, field):
    case = pair[2]
    sent = {"reason": "So.", **words}
    answer = signed_in(cast.mona).post(reverse("admin:conflict_verb", args=[case.reference, "resolve"]), sent)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    case.refresh_from_db()
    assert case.status == CaseStatus.OPEN


def test_words_that_name_the_other_side_are_refused(market, pair, cast):
    first, _second, case = pair
    words = {"outcome": "different", "reason": "So.", "ours_told": f"It was {first.partner.name.upper()}."}
    answer = signed_in(cast.mona).post(reverse("admin:conflict_verb", args=[case.reference, "resolve"]), words)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["ours_told"])


def test_the_page_starts_with_what_the_rules_say(market, pair, cast):
    _first, _second, case = pair
    page = signed_in(cast.mona).get(reverse("admin:conflict", args=[case.reference]))
    form = page.context["form"]
    assert (form["outcome"].value(), form["winner"].value()) == ("first_wins", "other")
    assert page.context["compared"].proposal == f"{market.cast.acme.name} gets it."
    assert [line.label for line in page.context["compared"].lines if line.differs] == ["Customer"]


def test_neither_partner_reads_of_the_other(market, pair, cast):
    first, second, case = pair
    decide(market, case, CaseOutcome.FIRST_WINS, winner=Side.OTHER)
    mine = signed_in(cast.cy).get(second.get_absolute_url()).content.decode()
    assert "Ours read this." in mine
    assert [word for word in (market.cast.acme.name, first.reference, "The others read this.") if word in mine] == []
