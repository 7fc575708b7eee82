"""Two at once on one protected deal: one of them is first, and nothing is done twice."""

from collections import Counter
from datetime import timedelta

import pytest

from core import timers
from core.actor import SYSTEM
from core.errors import IllegalTransition, Refused, Stale
from core.scope import scope
from deals import services
from deals.enums import Status
from deals.models import Extension, Registration, Revocation, Transfer
from deals.particulars import Handover, Reason
from tests.concurrency.conftest import ROUNDS
from tests.factories import NOW, StaffFactory

pytestmark = [pytest.mark.committed, pytest.mark.slow]
LATER = NOW + timedelta(days=10)
MORE = Reason("More time.")


def protected(market, n: int) -> Registration:
    with scope(SYSTEM):
        return market.approved(website=f"customer-{n}.example", account_name=f"Customer {n}")


def as_(actor, service, model, pk, *words, at=LATER):
    """A work: the person reads the row and calls the service."""

    def work():
        with scope(actor):
            service(model.objects.get(pk=pk), *words, by=actor, at=at)
        return "done"

    return work


def kinds(answers) -> Counter:
    return Counter(answer if isinstance(answer, str) else type(answer) for answer in answers)


def test_of_two_requests_for_more_time_one_stands(market, race):
    ada, bo, two = market.cast.actor("ada"), market.cast.actor("bo"), race(2)
    for n in range(ROUNDS // 2):
        deal = protected(market, n)
        works = [as_(who, services.request_extension, Registration, deal.pk, MORE) for who in (ada, bo)]
        assert kinds(two.run(*works)) == {"done": 1, Refused: 1}
        with scope(SYSTEM):
            assert Extension.objects.filter(registration=deal).count() == 1


def test_an_extension_that_is_granted_as_the_protection_ends_extends_once(market, race):
    ada, mona, two = market.cast.actor("ada"), market.cast.actor("mona"), race(2)
    for n in range(ROUNDS // 2):
        deal = protected(market, n)
        end = deal.protection_expires_at
        with scope(SYSTEM):
            extension = services.request_extension(Registration.objects.get(pk=deal.pk), MORE, by=ada, at=LATER)
        grant = as_(mona, services.grant_extension, Extension, extension.pk, Reason(""), at=end)
        answer = two.run(grant, lambda: timers.ring(end))[0]  # noqa: B023 - run within the round
        while timers.ring(end + timedelta(minutes=2)):
            pass
        with scope(SYSTEM):
            extension.refresh_from_db()
            deal.refresh_from_db()
        if answer == "done":
            assert (extension.status, deal.protection_expires_at) == ("granted", end + timedelta(days=30))
            assert deal.status in (Status.APPROVED, Status.EXPIRING)
        else:
            assert isinstance(answer, Stale)
            assert (extension.status, deal.status, deal.protection_expires_at) == ("requested", Status.EXPIRED, end)


def test_of_two_who_confirm_a_revocation_one_did(market, race):
    with scope(SYSTEM):
        other = StaffFactory(name="Otto", staff_role="channel_operations")
    from partners.actors import actor_for  # noqa: PLC0415 - Django is set up by now

    mona, olga, otto, two = market.cast.actor("mona"), market.cast.actor("olga"), actor_for(other), race(2)
    for n in range(ROUNDS // 2):
        deal = protected(market, n)
        with scope(SYSTEM):
            revocation = services.propose_revocation(deal, Reason("Why."), by=mona, at=LATER)
        works = [as_(who, services.confirm_revocation, Revocation, revocation.pk) for who in (olga, otto)]
        found = kinds(two.run(*works))
        assert (found["done"], found[Stale] + found[IllegalTransition]) == (1, 1)


def test_a_deal_that_is_released_while_it_is_handed_over_goes_one_way(market, race):
    ada, mona, two = market.cast.actor("ada"), market.cast.actor("mona"), race(2)
    letter = Handover(market.cast.cobalt.reference, "The customer wrote.")
    for n in range(ROUNDS // 2):
        deal = protected(market, n)
        give = as_(mona, services.hand_over, Registration, deal.pk, letter)
        answers = kinds(two.run(give, as_(ada, services.release, Registration, deal.pk, Reason(""))))
        assert (answers["done"], answers[Stale] + answers[IllegalTransition]) == (1, 1)
        with scope(SYSTEM):
            deal.refresh_from_db()
            given = Transfer.objects.filter(registration=deal).count()
            assert (deal.status, given) in ((Status.TRANSFERRED, 1), (Status.RELEASED, 0))
