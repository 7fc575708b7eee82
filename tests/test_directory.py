"""The public directory."""

import pytest
from django.core import signing

from core.models import Event
from deals.models import Lead
from partners.models import Integration, Partner
from tests.factories import MembershipFactory, PartnerFactory

pytestmark = pytest.mark.django_db
PAGE = "/partners/"


@pytest.fixture
def acme(cast) -> Partner:
    Partner.objects.filter(pk=cast.acme.pk).update(
        is_listed=True, description="Sets things up.\nSince 1990.", territories=["PT", "ES"],
        specialisations=["Retail"], tax_id="SECRET-TAX", legal_name="SECRET-LEGAL",
    )  # fmt: skip
    MembershipFactory(partner=cast.acme, tier__name="Gold", partner_type="agency")
    Integration.objects.create(partner=cast.acme, name="Live one", status="live")
    Integration.objects.create(partner=cast.acme, name="Hidden one", status="beta")
    cast.acme.refresh_from_db()
    return cast.acme


def names(answer) -> list[str]:
    return [listing.name for listing in answer.context["listings"]]


def test_only_listed_and_working_partners_are_there(client, acme):
    for status in ("suspended", "offboarded", "candidate", "declined"):
        PartnerFactory(is_listed=True, status=status)
    PartnerFactory(is_listed=True, is_direct=True)
    assert names(client.get(PAGE)) == ["Acme"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=sets+things", 1), ("q=retail", 1), ("q=nothing", 0), ("tier=Gold", 1), ("tier=Silver", 1),
        ("type=agency", 1), ("territory=ES", 1), ("specialisation=Retail", 1), ("q=sets&tier=Gold&type=agency", 1),
        ("after=nonsense", 1), ("tier=%00", 400),
    ],
)  # fmt: skip
def test_it_is_searched_and_narrowed(client, acme, query, found):
    answer = client.get(f"{PAGE}?{query}")
    if found == 400:
        assert answer.status_code == 400
    else:
        assert len(names(answer)) == found  # a filter that nobody fits is left out, not obeyed


def test_a_profile_shows_what_is_public_and_nothing_else(client, acme):
    page = client.get(f"{PAGE}{acme.reference}/").content.decode()
    shown = ("Sets things up.", "Gold", "Retail", "Live one")
    hidden = ("Hidden one", "SECRET", "Channel manager", "ada@acme.example")
    assert [word in page for word in (*shown, *hidden)] == [True] * 4 + [False] * 4


def test_who_is_not_listed_has_no_page(client, acme, cast):
    unknown = client.get(f"{PAGE}P-00000/")
    unlisted = client.get(f"{PAGE}{cast.cobalt.reference}/")
    assert (unknown.status_code, unlisted.status_code) == (404, 404)
    assert client.get(f"{PAGE}{cast.cobalt.reference}/logo/").status_code == 404


def test_many_are_paged_by_key(client, acme):
    for n in range(30):
        PartnerFactory(name=f"Zeta {n:02}", is_listed=True)
    first = client.get(PAGE)
    second = client.get(PAGE + first.context["pager"].older)
    assert (len(names(first)), len(names(second)), len({*names(first), *names(second)})) == (25, 6, 31)


def test_thirty_cost_as_many_queries_as_one(client, acme, django_assert_num_queries):
    from django.db import connection  # noqa: PLC0415 - counts queries
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    client.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        client.get(PAGE)
    for _n in range(10):
        MembershipFactory(partner__is_listed=True)
    with CaptureQueriesContext(connection) as many:
        client.get(PAGE)
    assert len(one) == len(many)


def told(**changes) -> dict:
    """An enquiry as people send it: some seconds after the form was drawn."""
    return {
        "company": "Padaria Central", "name": "Rui", "email": "rui@padaria.example", "need": "A till.",
        "consent": "on", "began": stamp(), **changes,
    }  # fmt: skip


def stamp(seconds: int = 60) -> str:
    import time  # noqa: PLC0415
    from unittest import mock  # noqa: PLC0415 - the clock of the signature

    with mock.patch("django.core.signing.time.time", return_value=int(time.time()) - seconds):
        return signing.dumps("", salt="directory.enquiry")


def test_an_enquiry_becomes_a_lead_with_its_consent(client, acme):
    answer = client.post(f"{PAGE}{acme.reference}/", told())
    lead = Lead.objects.get()
    assert (answer.status_code, lead.account_name, lead.source_detail) == (302, "Padaria Central", "Directory: Acme")
    consent = Event.objects.get(type="lead.consented")
    assert (consent.subject_id, "Acme" in consent.data["text"], consent.partner_id) == (lead.pk, True, None)


@pytest.mark.parametrize(
    "changes", [{"website": "x"}, {"began": ""}, {"began": "forged"}], ids=["trap", "unstamped", "forged"]
)
def test_a_machine_is_thanked_and_forgotten(client, acme, changes):
    assert (client.post(f"{PAGE}{acme.reference}/", told(**changes)).status_code, Lead.objects.count()) == (302, 0)


def test_who_is_faster_than_people_is_a_machine(client, acme):
    client.post(f"{PAGE}{acme.reference}/", told(began=stamp(0)))
    assert Lead.objects.count() == 0


def test_without_consent_nothing_is_kept(client, acme):
    answer = client.post(f"{PAGE}{acme.reference}/", told(consent=""))
    assert (answer.status_code, Lead.objects.count()) == (422, 0)


def test_one_address_sends_few(client, acme):
    answers = [client.post(f"{PAGE}{acme.reference}/", told()).status_code for _n in range(6)]
    assert (answers, Lead.objects.count()) == ([302] * 5 + [429], 5)
