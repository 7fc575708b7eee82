"""Agreements and the moves of partners through the API."""

import pytest

from partners.enums import PartnerStatus
from tests.api.conftest import api_for, said
from tests.factories import AgreementFactory, PartnerFactory

WHY = {"reason": "risk", "text": "A court case."}
PAPER = {"title": "Partner agreement", "text_version": "2", "signed_by": "Bo", "signed_at": "2026-01-05T10:00:00Z"}


def test_an_agreement_that_was_signed_elsewhere_is_recorded_and_read(crm):
    partner = PartnerFactory()
    made = crm.post("agreements", {"partner_id": partner.public_id, **PAPER})
    assert (made.status_code, made.json()["how"]) == (201, "recorded")
    [row] = crm.get(f"agreements?partner_id={partner.public_id}").json()["data"]
    assert (row["text_version"], row["signed_by"], row["signed_at"]) == ("2", "Bo", "2026-01-05T10:00:00.000000Z")


def test_a_partners_key_reads_its_own_agreements_and_records_none(cast):
    own, other = AgreementFactory(partner=cast.acme), AgreementFactory(partner=cast.cobalt)
    acme = api_for(cast.acme)
    assert [row["id"] for row in acme.get("agreements").json()["data"]] == [own.public_id]
    assert acme.get(f"agreements/{other.public_id}").status_code == 404
    assert acme.post("agreements", {"partner_id": cast.acme.public_id, **PAPER}).status_code == 403


def test_a_partner_is_approved_suspended_resumed_and_offboarded(crm):
    partner = PartnerFactory(status=PartnerStatus.EVALUATING)
    path = f"partners/{partner.public_id}"
    assert crm.post(f"{path}/approve", {}).json()["status"] == "approved"
    active = f"partners/{PartnerFactory().public_id}"
    assert crm.post(f"{active}/suspend", WHY).json()["status"] == "suspended"
    assert crm.post(f"{active}/resume", {}).json()["status"] == "active"
    plan = {"effective_on": "2099-12-31", **WHY}
    assert crm.post(f"{active}/offboard", plan).json()["status"] == "offboarding"


def test_a_move_that_the_table_forbids_is_a_conflict(crm):
    path = f"partners/{PartnerFactory(status=PartnerStatus.DECLINED).public_id}"
    assert said(crm.post(f"{path}/suspend", WHY)) == (409, "illegal_transition")
    assert said(crm.post(f"{path}/approve", {}))[0] == 409


@pytest.mark.parametrize("move", ["approve", "suspend", "offboard"])
def test_a_partners_key_moves_no_partner(cast, move):
    acme = api_for(cast.acme)
    answer = acme.post(f"partners/{cast.acme.public_id}/{move}", {**WHY, "effective_on": "2099-12-31"})
    assert answer.status_code == 403
