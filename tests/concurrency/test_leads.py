"""Two people answer one offer at the same moment, and the clock with them: one of them did."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from core.actor import SYSTEM
from core.errors import IllegalTransition, Refused, Stale
from core.models import Event
from core.scope import scope
from deals import lead_links
from deals.enums import LeadStatus, OfferStatus
from deals.lead_particulars import No, OfferTo
from deals.models import Lead, LeadOffer
from deals.particulars import Reason
from deals.services import leads, offers
from tests.concurrency.conftest import ROUNDS
from tests.deals.leads.conftest import Desk, make_desk
from tests.factories import NOW

pytestmark = [pytest.mark.committed, pytest.mark.slow]
TURNS = ROUNDS // 2
ANSWERS = {"lead_offer.accepted", "lead_offer.declined", "lead_offer.timed_out", "lead_offer.recalled"}


@pytest.fixture
def desk(market) -> Desk:
    with scope(SYSTEM):
        return make_desk(market)


def offered(desk: Desk, n: int) -> LeadOffer:
    with scope(SYSTEM):
        return desk.offered(account_name=f"Customer {n}", website=f"customer-{n}.example")


def accept(desk: Desk, who: str, offer: LeadOffer):
    def work():
        actor = desk.cast.actor(who)
        with scope(actor):
            return offers.accept(LeadOffer.objects.get(pk=offer.pk), by=actor, at=NOW)

    return work


def decline(desk: Desk, who: str, offer: LeadOffer):
    def work():
        actor = desk.cast.actor(who)
        with scope(actor):
            return offers.decline(LeadOffer.objects.get(pk=offer.pk), No("other"), by=actor, at=NOW)

    return work


def recall(desk: Desk, offer: LeadOffer):
    def work():
        actor = desk.cast.actor("mona")
        with scope(actor):
            return leads.recall(Lead.objects.get(pk=offer.lead_id), Reason("Stop."), by=actor, at=NOW)

    return work


def time_out(offer: LeadOffer):
    def work():
        with scope(SYSTEM):
            offers.time_out(LeadOffer.objects.get(pk=offer.pk), at=offer.due_at)
            return LeadOffer.objects.get(pk=offer.pk)

    return work


def story(offer: LeadOffer) -> tuple[str, str, list[str]]:
    """(state of the offer, state of the lead, what was answered)."""
    with scope(SYSTEM):
        told = Event.objects.filter(subject_id=offer.pk, type__in=ANSWERS).values_list("type", flat=True)
        own, lead = LeadOffer.objects.get(pk=offer.pk), Lead.objects.get(pk=offer.lead_id)
        assert LeadOffer.objects.filter(lead_id=lead.pk, status__in=("offered", "accepted")).count() <= 1
        return own.status, lead.status, list(told)


def whole(offer: LeadOffer, desk: Desk) -> str:
    """Asserts that the offer, its lead and their events tell one story; says which."""
    state, lead, told = story(offer)
    fits = {
        OfferStatus.ACCEPTED: (LeadStatus.ACCEPTED,),
        OfferStatus.DECLINED: (LeadStatus.OFFERED, LeadStatus.RETURNED),
        OfferStatus.TIMED_OUT: (LeadStatus.OFFERED, LeadStatus.RETURNED),
        OfferStatus.RECALLED: (LeadStatus.RETURNED,),
    }
    assert lead in fits[state]
    return f"{state} {sorted(told)}"


def finish(desk: Desk) -> None:
    """Puts the leads of this round away, so that nobody's capacity is used up by the rounds."""
    with scope(SYSTEM), connection.cursor() as cursor:
        cursor.execute("UPDATE deals_leadoffer SET status = 'declined', decline_code = 'other', answered_at = now()")
        cursor.execute("UPDATE deals_lead SET status = 'disqualified', disqualified_code = 'no_need'")


def test_of_two_colleagues_who_accept_one_did(desk, race):
    runners = race(2)
    for n in range(TURNS):
        offer = offered(desk, n)
        answers = runners.run(accept(desk, "ada", offer), accept(desk, "bo", offer))
        losers = [one for one in answers if isinstance(one, Exception)]
        assert [type(one) in (Stale, IllegalTransition) for one in losers] == [True]
        assert whole(offer, desk) == "accepted ['lead_offer.accepted']"
        finish(desk)


@pytest.mark.parametrize("other", ["decline", "recall", "time_out"])
def test_an_acceptance_and_its_opposite_leave_one_story(desk, race, other):
    runners, seen = race(2), set()
    for n in range(TURNS):
        offer = offered(desk, n)
        opposite = {"decline": decline(desk, "bo", offer), "recall": recall(desk, offer), "time_out": time_out(offer)}
        answers = runners.run(accept(desk, "ada", offer), opposite[other])
        wrong = [one for one in answers if isinstance(one, Exception) and not isinstance(one, Stale | Refused)]
        assert wrong == []
        seen.add(whole(offer, desk))
        finish(desk)
    ends = {"decline": "declined", "recall": "recalled", "time_out": "timed_out"}[other]
    one_each = {"accepted ['lead_offer.accepted']", f"{ends} ['lead_offer.{ends}']"}
    one_after = {"recalled ['lead_offer.accepted', 'lead_offer.recalled']"} if other == "recall" else set()
    assert seen <= one_each | one_after


def test_two_clicks_on_the_links_have_one_effect_and_the_other_reads_it(desk, race):
    import time_machine  # noqa: PLC0415 - only here

    runners = race(2)
    with time_machine.travel(NOW + timedelta(minutes=5)):
        for n in range(TURNS):
            offer = offered(desk, n)
            links = [reverse("lead_answer", args=[lead_links.token(offer, u)]) for u in (desk.cast.ada, desk.cast.bo)]
            works = [lambda link=link: Client().post(link, {"answer": "accept"}) for link in links]
            answers = runners.run(*works)
            assert sorted(answer.status_code for answer in answers) == [200, 409]
            told = next(a.context["reason"] for a in answers if a.status_code == 409)
            with scope(SYSTEM):
                assert told == f"{LeadOffer.objects.get(pk=offer.pk).answered_label} accepted this lead."
            assert whole(offer, desk) == "accepted ['lead_offer.accepted']"
            finish(desk)


def test_of_two_managers_who_offer_one_lead_one_did(desk, race):
    runners = race(2)

    def offer(who: str, pk, partner):
        def work():
            actor = desk.cast.actor(who)
            with scope(actor):
                return offers.offer(Lead.objects.get(pk=pk), OfferTo(partner), by=actor, at=NOW)

        return work

    for n in range(TURNS):
        with scope(SYSTEM):
            lead = desk.new(account_name=f"Customer {n}", website=f"customer-{n}.example")
        answers = runners.run(offer("mona", lead.pk, desk.cast.acme), offer("olga", lead.pk, desk.cast.cobalt))
        losers = [one for one in answers if isinstance(one, Exception)]
        assert [type(one) in (Stale, IllegalTransition) for one in losers] == [True]
        with scope(SYSTEM):
            assert LeadOffer.objects.filter(lead_id=lead.pk).count() == 1
        finish(desk)
