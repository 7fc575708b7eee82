"""Workers are killed in the middle of their work: nothing is lost, nothing is done twice."""

import threading
from collections import Counter
from email import message_from_bytes

import pytest
from django.core.management import call_command

from core.actor import SYSTEM
from core.models import Delivery, DeliveryState, Event
from core.scope import scope
from deals.enums import Status
from deals.models import Account, Attribution, Opportunity, OpportunityPartner, Registration
from prm.reactions import TABLE
from tests.faults.conftest import LONG, open_deliveries
from tests.faults.house import Browser, House, until

KILLS, APPROVALS = (20, 500) if LONG else (3, 60)
HEALED_WITHIN = 60 if LONG else 180  # seconds after the last kill

pytestmark = [pytest.mark.committed, pytest.mark.slow]


def wait_registrations(market, number: int, of: str) -> list[str]:
    """References of registrations that wait for a decision."""
    made = []
    for n in range(number):
        with scope(SYSTEM):
            made.append(market.sent(website=f"{of}-{n}.example", account_name=f"{of} {n}").reference)
    return made


def approve(house: House, references: list[str]) -> list[str]:
    """Approves them one after the other on the decision page; those that were confirmed."""
    mona = Browser(house)
    assert mona.sign_in("mona@northwind.example") == 302
    mona.read_form(f"/admin/deals/{references[0]}/")
    answers = {ref: mona.post(f"/admin/deals/{ref}/approve/", {"note": ""})[0] for ref in references}
    assert set(answers.values()) == {302}, Counter(answers.values())
    return list(answers)


def test_killed_workers_lose_nothing_and_repeat_nothing(house, market, chance):
    references = wait_registrations(market, APPROVALS, of="killed")
    share = len(references) // KILLS
    for n in range(KILLS):
        part = references[n * share :] if n == KILLS - 1 else references[n * share : (n + 1) * share]
        people = threading.Thread(target=approve, args=(house, part))
        people.start()
        _until_it_works(house)
        people.join(chance.uniform(0, 2))
        house.kill("worker")
        house.start("worker")
        people.join(120)
    took = until(lambda: open_deliveries() == 0, HEALED_WITHIN, "The deliveries were not done")
    print(f"{APPROVALS} approvals, {KILLS} kills: all delivered {took:.1f} s after the last kill")  # noqa: T201
    assert_one_set_of_effects(references)
    assert_one_letter_each(house)
    assert_verified()


def _until_it_works(house: House) -> None:
    """Until the worker has delivered something since it started."""
    with scope(SYSTEM):
        before = Delivery.objects.filter(state=DeliveryState.DONE).count()

    def works() -> bool:
        with scope(SYSTEM):
            return Delivery.objects.filter(state=DeliveryState.DONE).count() > before

    until(works, 60, f"The worker does nothing: {house.log('worker')[-2000:]}")


def assert_one_set_of_effects(references: list[str]) -> None:
    with scope(SYSTEM):
        deals = list(Registration.objects.filter(reference__in=references))
        assert Counter(d.status for d in deals) == {Status.APPROVED: len(references)}
        ids = [d.pk for d in deals]
        # an answer that is late is escalated twice, whoever is killed
        told = Event.objects.filter(subject_id__in=ids).exclude(type="deal_registration.escalated")
        happened = Counter(told.values_list("subject_id", "type"))
        assert set(happened.values()) == {1}
        opened = Opportunity.objects.filter(name__startswith="killed ")
        assert opened.count() == Account.objects.filter(name__startswith="killed ").count() == len(references)
        assert {d.opportunity_id for d in deals} == set(opened.values_list("pk", flat=True))
        assert OpportunityPartner.objects.filter(role="sourcing", opportunity__in=opened).count() == len(references)
        states = Counter(Delivery.objects.values_list("state", flat=True))
        assert set(states) == {DeliveryState.DONE}
        wanted = Counter()
        for kind in Event.objects.values_list("type", flat=True):
            wanted[kind] += len(TABLE.get(kind, ()))
        assert states[DeliveryState.DONE] == wanted.total()
        credited = Counter(Attribution.objects.values_list("opportunity_id", flat=True))
        assert not credited or set(credited.values()) == {1}


OVERTAKEN = {f"notifications.deal_{name}" for name in ("waits", "received", "escalated")}


def assert_one_letter_each(house: House) -> None:
    """Every mail has one file under its Message-ID, which is its delivery's.

    What a decision has overtaken need not be written any more.
    """
    with scope(SYSTEM):
        expected = {str(d.pk): d.reaction for d in Delivery.objects.filter(reaction__startswith="notifications.")}
    letters = [message_from_bytes(file.read_bytes()) for file in house.letters.glob("*.eml")]
    named = Counter(str(letter["Message-ID"]).strip("<>").partition("@")[0] for letter in letters)
    assert set(named.values()) == {1}
    assert {expected[key] for key in set(expected) - set(named)} <= OVERTAKEN
    assert set(named) <= set(expected)


def assert_verified() -> None:
    """Exits when something does not hold."""
    call_command("prm_verify")
