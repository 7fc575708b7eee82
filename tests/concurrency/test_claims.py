"""Two partners claim one customer at once; one partner clicks twice; one client asks two hundred times."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from core.actor import SYSTEM
from core.ids import uuid7
from core.models import Event
from core.scope import scope
from deals.enums import CaseStatus, Status, Verdict
from deals.models import ConflictCase, Registration
from partners.models import Partner
from tests.api.conftest import api_for
from tests.concurrency.conftest import ROUNDS

pytestmark = [pytest.mark.committed, pytest.mark.slow]

# What the two write for customer number n: (website, company) of the one, and of the other.
SPELLINGS = [
    (("https://www.kunde{n}.example/about", "Kunde {n} GmbH"), ("KUNDE{n}.EXAMPLE", "kunde {n} gmbh")),
    (("http://kunde{n}.example.", "Kunde {n}"), ("www.kunde{n}.example", "Something else {n}")),
    (("https://shop.kunde{n}.example:8443/a?b=c", "Kunde {n}, Inc."), ("kunde{n}.example", "KUNDE {n} Inc")),
    (("https://münchen{n}.example", "München {n} AG"), ("xn--mnchen{n}-ezz.example", "Other {n}")),
    (("left{n}.example", "Kunde {n} Limited"), ("right{n}.example", "KUNDE {n} Ltd.")),
    (("left{n}.example", "Société Kunde {n} S.A."), ("right{n}.example", "societe kunde {n} sa")),
]


def spelt(n: int) -> list[tuple[str, str]]:
    """The two spellings of customer number n."""
    pair = [(site.format(n=n), name.format(n=n)) for site, name in SPELLINGS[n % len(SPELLINGS)]]
    if "münchen" in pair[0][0]:
        pair[1] = (f"münchen{n}.example".encode("idna").decode(), pair[1][1])
    return pair


def form(market, website: str, company: str, **more) -> dict:
    close = (timezone.now() + timedelta(days=60)).date().isoformat()
    told = {"contact_name": "Rui", "contact_email": "rui@kunde.example", "country": "PT", "amount": "48000"}
    fixed = {"draft": str(uuid7()), "product": str(market.product.pk), "expected_close_on": close}
    return {**told, **fixed, "website": website, "account_name": company, **more}


def test_of_two_partners_at_once_one_is_first_and_the_other_is_told_no_name(market, race, signed_in):
    """Partners have names that can't stand on a page by chance."""
    with scope(SYSTEM):
        Partner.objects.filter(pk=market.cast.acme.pk).update(name="Zyxacme")
        Partner.objects.filter(pk=market.cast.cobalt.pk).update(name="Qwertcobalt")
    ada, cy, two = signed_in("ada"), signed_in("cy"), race(2)
    first = Counter()
    for n in range(max(24, ROUNDS // 2)):
        words = [form(market, *one) for one in spelt(n)]
        answers = two.run(
            lambda: ada.post("/portal/deals/new/", words[0], follow=True),  # noqa: B023 - run within the round
            lambda: cy.post("/portal/deals/new/", words[1], follow=True),  # noqa: B023
        )
        assert [a.status_code for a in answers] == [200, 200], answers
        with scope(SYSTEM):
            pair = [Registration.objects.get(pk=one["draft"]) for one in words]
            cases = list(ConflictCase.objects.filter(registration__in=pair))
        assert [d.status for d in pair] == [Status.IN_REVIEW] * 2
        assert len(cases) == 1, (spelt(n), [d.domain for d in pair], [d.normal_name for d in pair])
        [loser] = [d for d in pair if d.pk == cases[0].registration_id]
        [winner] = [d for d in pair if d != loser]
        assert (cases[0].status, cases[0].other_registration_id) == (CaseStatus.OPEN, winner.pk)
        assert (winner.verdict, loser.verdict in (Verdict.CONFLICT, Verdict.POSSIBLE)) == (Verdict.CLEAR, True)
        assert "Qwertcobalt" not in answers[0].content.decode()
        assert "Zyxacme" not in answers[1].content.decode()
        assert not re.search(re.escape(pair[1].reference), answers[0].content.decode())
        first[winner.partner_id] += 1
    assert len(first) == 2, "one side won every round: the two did not really start together"


def test_a_double_click_makes_one_registration(market, race, signed_in):
    ada, again, two = signed_in("ada"), signed_in("ada"), race(2)
    for n in range(ROUNDS // 10):
        words = form(market, f"kunde{n}.example", f"Kunde {n}")
        answers = two.run(*[lambda b=browser: b.post("/portal/deals/new/", words) for browser in (ada, again)])  # noqa: B023
        assert [a.status_code for a in answers] == [302, 302], [a.content.decode()[-3000:] for a in answers]
        assert answers[0].url == answers[1].url
        with scope(SYSTEM):
            [deal] = Registration.objects.filter(account_name=f"Kunde {n}")
            verbs = [e.verb for e in Event.objects.filter(subject_id=deal.pk).order_by("id")]
        assert (str(deal.pk), verbs) == (words["draft"], ["created", "submitted", "taken_up"])


def test_autosave_and_send_at_once_make_one_registration(market, race, signed_in):
    ada, again, two = signed_in("ada"), signed_in("ada"), race(2)
    for n in range(ROUNDS // 10):
        words = form(market, f"kunde{n}.example", f"Kunde {n}")
        answers = two.run(
            lambda: ada.post("/portal/deals/draft/", words),  # noqa: B023
            lambda: again.post("/portal/deals/new/", words),  # noqa: B023
        )
        assert answers[1].status_code == 302, answers[1].content.decode()[-3000:]
        assert answers[0].status_code in (200, 409, 422)
        with scope(SYSTEM):
            assert [d.status for d in Registration.objects.filter(account_name=f"Kunde {n}")] == [Status.IN_REVIEW]


def test_one_partner_cannot_register_one_customer_twice_at_once(market, race, signed_in):
    ada, again, two = signed_in("ada"), signed_in("ada"), race(2)
    for n in range(ROUNDS // 10):
        clicks = [form(market, f"kunde{n}.example", f"Kunde {n}") for _form in range(2)]
        answers = two.run(
            lambda: ada.post("/portal/deals/new/", clicks[0]),  # noqa: B023
            lambda: again.post("/portal/deals/new/", clicks[1]),  # noqa: B023
        )
        assert sorted(a.status_code for a in answers) == [302, 422]
        with scope(SYSTEM):
            assert [d.status for d in Registration.objects.filter(account_name=f"Kunde {n}")] == [Status.IN_REVIEW]


def test_two_hundred_posts_with_one_key_have_one_effect(market, race):
    with scope(SYSTEM):
        crm, membership = api_for(), market.acme.membership
    body = {"membership_id": membership.public_id, "account_name": "Once", "website": "once.example", "country": "PT"}
    body |= {
        "partner_id": market.cast.acme.public_id,
        "product_sku": market.product.sku,
        "amount": "100.00",
    }
    many = race(20)

    def post():
        return crm.post("deal_registrations", body, Idempotency_Key="only-once")

    answers = [a for _round in range(10) for a in many.run(*[post] * 20)]
    codes = Counter(a.status_code for a in answers)
    assert set(codes) <= {201, 409}, [a.content for a in answers if a.status_code not in (201, 409)][:1]
    made = [a for a in answers if a.status_code == 201]
    assert len({a.content for a in made}) == 1
    assert len([a for a in made if a.headers.get("Idempotency-Replayed") != "true"]) == 1
    assert all(a.headers["Retry-After"] == "1" for a in answers if a.status_code == 409)
    with scope(SYSTEM):
        assert Registration.objects.filter(account_name="Once").count() == 1
        assert Event.objects.filter(type="deal_registration.created").count() == 1
    assert post().headers["Idempotency-Replayed"] == "true"
