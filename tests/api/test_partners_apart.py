"""A key bound to one partner sees and touches that partner alone, on every address."""

from itertools import product

import pytest
from django.db import connection

from deals.models import Account, Attribution, ConflictCase, Opportunity, OpportunityPartner, Registration
from prm.api import RESOURCES
from tests.api.conftest import api_for, said
from tests.factories import NOW, ContactFactory, MembershipFactory
from tests.laws.world import paint, plant_the_rest, row_of
from tests.sampled import LONG

CANARY = "CANARY-cobalt"


@pytest.fixture
def cobalts(cast):
    """One row of every resource that belongs to Cobalt, each text a canary."""
    cast.cobalt.name = cast.cobalt.legal_name = f"{CANARY}-name"
    cast.cobalt.save()
    membership = MembershipFactory(partner=cast.cobalt, tier_reason=f"{CANARY}-reason")
    account = Account.objects.create(
        name=f"{CANARY}-account", owner_partner=cast.cobalt, domain="canary-cobalt.example"
    )
    opportunity = Opportunity.objects.create(name=f"{CANARY}-opportunity", account=account)
    role = OpportunityPartner.objects.create(opportunity=opportunity, partner=cast.cobalt, role="sourcing")
    credit = Attribution.objects.create(
        opportunity=opportunity, partner=cast.cobalt, credit="sourced", evidence="registration"
    )
    deal = Registration.objects.create(
        partner=cast.cobalt,
        membership=membership,
        account_name=f"{CANARY}-deal",
        opportunity=opportunity,
        account=account,
        amount=5,
        submitted_at=NOW,
        status="in_review",
    )
    contact = ContactFactory(partner=cast.cobalt, last_name=f"{CANARY}-contact")
    rows = (cast.cobalt, contact, membership, account, opportunity, role, credit, deal)
    for row in rows:
        row.refresh_from_db()
    told = {row.resource: row for row in rows}
    return told | _planted(cast.cobalt, [res for res in WALLED if res.singular not in told])


def _planted(partner, others):
    """A row of every other resource, its texts canaries as well."""
    plant_the_rest(partner)
    rows = [row_of(res.model, partner) for res in others]
    for row in rows:
        paint(row)
    return {row.resource: row for row in rows}


def addresses(res, id: str):
    """Every method and address of one object."""
    base = f"{res.name}/{id}"
    yield from (("GET", base), ("HEAD", base), ("PATCH", base), ("DELETE", base))
    yield from (("POST", f"{base}/{action.name}") for action in res.actions)
    yield from (("POST", f"{base}/restore"), ("DELETE", f"{base}/external_ids/erp"))


WALLED = [res for res in RESOURCES if res.name not in ("programs", "tiers")]


@pytest.mark.sampled
def test_a_foreign_id_and_an_unused_one_are_the_same(cast, cobalts):
    """An unused id is asked for at every address in the long form, else until its answer is known by heart."""
    acme, known = api_for(cast.acme), []
    for res in WALLED:
        unused, foreign = f"{res.prefix}_{'0' * 31}7", cobalts[res.singular].public_id
        for (method, path), (_same, other) in zip(addresses(res, foreign), addresses(res, unused), strict=True):
            found = _told(acme, method, path)
            if LONG or method == "GET" or found not in known:
                known.append(_told(acme, method, other))
                assert found == known[-1], (method, path)
            assert found[0] in (404, 405), (method, path)


def _told(acme, method, path):
    """Status and words of an answer."""
    answer = acme.send(method, path, If_Match='"1"')
    words = {} if method == "HEAD" else answer.json()
    return answer.status_code, {name: word for name, word in words.items() if name != "request_id"}


def test_lists_hold_nothing_of_a_rival(cast, cobalts):
    acme = api_for(cast.acme)
    queries = ("", "?include_deleted=true", f"?partner_id={cast.cobalt.public_id}", "?limit=1000&include=count")
    for path, query in product([res.name for res in RESOURCES], queries):
        answer = acme.get(f"{path}{query}")
        assert answer.status_code in (200, 400), (path, query)
        assert CANARY not in answer.content.decode(), (path, query)
        if query == "?limit=1000&include=count":
            own = {row["id"] for row in answer.json()["data"]}
            assert answer.json()["count"] == len(own), path
    assert CANARY not in acme.get("events?limit=1000").content.decode()


@pytest.mark.parametrize("header", ["X_Tenant", "X_Partner_Id", "X_Partner"])
def test_a_header_changes_nobody(cast, cobalts, header):
    answer = api_for(cast.acme).get("partners", **{header: cast.cobalt.public_id})
    assert [row["id"] for row in answer.json()["data"]] == [cast.acme.public_id]


def test_a_batch_finds_no_foreign_object(cast, cobalts):
    contact = cobalts["contact"]
    answer = api_for(cast.acme).post("contacts/batch/update", {"rows": [{"id": contact.public_id, "last_name": "X"}]})
    assert answer.json()["results"][0]["error"]["code"] == "not_found"
    read = api_for(cast.acme).post("contacts/batch/read", {"rows": [{"id": contact.public_id}]})
    assert read.json()["results"][0]["status"] == "error"
    contact.refresh_from_db()
    assert contact.last_name == f"{CANARY}-contact"


WRITABLE = [
    ("contacts", "partner_id", "partner", {"last_name": "L", "email": "l@acme.example"}),
    ("deal_registrations", "partner_id", "partner", {"account_name": "A"}),
    ("deal_registrations", "membership_id", "program_membership", {"account_name": "A"}),
]


@pytest.mark.parametrize(("resource", "name", "singular", "rest"), WRITABLE)
def test_a_foreign_reference_reads_like_an_unused_one(cast, cobalts, resource, name, singular, rest):
    MembershipFactory(partner=cast.acme)
    acme, foreign = api_for(cast.acme), cobalts[singular]
    answer = acme.post(resource, {**rest, name: foreign.public_id})
    twin = acme.post(resource, {**rest, name: f"{foreign.prefix}_{'0' * 31}7"})
    assert answer.status_code == 400
    assert answer.json()["errors"] == twin.json()["errors"]
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{name}"]


@pytest.mark.parametrize(
    "name",
    [
        "status",
        "created_by",
        "decided_at",
        "decided_by_user_id",
        "id",
        "created_at",
        "tier_id",
        "submitted_at",
        "opportunity_id",
        "owner",
        "partner",
    ],
)
def test_what_is_not_the_partners_to_say_is_refused(cast, name):
    MembershipFactory(partner=cast.acme)
    answer = api_for(cast.acme).post("deal_registrations", {"account_name": "A", name: "x"})
    assert said(answer) == (400, "validation_failed")
    assert Registration.objects.count() == 0


@pytest.fixture
def contested(cast):
    """A deal of Acme in review that both partners work on, with all that the vendor keeps to itself."""
    membership = MembershipFactory(partner=cast.acme)
    account = Account.objects.create(
        name="Shared", owner_partner=cast.cobalt, coverage="named_partner", coverage_reason="secret deal with Cobalt"
    )
    opportunity = Opportunity.objects.create(
        name="O", account=account, owner_email="rep@northwind.example", list_amount=9
    )
    for partner in (cast.acme, cast.cobalt):
        OpportunityPartner.objects.create(opportunity=opportunity, partner=partner, role="selling")
    deal = Registration.objects.create(
        partner=cast.acme,
        membership=membership,
        account_name="Shared",
        amount=5,
        submitted_at=NOW,
        status="in_review",
        decided_by=cast.mona,
        decided_at=NOW,
        decided_label="Mona",
        account=account,
        opportunity=opportunity,
    )
    rival = Registration.objects.create(partner=cast.cobalt, membership=MembershipFactory(partner=cast.cobalt))
    ConflictCase.objects.create(
        partner=cast.acme, registration=deal, other_registration=rival, verdict="conflict", score=1
    )
    return deal


@pytest.mark.parametrize("path", [
    "accounts", "opportunities?expand=account", "deal_registrations?expand=account,opportunity,membership",
    "opportunity_partners", "partners", "schema/accounts", "schema/deal_registrations",
])  # fmt: skip
def test_what_the_vendor_keeps_to_itself_is_not_shown(cast, contested, path):
    seen = api_for(cast.acme).get(path).content.decode()
    secrets = (cast.cobalt.public_id, "secret deal", "rep@northwind", "coverage", "vendor_source")
    assert [secret for secret in secrets if secret in seen] == []


def test_a_row_shows_the_readers_own_part_alone(cast, contested):
    acme = api_for(cast.acme)
    row = acme.get("opportunities").json()["data"][0]
    assert [partner["partner_id"] for partner in row["partners"]] == [cast.acme.public_id]
    assert "decided_by_user_id" not in acme.get("deal_registrations").json()["data"][0]
    assert api_for().get("deal_registrations").json()["data"][0]["decided_by_user_id"] == cast.mona.public_id


def test_a_partner_does_not_write_what_the_vendor_owns(cast):
    membership = MembershipFactory(partner=cast.acme)
    acme = api_for(cast.acme)
    for resource, body in (
        ("accounts", {"name": "A"}),
        ("opportunities", {"name": "A"}),
        ("programs", {"name": "A"}),
        ("partners", {"name": "A"}),
        ("program_memberships", {"program_id": membership.program.public_id, "partner_type": "agency"}),
    ):
        assert said(acme.post(resource, body)) == (403, "permission_denied"), resource
    own = acme.get(f"partners/{cast.acme.public_id}").json()
    path = f"partners/{own['id']}"
    assert acme.patch(path, {"description": "We sell."}, version=own["version"]).status_code == 200
    version = acme.get(path).json()["version"]
    assert said(acme.patch(path, {"name": "Northwind"}, version=version)) == (403, "permission_denied")


def test_the_second_wall_holds_alone(cast, cobalts):
    from core.querysets import PartnerQuerySet  # noqa: PLC0415

    acme = api_for(cast.acme)
    PartnerQuerySet.first_wall = False
    try:
        for res in WALLED:
            assert CANARY not in acme.get(f"{res.name}?limit=1000").content.decode()
            foreign = cobalts[res.singular]
            assert acme.get(f"{res.name}/{foreign.public_id}").status_code == 404
    finally:
        PartnerQuerySet.first_wall = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.sees_all')")
        assert cursor.fetchone() == ("on",)
