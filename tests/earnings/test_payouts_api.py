"""Payouts over REST: the version must be named, and the same refusals hold as on the pages."""

import json

import pytest
from django.test import Client

from core.actor import SYSTEM
from earnings.enums import LineStatus, RunStatus
from earnings.models import PayoutRun
from earnings.services import payouts
from partners.models import Contact
from tests.earnings.paying import ACCOUNT, IN_OCTOBER, OCTOBER, answered, finance, owe, sent
from tests.earnings.test_merging import merge
from tests.factories import ApiKeyFactory

pytestmark = pytest.mark.django_db
IN_NOVEMBER = IN_OCTOBER.replace(month=11)


@pytest.fixture
def acme(cast):
    payouts.set_bank_details(cast.acme, ACCOUNT, by=SYSTEM, at=IN_OCTOBER.replace(month=1))
    return cast.acme


class Caller:
    """Calls with a key of its own."""

    def __init__(self, **key):
        ApiKeyFactory.build(token="prm_caller", **key).save(force_insert=True)
        self.client = Client(headers={"authorization": "Bearer prm_caller"})

    def get(self, path: str) -> tuple[int, dict]:
        answer = self.client.get(f"/api/v1/{path}")
        return answer.status_code, answer.json()

    def post(self, path: str, version: object = None, **body) -> tuple[int, str]:
        headers = {} if version is None else {"if-match": f'"{version}"'}
        answer = self.client.post(f"/api/v1/{path}", json.dumps(body), "application/json", headers=headers)
        return answer.status_code, answer.json().get("code", "")


def a_run(acme, amount=100, by=None) -> PayoutRun:
    owe(acme, amount)
    return payouts.prepare(OCTOBER, by=by or finance(), at=IN_NOVEMBER)


def test_a_run_goes_its_way_over_rest(acme):
    vendor = Caller()
    owe(acme, 100)
    assert vendor.post("payout_runs", period_start="2026-10-15")[0] == 201
    run = PayoutRun.objects.get()
    for step in ("review", "approve", "send"):
        assert vendor.post(f"payout_runs/{run.public_id}/{step}", run.version) == (200, "")
        run.refresh_from_db()
    one = run.payouts.get()
    assert vendor.post(f"payouts/{one.public_id}/pay", one.version, reference_of_bank="B-1") == (200, "")
    run.refresh_from_db()
    assert run.status == RunStatus.SETTLED
    _status, told = vendor.get(f"payouts/{one.public_id}")
    assert (told["status"], told["amount"], told["reference_of_bank"]) == ("paid", "100.00", "B-1")
    assert told["statement_url"].endswith("/portal/earnings/statements/2026-10/")


def test_money_moves_only_for_who_names_the_version(acme):
    vendor, run = Caller(), a_run(acme)
    path = f"payout_runs/{run.public_id}/review"
    assert vendor.post(path) == (428, "precondition_required")
    assert vendor.post(path, run.version + 1) == (412, "version_mismatch")
    assert vendor.post(path, run.version) == (200, "")


def test_a_key_approves_nothing_above_the_limit(acme):
    vendor, finn = Caller(), finance()
    run = payouts.review(a_run(acme, 20_000, finn), by=finn, at=IN_NOVEMBER)
    assert vendor.post(f"payout_runs/{run.public_id}/approve", run.version) == (403, "four_eyes_required")


@pytest.mark.parametrize("step", ["approve", "send", "retry", "send_back"])
def test_an_open_run_takes_no_step_but_its_own(acme, step):
    vendor, run = Caller(), a_run(acme)
    body = {"reason": "So."} if step == "send_back" else {}
    status = vendor.post(f"payout_runs/{run.public_id}/{step}", run.version, **body)
    assert status == (409, "illegal_transition")


def test_a_key_without_the_scope_moves_nothing(acme):
    reader, run = Caller(scopes=["payout_runs:read", "payouts:read"]), a_run(acme)
    assert reader.post(f"payout_runs/{run.public_id}/review", run.version)[0] == 403
    assert reader.get(f"payout_runs/{run.public_id}")[0] == 200


def test_a_partner_sees_its_lines_and_payouts_but_no_draft_and_no_run(acme, cast):
    bound, run = Caller(partner=acme), a_run(acme)
    owe(cast.cobalt, 70)
    assert [one["amount"] for one in bound.get("commissions")[1]["data"]] == ["100.00"]
    assert bound.get("payouts")[1]["data"] == []
    finn = finance("Fay")
    payouts.approve(payouts.review(run, by=finn, at=IN_NOVEMBER), by=finn, at=IN_NOVEMBER)
    assert [one["status"] for one in bound.get("payouts")[1]["data"]] == ["scheduled"]
    assert bound.get("payout_runs")[1]["data"] == []
    one = run.payouts.get()
    assert bound.post(f"payouts/{one.public_id}/release", one.version, reason="So.")[0] == 403


def test_a_partner_disputes_a_line_over_rest(acme):
    bound, line = Caller(partner=acme), owe(acme, 100)
    type(line).objects.filter(pk=line.pk).update(dispute_until=None)
    line.refresh_from_db()
    path = f"commissions/{line.public_id}/dispute"
    assert bound.post(path, text="No.") == (428, "precondition_required")
    assert bound.post(path, line.version, text="No.") == (200, "")
    line.refresh_from_db()
    assert line.status == LineStatus.DISPUTED


def test_a_key_of_the_company_that_stays_reads_the_closed_lines_of_what_became_part_of_it(cast, acme):
    payouts.set_bank_details(cast.cobalt, ACCOUNT, by=SYSTEM, at=IN_OCTOBER.replace(month=1))
    line = owe(cast.cobalt, "100.05")
    answered(sent(finance(), finance("Fred")), by=finance("Frida"))
    merge(cast.cobalt, cast.acme)
    ours = Caller(partner=cast.acme, scopes=["*"])
    (told,) = ours.get("commissions")[1]["data"]
    assert (told["id"], told["status"], told["partner_id"]) == (line.public_id, "paid", cast.cobalt.public_id)
    assert [one["amount"] for one in ours.get("payouts")[1]["data"]] == ["100.05"]


def test_a_key_of_the_company_that_stays_writes_in_its_own_name(cast, acme):
    merge(cast.cobalt, cast.acme)
    ours = Caller(partner=cast.acme, scopes=["*"])
    assert ours.post("contacts", first_name="Al", last_name="New", email="al@acme.example")[0] == 201
    assert [one["partner_id"] for one in ours.get("contacts")[1]["data"]] == [cast.acme.public_id]
    status, _code = ours.post("contacts", name="Ed", email="ed@acme.example", partner_id=cast.cobalt.public_id)
    assert (status, Contact.objects.filter(partner=cast.cobalt).count()) == (400, 0)
