"""A deal's whole way through the API, and the pipeline as a CRM keeps it."""

import pytest

from deals.models import Attribution, Opportunity, OpportunityPartner, Registration
from tests.api.conftest import api_for, pointers, said
from tests.factories import AgreementFactory, MembershipFactory, PartnerFactory, ProductFactory


@pytest.fixture
def acme(cast):
    MembershipFactory(partner=cast.acme)
    AgreementFactory(partner=cast.acme)
    return api_for(cast.acme)


@pytest.fixture
def claim(db):
    product = ProductFactory()
    return {
        "account_name": "Contoso",
        "website": "contoso.com",
        "country": "PT",
        "product_sku": product.sku,
        "contact": {"name": "Carla", "email": "Carla@Contoso.com"},
        "amount": "48000",
        "expected_close_on": "2027-03-31",
    }


def test_a_deal_travels_from_the_partners_key_to_the_vendors_answer(acme, claim):
    crm = api_for()
    draft = acme.post("deal_registrations", claim).json()
    assert (draft["status"], draft["amount"], draft["contact"]["email"]) == ("draft", "48000.00", "carla@contoso.com")
    path = f"deal_registrations/{draft['id']}"
    better = acme.patch(path, {"contact": {"role": "CIO"}, "need": "Speed"}, version=draft["version"]).json()
    assert better["contact"] == {"name": "Carla", "email": "carla@contoso.com", "role": "CIO"}
    sent = acme.post(f"{path}/submit").json()
    assert (sent["status"], sent["verdict"]) == ("in_review", "clear")
    assert said(acme.post(f"{path}/approve")) == (403, "permission_denied")
    asked = crm.post(f"{path}/ask", {"question": "How many seats?", "opened_fields": ["amount"]}).json()
    assert (asked["status"], asked["question"]) == ("action_required", "How many seats?")
    shut = acme.post(f"{path}/answer", {"text": "50", "account_name": "Fabrikam"})
    assert pointers(shut) == [("/account_name", "field_closed")]
    assert acme.post(f"{path}/answer", {"text": "50", "amount": "50000.00"}).json()["amount"] == "50000.00"
    approved = crm.post(f"{path}/approve", {"note": "Go"}).json()
    assert approved["status"] == "approved"
    assert approved["protection_expires_at"].endswith("Z")
    opportunity = acme.get(f"opportunities/{approved['opportunity_id']}").json()
    assert (opportunity["amount"], opportunity["stage"], opportunity["is_closed"]) == ("50000.00", "open", False)
    assert {row["role"] for row in opportunity["partners"]} == {"sourcing", "selling"}
    assert said(crm.post(f"{path}/approve")) == (409, "illegal_transition")
    step = acme.patch(path, {"next_step": "Offer"}, version=approved["version"]).json()
    assert step["next_step"] == "Offer"
    frozen = acme.patch(path, {"website": "fabrikam.com"}, version=step["version"])
    assert pointers(frozen) == [("/website", "read_only")]
    assert acme.post(f"{path}/release", {"reason": "Lost interest"}).json()["status"] == "released"


def test_a_rejection_has_a_reason(acme, claim):
    crm = api_for()
    deal = acme.post("deal_registrations", claim).json()
    path = f"deal_registrations/{deal['id']}"
    acme.post(f"{path}/submit")
    assert pointers(crm.post(f"{path}/reject")) == [("/rejection_code", "required"), ("/reason", "required")]
    answer = crm.post(f"{path}/reject", {"rejection_code": "below_minimum", "reason": "Too small."}).json()
    assert (answer["status"], answer["rejection_code"], answer["decision_reason"]) == (
        "rejected",
        "below_minimum",
        "Too small.",
    )
    assert said(acme.post(f"{path}/withdraw")) == (409, "illegal_transition")


def test_a_rule_says_no_with_its_sentence(cast, claim):
    MembershipFactory(partner=cast.acme)
    acme, crm = api_for(cast.acme), api_for()
    deal = acme.post("deal_registrations", claim).json()
    acme.post(f"deal_registrations/{deal['id']}/submit")
    answer = crm.post(f"deal_registrations/{deal['id']}/approve")
    assert said(answer) == (409, "rule")
    assert answer.json()["detail"] == "The partner has signed no agreement. Ask its admin to sign first."


def test_actions_follow_the_order_of_refusals(acme, claim):
    deal = acme.post("deal_registrations", claim).json()
    path = f"deal_registrations/{deal['id']}"
    assert said(acme.post(f"{path}/approve", b"{")) == (403, "permission_denied")
    assert said(api_for().post(f"{path}/approve", b"{", If_Match='"99"')) == (409, "illegal_transition")
    assert said(acme.post(f"{path}/submit", b"{", If_Match='"99"')) == (412, "version_mismatch")
    assert said(acme.post(f"{path}/submit", b"{")) == (400, "malformed_json")
    assert said(acme.post(f"{path}/submit", {"status": "approved"})) == (400, "validation_failed")
    narrow = api_for(scopes="deal_registrations:read")
    assert said(narrow.post(f"{path}/submit")) == (403, "insufficient_scope")


def test_a_registration_needs_a_program(cast, claim):
    answer = api_for(cast.acme).post("deal_registrations", claim)
    assert pointers(answer) == [("/membership_id", "no_membership")]
    missing = api_for().post("deal_registrations", claim)
    assert pointers(missing) == [("/partner_id", "required")]


def test_the_crm_keeps_an_opportunity_with_its_partners(cast):
    crm, other = api_for(), PartnerFactory()
    rows = [
        {"partner_id": cast.acme.public_id, "role": "sourcing", "share_percent": "60"},
        {"partner_id": other.public_id, "role": "sourcing", "share_percent": "40.00"},
    ]
    body = {"name": "O", "amount": "100", "currency": "EUR", "opened_on": "2026-01-01", "partners": rows}
    made = crm.post("opportunities", body).json()
    shown = [(row["partner_id"], row["role"], row["share_percent"]) for row in made["partners"]]
    assert sorted(shown) == sorted([(cast.acme.public_id, "sourcing", "60.00"), (other.public_id, "sourcing", "40.00")])
    path = f"opportunities/{made['id']}"
    odd = crm.patch(path, {"partners": [rows[0]]}, version=made["version"])
    assert pointers(odd) == [("/partners", "shares")]
    assert OpportunityPartner.objects.count() == 2
    same = crm.patch(path, {"partners": rows}, version=made["version"]).json()
    assert same["version"] == made["version"]
    less = crm.patch(path, {"partners": [{**rows[0], "share_percent": "100"}]}, version=made["version"]).json()
    assert less["version"] > made["version"]
    assert [row["share_percent"] for row in less["partners"]] == ["100.00"]
    assert api_for(other).get(path).status_code == 404


def test_closing_an_opportunity_ends_its_registrations(acme, claim):
    crm = api_for()
    deal = acme.post("deal_registrations", claim).json()
    path = f"deal_registrations/{deal['id']}"
    acme.post(f"{path}/submit")
    opportunity_id = crm.post(f"{path}/approve").json()["opportunity_id"]
    opportunity = crm.get(f"opportunities/{opportunity_id}").json()
    when = f"opportunities/{opportunity_id}"
    assert pointers(crm.patch(when, {"stage": "won"}, version=opportunity["version"])) == [("/closed_on", "required")]
    won = crm.patch(
        when,
        {"stage": "won", "closed_on": "2026-11-01", "amount": "45000", "crm_stage": "Closed Won"},
        version=opportunity["version"],
    ).json()
    assert (won["is_won"], won["amount"], won["closed_on"], won["crm_stage"]) == (
        True,
        "45000.00",
        "2026-11-01",
        "Closed Won",
    )
    assert acme.get(path).json()["status"] == "won"
    again = crm.patch(when, {"stage": "open"}, version=won["version"]).json()
    assert (again["stage"], again["closed_on"]) == ("open", None)
    assert crm.get(f"deal_registrations/{deal['id']}").json()["status"] == "approved"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"stage": "won", "amount": "1"}, "/closed_on"),
        ({"closed_on": "2026-01-01"}, "/closed_on"),
        ({"stage": "won", "closed_on": "2026-01-01"}, "/amount"),
        ({"probability_percent": "100.01"}, "/probability_percent"),
        ({"amount": "-1"}, "/amount"),
        ({"currency": "XXX"}, "/currency"),
        ({"kind": None}, "/kind"),
        ({"closed_on": "2026-02-30"}, "/closed_on"),
        ({"closed_on": "0001-01-01"}, "/closed_on"),
    ],
)
def test_an_opportunity_that_can_not_be_is_refused(crm, body, pointer):
    answer = crm.post("opportunities", body)
    assert said(answer) == (400, "validation_failed")
    assert [found for found, _code in pointers(answer)] == [pointer]
    assert Opportunity.objects.count() == 0


def test_a_role_is_added_and_removed_by_itself(cast):
    crm = api_for()
    opportunity = crm.post("opportunities", {"name": "O"}).json()
    row = {"opportunity_id": opportunity["id"], "partner_id": cast.acme.public_id, "role": "selling"}
    made = crm.post("opportunity_partners", row).json()
    assert said(crm.post("opportunity_partners", row)) == (409, "conflict")
    fresh = crm.get(f"opportunities/{opportunity['id']}").json()
    assert fresh["version"] > opportunity["version"]
    assert crm.delete(f"opportunity_partners/{made['id']}", version=made["version"]).status_code == 204
    assert crm.get(f"opportunity_partners/{made['id']}").status_code == 404
    assert crm.get(f"opportunities/{opportunity['id']}").json()["version"] > fresh["version"]
    assert Registration.objects.count() == 0


def test_a_membership_is_entered_once(cast):
    crm = api_for()
    program = crm.post("programs", {"name": "Solutions", "status": "active"}).json()
    body = {
        "partner_id": cast.acme.public_id,
        "program_id": program["id"],
        "partner_type": "reseller",
        "ends_on": "2030-01-01",
    }
    made = crm.post("program_memberships", body)
    assert (made.status_code, made.json()["ends_on"], made.json()["status"]) == (201, "2030-01-01", "active")
    assert said(crm.post("program_memberships", body)) == (409, "conflict")
    nothing = crm.post(f"program_memberships/{made.json()['id']}/promote", {"reason": "Good"})
    assert said(nothing) == (409, "illegal_transition")


def test_a_product_is_named_by_its_sku(crm):
    product = ProductFactory(sku="GTX-1")
    made = crm.post("opportunities", {"name": "O", "product_sku": "GTX-1"}).json()
    assert made["product_sku"] == "GTX-1"
    assert Opportunity.objects.get().product == product
    assert [row["id"] for row in crm.get("opportunities?product_sku=GTX-1").json()["data"]] == [made["id"]]
    assert crm.get("opportunities?product_sku=GTX-2").json()["data"] == []
    path = f"opportunities/{made['id']}"
    assert pointers(crm.patch(path, {"product_sku": "GTX-2"}, version=made["version"])) == [
        ("/product_sku", "not_found")
    ]
    cleared = crm.patch(path, {"product_sku": None}, version=made["version"]).json()
    assert cleared["product_sku"] is None
    rows = [{"id": made["id"], "product_sku": "GTX-1"}]
    assert crm.post("opportunities/batch/update", {"rows": rows}).json()["results"][0]["status"] == "updated"


def test_an_opportunity_shows_whose_credit_it_is(cast):
    opportunity = Opportunity.objects.create(name="O")
    Attribution.objects.create(opportunity=opportunity, partner=cast.acme, credit="sourced", evidence="registration")
    OpportunityPartner.objects.create(opportunity=opportunity, partner=cast.cobalt, role="selling")
    shown = {
        "partner_id": cast.acme.public_id,
        "credit": "sourced",
        "evidence": "registration",
        "share_percent": "100.00",
    }
    assert api_for().get("opportunities").json()["data"][0]["attributions"] == [shown]
    assert api_for(cast.cobalt).get("opportunities").json()["data"][0]["attributions"] == []
    assert [row["credit"] for row in api_for(cast.acme).get("attributions").json()["data"]] == ["sourced"]
