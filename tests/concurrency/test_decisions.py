"""Two managers decide at once: one of them did."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from core.actor import SYSTEM
from core.errors import IllegalTransition, Refused, Stale
from core.models import Delivery, Event
from core.scope import scope
from deals import services
from deals.enums import CaseStatus, Status
from deals.models import Account, ConflictCase, Opportunity, OpportunityPartner, Registration
from deals.particulars import Approval, Rejection, Resolution
from partners.models import Program
from prm.reactions import TABLE
from tests.api.conftest import api_for
from tests.concurrency.conftest import ROUNDS
from tests.factories import NOW

pytestmark = [pytest.mark.committed, pytest.mark.slow]
DECISIONS = {"approved", "rejected", "questioned"}


def sent(market, n: int) -> Registration:
    with scope(SYSTEM):
        return market.sent(website=f"customer-{n}.example", account_name=f"Customer {n}")


def approve(market, who: str, deal: Registration):
    def work():
        actor = market.cast.actor(who)
        with scope(actor):
            own = Registration.objects.get(pk=deal.pk)
            return services.approve(own, Approval(), by=actor, at=NOW)

    return work


def reject(market, who: str, deal: Registration):
    def work():
        actor = market.cast.actor(who)
        with scope(actor):
            own = Registration.objects.get(pk=deal.pk)
            return services.reject(own, Rejection("not_qualified", "No."), by=actor, at=NOW)

    return work


def traces(deal: Registration) -> tuple[str, Counter, int, int]:
    """What a decision leaves: the state, its events, its opportunities and the deliveries of those events."""
    with scope(SYSTEM):
        events = [e for e in Event.objects.filter(subject_id=deal.pk) if e.verb in DECISIONS]
        opportunities = Opportunity.objects.filter(name=deal.account_name).count()
        deliveries = Delivery.objects.filter(event__in=events).count()
        state = Registration.objects.get(pk=deal.pk).status
        return state, Counter(event.verb for event in events), opportunities, deliveries


def decided_once(deal: Registration) -> str:
    """Asserts one decision with one set of effects; says which."""
    state, decided, opportunities, deliveries = traces(deal)
    assert decided == {state: 1}
    assert opportunities == int(state == Status.APPROVED)
    assert deliveries == len(TABLE[f"deal_registration.{state}"])
    return state


def assert_decided_once(deal: Registration, answers: list) -> None:
    decided_once(deal)
    losers = [a for a in answers if isinstance(a, Exception)]
    assert len(losers) == len(answers) - 1
    assert {type(loser) for loser in losers} <= {Stale, IllegalTransition}, losers


@pytest.mark.parametrize("other", [approve, reject], ids=["approve", "reject"])
def test_of_two_decisions_by_services_one_counts(market, race, other):
    two = race(2)
    winners = Counter()
    for n in range(ROUNDS // 2):
        deal = sent(market, n)
        answers = two.run(approve(market, "mona", deal), other(market, "olga", deal))
        assert_decided_once(deal, answers)
        winners[[isinstance(a, Exception) for a in answers].index(False)] += 1
    with scope(SYSTEM):
        approved = Registration.objects.filter(status=Status.APPROVED).count()
        roles = OpportunityPartner.objects.filter(role="sourcing").count()
        assert Opportunity.objects.count() == Account.objects.count() == roles == approved


def page(client, deal: Registration, verb: str, data: dict):
    return lambda: client.post(f"/admin/deals/{deal.reference}/{verb}/", data)


@pytest.mark.parametrize("other", ["approve", "reject"])
def test_of_two_decisions_on_pages_the_second_gets_409_and_reads_why(market, race, signed_in, other):
    mona, olga, two = signed_in("mona"), signed_in("olga"), race(2)
    words = {"approve": {"note": ""}, "reject": {"code": "not_qualified", "reason": "No."}}
    for n in range(ROUNDS // 4):
        deal = sent(market, n)
        answers = two.run(page(mona, deal, "approve", words["approve"]), page(olga, deal, other, words[other]))
        assert sorted(a.status_code for a in answers) == [302, 409], answers
        state = decided_once(deal)
        told = next(a.content.decode() for a in answers if a.status_code == 409)
        assert {"approved": "approved", "rejected": "declined"}[state] in told.lower()
        assert "<h1" in told


def test_eight_managers_decide_at_once_by_page_and_api(market, race, signed_in):
    with scope(SYSTEM):
        crm = api_for()
    browsers = [signed_in(name) for name in ("mona", "olga")] * 2
    eight = race(8)
    for n in range(ROUNDS // 10):
        deal = sent(market, n)
        pages = [page(browser, deal, "approve", {"note": ""}) for browser in browsers]
        calls = [lambda d=deal: crm.post(f"deal_registrations/{d.public_id}/approve", {})] * 2
        calls += [lambda d=deal: crm.post(f"deal_registrations/{d.public_id}/reject", _NO)] * 2
        answers = eight.run(*pages, *calls)
        codes = Counter(a.status_code for a in answers)
        assert (codes[302] + codes[200], codes[409]) == (1, 7), codes
        decided_once(deal)


_NO = {"rejection_code": "not_qualified", "reason": "No."}


def test_the_capacity_of_a_partner_holds_when_two_are_approved_at_once(market, race):
    two = race(2)
    for n in range(ROUNDS // 10):
        with scope(SYSTEM):
            held = Registration.objects.filter(status=Status.APPROVED).count()
            Program.objects.update(policy={"capacity": held + 1})
        deals = [sent(market, n * 2), sent(market, n * 2 + 1)]
        answers = two.run(approve(market, "mona", deals[0]), approve(market, "olga", deals[1]))
        assert [type(a) for a in answers if isinstance(a, Exception)] == [Refused]
        with scope(SYSTEM):
            assert Registration.objects.filter(status=Status.APPROVED).count() == held + 1


def test_two_claims_on_one_customer_approved_at_once_share_its_account(market, race):
    """The case between them is resolved as co-selling, so both may be approved."""
    two = race(2)
    for n in range(ROUNDS // 10):
        first = sent(market, n)
        with scope(SYSTEM):
            second = market.sent("cy", website=f"customer-{n}.example", account_name=f"Customer {n}")
            case = ConflictCase.objects.get(registration=second, status=CaseStatus.OPEN)
            services.resolve(case, Resolution("co_sell", "Both."), by=market.cast.actor("mona"), at=NOW)
        answers = two.run(approve(market, "mona", first), approve(market, "olga", second))
        assert [a.status for a in answers] == [Status.APPROVED] * 2
        with scope(SYSTEM):
            assert Account.objects.filter(domain=f"customer-{n}.example").count() == 1


def test_a_conflict_is_decided_once(market, race):
    two = race(2)
    for n in range(ROUNDS // 10):
        sent(market, n)
        with scope(SYSTEM):
            second = market.sent("cy", website=f"customer-{n}.example", account_name=f"Customer {n}")
            case = ConflictCase.objects.get(registration=second)

        def resolve(who, outcome, case=case):
            actor = market.cast.actor(who)
            with scope(actor):
                return services.resolve(case, Resolution(outcome, "So."), by=actor, at=NOW)

        answers = two.run(lambda: resolve("mona", "different"), lambda: resolve("olga", "co_sell"))
        assert [type(a) for a in answers if isinstance(a, Exception)] == [Stale]
        with scope(SYSTEM):
            assert Event.objects.filter(subject_id=case.pk, type="conflict_case.resolved").count() == 1


def test_an_approval_and_a_withdrawal_at_once_end_in_one_of_the_two(market, race, signed_in):
    mona, ada, two = signed_in("mona"), signed_in("ada"), race(2)
    for n in range(ROUNDS // 10):
        deal = sent(market, n)
        withdraw = lambda d=deal: ada.post(f"/portal/deals/{d.reference}/withdraw/")  # noqa: E731
        answers = two.run(page(mona, deal, "approve", {"note": ""}), withdraw)
        assert sorted(a.status_code for a in answers) == [302, 409]
        with scope(SYSTEM):
            state = Registration.objects.get(pk=deal.pk).status
            assert Opportunity.objects.filter(name=deal.account_name).count() == int(state == Status.APPROVED)


def test_amounts_survive_two_edits_at_once(market, race):
    """The second edit of what was read before is told, not written over the first."""
    two, ada = race(2), market.cast.actor("ada")
    for n in range(ROUNDS // 10):
        with scope(SYSTEM):
            draft = market.draft(website=f"customer-{n}.example", account_name=f"Customer {n}")
            first, second = (Registration.objects.get(pk=draft.pk) for _reader in range(2))

        def edit(own, amount):
            claim = replace(market.acme, website=own.website, account_name=own.account_name, amount=Decimal(amount))
            with scope(ada):
                return services.redraft(own, claim, by=ada, at=NOW)

        answers = two.run(partial(edit, first, 1), partial(edit, second, 2))
        assert [type(a) for a in answers if isinstance(a, Exception)] == [Stale]


def test_of_two_patches_of_one_version_one_counts(market, race):
    """As two programs would: the same If-Match, at the same moment."""
    with scope(SYSTEM):
        crm = api_for()
    two = race(2)
    for n in range(ROUNDS // 10):
        address = f"accounts/{crm.post('accounts', {'name': f'Customer {n}'}).json()['id']}"
        patches = [partial(crm.patch, address, {"industry": word}, 1) for word in ("one", "other")]
        answers = two.run(*patches)
        assert sorted(a.status_code for a in answers) == [200, 412]
        [kept] = [a.json()["industry"] for a in answers if a.status_code == 200]
        assert crm.get(address).json()["industry"] == kept
