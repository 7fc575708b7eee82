"""Leads, touches and what happens beside a deal, through the API."""

import pytest

from tests.api.conftest import said
from tests.deals.conftest import make_market
from tests.factories import NOW


@pytest.fixture
def market(cast):
    return make_market(cast)


def test_a_lead_travels_through_the_api(crm, acme_api, market):
    enquiry = {"account_name": "Fabrikam", "country": "PT", "contact": {"email": "ana@fabrikam.example"}}
    lead = crm.post("leads", enquiry | {"temperature": "hot"}).json()
    assert (lead["status"], lead["partner_id"]) == ("new", None)
    path = f"leads/{lead['id']}"
    assert acme_api.get(path).status_code == 404
    assert crm.post(f"{path}/qualify", {}).json()["status"] == "qualified"
    offered = crm.post(f"{path}/offer", {"partner_id": market.cast.acme.public_id}).json()
    assert offered["status"] == "offered"
    [offer] = acme_api.all("lead_offers")
    assert "Fabrikam" not in str(offer)
    assert acme_api.get(path).status_code == 404
    assert acme_api.post(f"lead_offers/{offer['id']}/accept", {}).json()["status"] == "accepted"
    mine = acme_api.get(path).json()
    assert (mine["status"], mine["contact"]["email"]) == ("accepted", "ana@fabrikam.example")
    assert acme_api.post(f"{path}/work", {"text": "Called."}).json()["status"] == "working"
    acme_api.post(f"{path}/begin_registration", {})
    [draft] = acme_api.all(f"deal_registrations?lead_id={lead['id']}")
    assert (draft["status"], draft["account_name"]) == ("draft", "Fabrikam")


def test_a_touch_is_claimed_by_the_partner_and_confirmed_by_the_vendor(crm, acme_api, market):
    deal = market.approved()
    body = {
        "partner_id": market.cast.acme.public_id, "opportunity_id": deal.opportunity.public_id, "kind": "joint_call",
        "occurred_on": NOW.date().isoformat(), "evidence": "A call with Rui.",
    }  # fmt: skip
    touch = acme_api.post("touches", body).json()
    assert touch["status"] == "claimed"
    assert said(acme_api.post(f"touches/{touch['id']}/confirm", {}))[0] == 403
    assert crm.post(f"touches/{touch['id']}/confirm", {}).json()["status"] == "confirmed"
    assert said(crm.post(f"touches/{touch['id']}/refuse", {"answer": "No."})) == (409, "illegal_transition")


def test_more_days_are_asked_for_and_given(crm, acme_api, market):
    deal = market.approved()
    before = deal.protection_expires_at
    answer = acme_api.post(f"deal_registrations/{deal.public_id}/request_extension", {"reason": "They decide in May."})
    assert answer.status_code == 200
    [asked] = acme_api.all("extensions")
    assert (asked["status"], asked["deal_registration_id"]) == ("requested", deal.public_id)
    assert said(acme_api.post(f"extensions/{asked['id']}/grant", {}))[0] == 403
    assert crm.post(f"extensions/{asked['id']}/grant", {}).json()["status"] == "granted"
    deal.refresh_from_db()
    assert deal.protection_expires_at > before


def test_a_declined_registration_is_appealed_once(crm, acme_api, market):
    deal = market.sent()
    path = f"deal_registrations/{deal.public_id}"
    crm.post(f"{path}/reject", {"rejection_code": "not_qualified", "reason": "No budget."})
    assert acme_api.post(f"{path}/appeal", {"reason": "They have one."}).json()["status"] == "appealed"
    assert said(acme_api.post(f"{path}/appeal", {"reason": "Again."})) == (409, "illegal_transition")


def test_the_programs_own_questions_are_answered_by_name(acme_api, market):
    program = market.acme.membership.program
    program.policy = {"fields": [{"key": "seats", "label": "Seats", "type": "number"}]}
    program.save()
    body = {"partner_id": market.cast.acme.public_id, "account_name": "Fabrikam", "custom_fields": {"cf_seats": "12"}}
    assert acme_api.post("deal_registrations", body).json()["custom_fields"] == {"cf_seats": "12"}
    answer = acme_api.post("deal_registrations", body | {"custom_fields": {"seats": "12"}})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/custom_fields")
