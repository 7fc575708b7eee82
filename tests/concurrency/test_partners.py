"""Two people move one partner at once: one of them did."""

from collections import Counter

import pytest

from core.actor import SYSTEM
from core.errors import IllegalTransition, Stale
from core.models import Event
from core.scope import scope
from partners import services
from partners.enums import PartnerStatus
from partners.models import Agreement, Partner
from partners.particulars import Because, Click, Terms
from tests.concurrency.conftest import ROUNDS
from tests.factories import NOW, PartnerFactory

pytestmark = [pytest.mark.committed, pytest.mark.slow]


def move(market, who: str, partner: Partner, verb: str, *more):
    def work():
        actor = market.cast.actor(who)
        with scope(actor):
            getattr(services, verb)(Partner.objects.get(pk=partner.pk), *more, by=actor, at=NOW)

    return work


def told(partner: Partner) -> Counter:
    with scope(SYSTEM):
        return Counter(e.verb for e in Event.objects.filter(subject_id=partner.pk))


def test_of_two_who_approve_and_decline_at_once_one_did(market, race):
    two = race(2)
    for _n in range(ROUNDS):
        with scope(SYSTEM):
            partner = PartnerFactory(status=PartnerStatus.EVALUATING)
        ends = two.run(
            move(market, "mona", partner, "approve"),
            move(market, "olga", partner, "decline", Because("no_fit", "No.")),
        )
        assert sorted(type(end) in (Stale, IllegalTransition) for end in ends) == [False, True]
        assert sum(told(partner).values()) == 1


def test_of_two_who_suspend_at_once_one_did_and_the_way_back_is_kept(market, race):
    two = race(2)
    for _n in range(ROUNDS):
        with scope(SYSTEM):
            partner = PartnerFactory(status=PartnerStatus.ONBOARDING)
        why = Because("risk", "A court case.")
        two.run(move(market, "mona", partner, "suspend", why), move(market, "olga", partner, "suspend", why))
        with scope(SYSTEM):
            kept = Partner.objects.get(pk=partner.pk)
        assert (kept.status, kept.suspended_from, told(partner)["suspended"]) == ("suspended", "onboarding", 1)


def test_terms_that_two_clicks_accept_at_once_are_accepted_once(market, race):
    two = race(2)
    for n in range(ROUNDS):
        with scope(SYSTEM):
            text = services.publish_text(Terms(f"t{n}", f"Terms {n}", "1", "x"), by=SYSTEM, at=NOW)
        two.run(*[move(market, "bo", market.cast.acme, "sign", Click(text))] * 2)
        with scope(SYSTEM):
            assert Agreement.objects.filter(partner=market.cast.acme, text=text).count() == 1
