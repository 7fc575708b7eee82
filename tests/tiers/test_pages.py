"""The pages about standing: what the partner and the vendor read, and what they can do there."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from core import clock
from core.actor import SYSTEM
from tests.tiers.standing import closes, fresh, many, open_review, stands_on, tier
from tiers import services
from tiers.enums import ReviewStatus
from tiers.models import BenefitRequest, ProgramMembership, TierOverride, TierReview
from tiers.particulars import Figure, Wish, Words

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(cast):
    def make(name: str) -> Client:
        client = Client()
        client.force_login(getattr(cast, name))
        return client

    return make


def now() -> datetime:
    return clock.now()


def soon(days: int) -> date:
    return (now() + timedelta(days=days)).date()


def on(member, name) -> ProgramMembership:
    ProgramMembership.objects.filter(pk=member.pk).update(tier=tier(name))
    return fresh(member)


def read(client: Client, name: str, *args) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


# --- the partner's page


def test_the_tier_page_states_the_gap_and_what_the_next_tier_brings_against_now(acme, browser):
    stands_on(acme, "Silver", 3, at=now())
    page = read(browser("ada"), "portal:tier")
    for words in ("<h1>One step to Gold</h1>", "3 of 5", "2 to go", "20% margin, you have 15%", "What Silver gives"):
        assert words in page, words


def test_aiming_for_another_tier_changes_what_is_needed(acme, browser):
    stands_on(acme, "Silver", 3, at=now())
    page = browser("ada").get(reverse("portal:tier"), {"aim": "platinum"}).content.decode()
    assert ("<h1>Two steps to Platinum</h1>" in page, "3 of 10" in page, "0 of 1" in page) == (True, True, True)


def test_a_tier_at_risk_is_told_with_its_last_day(acme, browser):
    stands_on(acme, "Silver", 1, at=now())
    closes(acme, soon(30), at=now())
    page = read(browser("ada"), "portal:tier")
    assert ("You keep Silver until" in page, "To keep it: 1 more closed deal by then." in page) == (True, True)


def test_a_notice_says_until_when_and_what_keeps_the_tier(acme, browser, cast):
    review = _below(acme)
    services.give_notice(review, Words("Two quarters without a deal."), by=cast.actor("mona"), at=now())
    page = read(browser("ada"), "portal:tier")
    assert ("To keep it: 1 more closed deal by then." in page, "Two quarters without a deal." in page) == (True, True)


def test_the_certificate_that_was_missing_turns_green(acme, browser):
    stands_on(acme, "Gold", 10, at=now())
    before = read(browser("ada"), "portal:tier")
    services.set_figure(fresh(acme), Figure("certified_people", Decimal(1)), by=SYSTEM, at=now())
    after = read(browser("ada"), "portal:tier")
    assert ("One step to Platinum" in before, "Your move to Platinum is with your channel manager" in after) == (
        True, True,
    )  # fmt: skip


def test_leads_are_in_the_navigation_from_silver_on(acme, browser):
    link = f'href="{reverse("portal:leads")}"'
    assert link not in read(browser("ada"), "portal:tier")
    on(acme, "Silver")
    assert link in read(browser("ada"), "portal:tier")


def test_history_shows_the_stored_arithmetic(acme, browser):
    stands_on(acme, "Silver", 1, at=now())
    page = read(browser("ada"), "portal:tier")
    assert ("Registered → Silver" in page, "Silver: Closed deals: 1, needs 1 (met)" in page) == (True, True)


# --- asking for a benefit


def test_a_granted_benefit_is_offered_and_asked_for(acme, browser):
    on(acme, "Gold")
    address = reverse("portal:benefit_new", args=["joint_pr"])
    assert address in read(browser("bo"), "portal:tier")
    answer = browser("bo").post(address, {"wanted": "A press note about Contoso"})
    assert (answer.status_code, BenefitRequest.objects.get().wanted) == (302, "A press note about Contoso")


def test_a_benefit_that_is_not_granted_is_not_offered_and_refused_with_its_tier(acme, browser):
    on(acme, "Silver")
    address = reverse("portal:benefit_new", args=["joint_pr"])
    assert address not in read(browser("bo"), "portal:tier")
    answer = browser("bo").post(address, {"wanted": "A press note"})
    why = "Joint press campaigns: granted from Gold on. The tier now is Silver."
    assert (answer.status_code, why in answer.content.decode(), BenefitRequest.objects.count()) == (422, True, 0)


def test_a_partner_withdraws_its_request(acme, browser, cast):
    made = services.ask_for(on(acme, "Gold"), Wish("joint_pr", "A note"), by=cast.actor("bo"), at=now())
    browser("bo").post(reverse("portal:benefit_request_verb", args=[made.reference, "withdraw"]))
    made.refresh_from_db()
    assert made.status == "withdrawn"


def test_a_question_is_answered_in_the_console_and_read_in_the_portal(acme, browser, cast):
    made = services.ask_for(acme, Wish("question", "How long is a quote valid?"), by=cast.actor("ada"), at=now())
    assert "How long is a quote valid?" in read(browser("mona"), "admin:index")
    address = reverse("admin:benefit_request_verb", args=[made.reference, "finish"])
    assert browser("mona").post(address, {"reason": "30 days."}).status_code == 302
    assert "30 days." in read(browser("ada"), "portal:benefit_request", made.reference)


# --- the console


def _below(member) -> TierReview:
    stands_on(member, "Silver", 1, at=now())
    closes(member, at=now())
    return open_review(member)


def test_the_review_queue_has_every_kind_and_one_click_moves_up(acme, browser):
    closes(acme, *many(1, soon(300)), at=now())
    mona = browser("mona")
    assert "Registered → Silver" in read(mona, "admin:tier_reviews")
    answer = mona.post(reverse("admin:tier_reviews_promote"), {"review": [open_review(acme).reference]})
    assert (answer.status_code, fresh(acme).tier.name) == (302, "Silver")


def test_moving_up_in_bulk_is_refused_to_who_may_not_decide(acme, browser):
    closes(acme, *many(1, soon(300)), at=now())
    address, told = reverse("admin:tier_reviews_promote"), {"review": [open_review(acme).reference]}
    codes = [browser(name).post(address, told).status_code for name in ("mark", "finn", "eve", "root", "bo")]
    assert (codes, fresh(acme).tier.name) == ([403] * 5, "Registered")


def test_the_console_shows_what_the_partner_reads_and_the_way_down(acme, browser):
    review = _below(acme)
    page = read(browser("mona"), "admin:tier_review", review.reference)
    for words in ("Give notice", "Keep the tier", "What ends with Silver", "The partner reads these words."):
        assert words in page, words


def test_who_gave_the_notice_finds_the_move_down_barred_and_is_refused(acme, browser, cast):
    review = _below(acme)
    services.give_notice(review, Words(""), by=cast.actor("mona"), at=now())
    TierReview.objects.filter(pk=review.pk).update(notice_ends_at=now() - timedelta(days=1))
    mona, why = browser("mona"), "You gave the notice. Another person decides about the move down."
    assert why in read(mona, "admin:tier_review", review.reference)
    address = reverse("admin:tier_review_verb", args=[review.reference, "demote"])
    assert mona.post(address, {"reason": "No deals"}).status_code == 403
    assert browser("olga").post(address, {"reason": "No deals"}).status_code == 302
    assert fresh(acme).tier.name == "Registered"


def test_a_person_enters_a_figure_and_asks_for_an_exception(acme, browser):
    mona, place = browser("mona"), [acme.public_id]
    read(mona, "admin:standing", *place)
    mona.post(reverse("admin:standing_verb", args=[*place, "figure"]), {"metric": "certified_people", "value": "2"})
    assert acme.facts.get(metric="certified_people").value == 2
    told = {"tier": tier("Gold").pk, "reason": "Launch", "starts_on": soon(0), "until": soon(90)}
    mona.post(reverse("admin:standing_verb", args=[*place, "override"]), told)
    override = TierOverride.objects.get()
    address = reverse("admin:tier_override_verb", args=[override.reference, "agree"])
    assert (mona.post(address).status_code, browser("olga").post(address).status_code) == (403, 302)
    assert fresh(acme).tier.name == "Gold"
    page = read(browser("ada"), "portal:tier")
    assert ("Gold by decision until" in page, "Launch" in page) == (True, True)


def test_who_only_looks_finds_no_verbs(acme, browser):
    page = read(browser("eve"), "admin:standing", acme.public_id)
    address = reverse("admin:standing_verb", args=[acme.public_id, "figure"])
    answer = browser("eve").post(address, {"metric": "certified_people", "value": "2"})
    assert ("Enter a figure" in page, answer.status_code) == (False, 403)


def test_a_colleague_that_asked_does_not_see_its_own_proposal_in_the_queue(acme, browser, cast):
    told = {"tier": tier("Gold").pk, "reason": "Launch", "starts_on": soon(0), "until": soon(90)}
    browser("mona").post(reverse("admin:standing_verb", args=[acme.public_id, "override"]), told)
    assert ("Gold by decision" in read(browser("mona"), "admin:index")) is False
    assert ("Gold by decision" in read(browser("olga"), "admin:index")) is True


def test_each_state_of_a_review_has_a_page(acme, browser):
    review = _below(acme)
    for status in ReviewStatus.values:
        TierReview.objects.filter(pk=review.pk).update(status=status)
        read(browser("mona"), "admin:tier_review", review.reference)
        read(browser("ada"), "portal:tier")
