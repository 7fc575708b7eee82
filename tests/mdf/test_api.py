"""Market funds over REST: the whole way from a budget to a paid claim, versions named, strangers told nothing."""

from decimal import Decimal
from typing import Any

import pytest

from core import ledger
from mdf import services
from mdf.models import Activity, BudgetChange, Claim, Payment, Request
from mdf.particulars import Grant, Order, Sum
from prm.api import RESOURCES
from tests.api.conftest import Api, api_for, pointers, said
from tests.factories import NOW, MembershipFactory
from tests.mdf.conftest import Fund, make_fund

pytestmark = pytest.mark.django_db
MEASURED = {"metric": "Leads", "target": "40", "capture": "Badge scans", "report_on": "2027-02-20"}
FAIR = {
    "activity_type": "event",
    "title": "Harbour fair",
    "starts_on": "2027-01-18",
    "ends_on": "2027-01-20",
    "total_cost": "1000.00",
    "asked_amount": "300.00",
    "place": "Porto",
    "target_segment": "Shipping",
    "expected_pipeline": "20000.00",
    "measurement": MEASURED,
    "lines": [{"label": "Stand", "cost": "700.00"}, {"label": "Print", "cost": "300.00"}],
}
MET = {name: {"met": True} for name in ("segment", "measurement", "return")}
INVOICE = {
    "supplier": "Fair & Co",
    "invoice_number": "INV-1",
    "invoice_date": "2027-01-20",
    "net_amount": "600.00",
    "recoverable_tax": "138.00",
    "currency": "USD",
}


@pytest.fixture(autouse=True)
def _in_december(monkeypatch):
    """The doors' clock, as the tests of the engine have it."""
    monkeypatch.setattr("core.api.frame.now", lambda: NOW)


@pytest.fixture
def bound(fund: Fund) -> Api:
    """Acme's own key."""
    return api_for(fund.cast.acme)


@pytest.fixture
def vendor(fund: Fund) -> Api:
    return api_for()


def act(api: Api, path: str, step: str, **body: Any):
    """The step with the version that is there now."""
    version = api.get(path).json()["version"]
    return api.post(f"{path}/{step}", body, If_Match=f'"{version}"')


def done(answer) -> dict[str, Any]:
    assert answer.status_code in (200, 201), answer.content
    return answer.json()


def drafted(api: Api, fund: Fund, *activities: dict[str, Any], **more: Any) -> str:
    """The path of a new request."""
    body = {"title": "Spring", "allocation_id": fund.allocation.public_id, "activities": list(activities or [FAIR])}
    return f"mdf_requests/{done(api.post('mdf_requests', body | more))['id']}"


def approved(bound: Api, vendor: Api, fund: Fund) -> dict[str, Any]:
    path = drafted(bound, fund)
    done(act(bound, path, "submit"))
    ruling = {"activity_id": bound.get(path).json()["activities"][0]["id"], "amount": "300.00", "verdicts": MET}
    return done(act(vendor, path, "approve", rulings=[ruling]))


def proofs(activity: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"kind": kind, "link": "https://acme.example/p"} for kind in activity["proofs"]]


def claimed(bound: Api, activity: dict[str, Any], amount: str = "300.00", **more: Any) -> str:
    body = {"activity_id": activity["id"], "amount": amount, "invoice_lines": [INVOICE], "proofs": proofs(activity)}
    path = f"mdf_claims/{done(bound.post('mdf_claims', body | more))['id']}"
    done(act(bound, path, "submit"))
    return path


def test_the_whole_way_from_a_request_to_a_reconciled_claim(fund, bound, vendor):
    request = approved(bound, vendor, fund)
    activity = request["activities"][0]
    assert (request["status"], activity["status"], activity["approved_amount"]) == ("approved", "approved", "300.00")
    assert (activity["claim_due_on"], activity["proofs"][0]) == ("2027-03-21", "invoice")
    path = claimed(bound, activity)
    rows = vendor.get(path).json()
    looks = [{"id": row["id"], "accepted": True} for row in (*rows["invoice_lines"], *rows["proofs"])]
    owed = done(act(vendor, path, "approve", looks=looks))
    assert (owed["status"], owed["approved_amount"], owed["arithmetic"]["share"]) == ("payable", "300.00", "300.00")
    finn = fund.actor("finn")
    payment = services.payments.order(Claim.objects.get(), Order(Decimal("300.00"), "SEPA 7"), by=finn, at=NOW)
    settled = act(vendor, f"mdf_payments/{payment.public_id}", "settle", settled_on="2027-03-02")
    assert (done(settled)["status"], settled.json()["settled_on"]) == ("paid", "2027-03-02")
    claim = bound.get(path).json()
    assert (claim["status"], claim["payments"][0]["status"]) == ("reconciled", "paid")
    funds = bound.get(f"mdf_allocations/{fund.allocation.public_id}").json()
    assert [funds[name] for name in ("amount", "available", "approved", "claimed", "paid", "remaining")] == [
        "3000.00", "2700.00", "300.00", "300.00", "300.00", "2700.00",
    ]  # fmt: skip
    assert ledger.wrong() == []


def test_a_budget_is_planned_by_a_key_and_filled_by_a_person(fund, vendor):
    plan = {
        "program_id": fund.budget.program.public_id, "name": "2028", "currency": "USD", "period_start": "2028-01-01",
        "period_end": "2028-12-31",
    }  # fmt: skip
    budget = done(vendor.post("mdf_budgets", plan))
    assert (budget["status"], budget["amount"], budget["remaining"]) == ("draft", "0.00", "0.00")
    asked = done(vendor.post("mdf_budget_changes", {"budget_id": budget["id"], "amount": "500.00", "reason": "Year"}))
    path = f"mdf_budget_changes/{asked['id']}"
    assert said(vendor.post(f"{path}/grant")) == (428, "precondition_required")
    assert said(act(vendor, path, "grant")) == (403, "four_eyes_required")
    change = BudgetChange.objects.get(status="requested")
    services.budgets.grant_change(change, by=fund.actor("finn"), at=NOW)
    told = vendor.get(f"mdf_budgets/{budget['id']}").json()
    assert (told["status"], told["amount"], told["changes"][0]["status"]) == ("open", "500.00", "granted")
    given = {"budget_id": budget["id"], "partner_id": fund.cast.acme.public_id, "amount": "500.01"}
    assert said(vendor.post("mdf_allocations", given)) == (409, "balance_insufficient")
    funds = done(vendor.post("mdf_allocations", given | {"amount": "200.00"}))
    path = f"mdf_allocations/{funds['id']}"
    assert done(act(vendor, path, "grant", amount="50.00"))["available"] == "250.00"
    assert pointers(act(vendor, path, "take_back", amount="250.01")) == [("/amount", "refused")]
    assert done(act(vendor, path, "take_back", amount="250.00"))["amount"] == "0.00"
    sums = vendor.get(f"mdf_budgets/{budget['id']}").json()
    assert (sums["allocated"], sums["remaining"]) == ("0.00", "500.00")


def test_what_a_person_asked_for_a_key_may_grant(fund, vendor):
    change = services.budgets.ask_change(fund.budget, Sum(Decimal(5), "More"), by=fund.actor("olga"), at=NOW)
    assert done(act(vendor, f"mdf_budget_changes/{change.public_id}", "grant"))["status"] == "granted"


def test_sums_of_the_moment_are_never_not_modified(fund, bound):
    path = f"mdf_allocations/{fund.allocation.public_id}"
    tag = bound.get(path)["ETag"]
    done(act(bound, drafted(bound, fund), "submit"))
    answer = bound.get(path, If_None_Match=tag)
    assert (answer.status_code, answer.json()["requested"]) == (200, "300.00")


MONEY_STEPS = {
    "mdf_requests": ("submit", "approve", "reject", "decline", "ask", "withdraw", "accept", "change", "cancel"),
    "mdf_claims": ("submit", "look", "approve", "reject", "ask", "withdraw", "order", "claw_back"),
    "mdf_payments": ("release", "settle", "fail"),
    "mdf_allocations": ("grant", "take_back"),
    "mdf_activities": ("extend",),
    "mdf_budget_changes": ("grant", "refuse"),
}


def test_every_step_with_money_needs_the_version():
    mdf = [res for res in RESOURCES if res.name.startswith("mdf_")]
    assert [f"{res.name}.{a.name}" for res in mdf for a in res.actions if not a.needs_version] == []
    named = {res.name: {action.name for action in res.actions} for res in mdf}
    assert [name for name, steps in MONEY_STEPS.items() if set(steps) - named[name]] == []


def test_a_step_without_the_version_or_with_an_old_one_moves_nothing(fund, bound, vendor):
    path = drafted(bound, fund)
    version = bound.get(path).json()["version"]
    assert said(bound.post(f"{path}/submit")) == (428, "precondition_required")
    assert said(bound.post(f"{path}/submit", If_Match='"*"')) == (412, "version_mismatch")
    assert said(bound.post(f"{path}/submit", If_Match=f'"{version + 1}"')) == (412, "version_mismatch")
    assert bound.post(f"{path}/submit", If_Match=f'W/"{version}"').status_code == 200
    assert said(bound.patch(path, {"title": "X"})) == (428, "precondition_required")


def test_a_partial_approval_is_accepted(fund, bound, vendor):
    path = drafted(bound, fund)
    done(act(bound, path, "submit"))
    ruling = {"activity_id": bound.get(path).json()["activities"][0]["id"], "amount": "150.00", "verdicts": MET}
    refused = act(vendor, path, "approve", rulings=[ruling])
    assert said(refused) == (400, "validation_failed")
    told = done(act(vendor, path, "approve", rulings=[ruling | {"reason": "Half of it."}], note="A start."))
    assert (told["status"], told["decision_reason"]) == ("partly_approved", "A start.")
    assert said(act(vendor, path, "accept")) == (409, "partner_accepts")
    assert done(act(bound, path, "accept"))["status"] == "approved"


def test_questions_refusals_and_ends(fund, bound, vendor):
    path = drafted(bound, fund)
    done(act(bound, path, "submit"))
    assert done(act(vendor, path, "ask", question="Who comes?"))["question"] == "Who comes?"
    assert done(act(bound, path, "answer", text="Shippers."))["status"] == "in_review"
    assert said(act(vendor, path, "reject")) == (400, "validation_failed")
    assert done(act(vendor, path, "reject", reason="Too far."))["status"] == "rejected"
    closer = [FAIR | {"place": "Lisbon"}]
    version = bound.get(path).json()["version"]
    assert done(bound.patch(path, {"activities": closer}, version=version))["activities"][0]["place"] == "Lisbon"
    done(act(bound, path, "submit"))
    assert done(act(vendor, path, "decline", reason="No."))["status"] == "declined"
    other = drafted(bound, fund)
    assert done(act(bound, other, "withdraw"))["status"] == "withdrawn"


def test_an_agreed_request_is_changed_extended_and_cancelled(fund, bound, vendor):
    request = approved(bound, vendor, fund)
    path, activity = f"mdf_requests/{request['id']}", f"mdf_activities/{request['activities'][0]['id']}"
    assert done(act(bound, activity, "ask_extension", reason="Late invoice."))["extension_reason"] == "Late invoice."
    assert said(bound.post(f"{activity}/extend")) == (403, "permission_denied")
    assert done(act(vendor, activity, "extend"))["claim_due_on"] == "2027-04-20"
    changed = done(act(bound, path, "change", activities=[FAIR | {"title": "Harbour week"}]))
    assert (changed["status"], changed["activities"][0]["title"]) == ("in_review", "Harbour week")
    again = approved(bound, vendor, fund)
    assert done(act(bound, f"mdf_requests/{again['id']}", "cancel", reason="Storm."))["status"] == "cancelled"
    assert fund.free() == Decimal("3000.00")


def test_a_request_on_behalf_waits_for_the_partners_yes_and_for_a_person(fund, bound, vendor):
    path = drafted(vendor, fund, partner_id=fund.cast.acme.public_id)
    done(act(vendor, path, "submit"))
    ruling = {"activity_id": vendor.get(path).json()["activities"][0]["id"], "amount": "300.00", "verdicts": MET}
    assert said(act(vendor, path, "approve", rulings=[ruling]))[0] == 409
    assert done(act(bound, path, "confirm"))["confirmed_at"] is not None
    assert said(act(vendor, path, "approve", rulings=[ruling])) == (403, "four_eyes_required")
    fund.approve(Request.objects.get())
    assert bound.get(path).json()["status"] == "approved"


def test_what_a_key_decided_a_person_pays(fund, bound, vendor):
    path = claimed(bound, approved(bound, vendor, fund)["activities"][0])
    rows = vendor.get(path).json()
    looks = [{"id": row["id"], "accepted": True} for row in (*rows["invoice_lines"], *rows["proofs"])]
    assert done(act(vendor, path, "look", looks=looks))["proofs"][0]["status"] == "accepted"
    done(act(vendor, path, "approve"))
    assert said(act(vendor, path, "order", amount="300.00", reference_of_bank="S")) == (403, "four_eyes_required")


def test_a_key_pays_what_a_person_decided_once_for_each_version(fund, vendor):
    claim = fund.owed(fund.approved())
    path, version = f"mdf_claims/{claim.public_id}", vendor.get(f"mdf_claims/{claim.public_id}").json()["version"]
    body = {"amount": "100.00", "reference_of_bank": "SEPA 9"}
    first = vendor.post(f"{path}/order", body, If_Match=f'"{version}"')
    assert (first.status_code, first.json()["payments"][0]["amount"]) == (200, "100.00")
    assert said(vendor.post(f"{path}/order", body, If_Match=f'"{version}"')) == (412, "version_mismatch")
    payment = f"mdf_payments/{first.json()['payments'][0]['id']}"
    assert done(act(vendor, payment, "fail", reason="Account closed."))["status"] == "failed"
    assert done(act(vendor, path, "order", amount="300.00", reference_of_bank="SEPA 10"))["status"] == "paid"
    assert said(act(vendor, path, "order", amount="1.00", reference_of_bank="SEPA 11")) == (409, "illegal_transition")
    assert done(act(vendor, path, "claw_back", reason="Never took place."))["status"] == "clawed_back"
    assert fund.free() == Decimal("3000.00")


def test_above_the_limit_a_key_does_not_send_what_a_key_ordered(cast):
    fund = make_fund(cast, two_payers_from=200)
    vendor, claim = api_for(), fund.owed(fund.approved())
    told = done(act(vendor, f"mdf_claims/{claim.public_id}", "order", amount="300.00", reference_of_bank="S"))
    path = f"mdf_payments/{told['payments'][0]['id']}"
    assert told["payments"][0]["status"] == "ordered"
    assert said(act(vendor, path, "release")) == (403, "four_eyes_required")
    services.payments.release(Payment.objects.get(), by=fund.actor("finn"), at=NOW)
    assert vendor.get(path).json()["status"] == "sent"


def test_what_was_written_comes_back_whole_and_unchanged_writes_nothing(fund, bound):
    second = FAIR | {"activity_type": "digital", "title": "Ads", "lines": [], "measurement": {}}
    path = drafted(bound, fund, FAIR, second, late_reason="A cancellation")
    told = bound.get(path).json()
    sent = [{name: one[name] for name in FAIR} for one in told["activities"]]
    for one in sent:
        one["lines"] = [{"label": line["label"], "cost": line["cost"]} for line in one["lines"]]
    assert sent[0] == FAIR
    assert (sent[1]["title"], sent[1]["lines"], sent[1]["measurement"]["metric"]) == ("Ads", [], None)
    again = bound.patch(path, {"title": "Spring", "activities": sent}, version=told["version"])
    assert again.json() == told
    batch = {"rows": [{"id": told["id"], "activities": sent}]}
    assert bound.post("mdf_requests/batch/update", batch).json()["results"][0]["status"] == "unchanged"


def test_a_claim_comes_back_whole_and_is_written_anew(fund, bound, vendor):
    activity = approved(bound, vendor, fund)["activities"][0]
    line = activity["lines"][1]["id"]
    rows = [INVOICE | {"budget_line_id": line, "invoice_number": f"INV-{n}"} for n in range(3)]
    body = {"activity_id": activity["id"], "amount": "120.00", "invoice_lines": rows, "proofs": proofs(activity)}
    made = done(bound.post("mdf_claims", body | {"results": {"leads": 12, "pipeline": "800.00"}}))
    assert [one["invoice_number"] for one in made["invoice_lines"]] == ["INV-0", "INV-1", "INV-2"]
    assert {one["cost"] for one in made["invoice_lines"]} == {"600.00"}  # recoverable tax is left out
    assert made["results"] == {"leads": 12, "pipeline": "800.00", "attendees": None}
    path = f"mdf_claims/{made['id']}"
    same = bound.patch(path, {"amount": "120.00", "invoice_lines": rows}, version=made["version"])
    assert same.json() == made
    fewer = done(bound.patch(path, {"invoice_lines": rows[:1]}, version=made["version"]))
    assert ([one["budget_line_id"] for one in fewer["invoice_lines"]], len(fewer["proofs"])) == ([line], 4)
    assert "twin" not in fewer["proofs"][0]
    assert "twin" in vendor.get(path).json()["proofs"][0]


def test_nobody_sends_a_rate_and_an_unknown_one_is_told(fund, bound, vendor):
    activity = approved(bound, vendor, fund)["activities"][0]
    body = {"activity_id": activity["id"], "amount": "10.00", "invoice_lines": [INVOICE | {"rate": "1000"}]}
    assert pointers(bound.post("mdf_claims", body)) == [("/invoice_lines/0/rate", "read_only")]
    foreign = body | {"invoice_lines": [INVOICE | {"currency": "JPY"}]}
    assert pointers(bound.post("mdf_claims", foreign)) == [("/invoice_lines", "no_rate")]


# --- files -----------------------------------------------------------------------------------------------------------

BYTES = {"Content-Type": "application/octet-stream"}
LEADS = b"name,mail\nAnna,anna@harbour.example\n"


@pytest.fixture
def _on_disk(settings, tmp_path):
    settings.FILES_ROOT = tmp_path


def send(api: Api, name: str, content: bytes, **headers: str):
    return api.send("POST", f"files?name={name}", content, **BYTES, **headers)


@pytest.mark.usefixtures("_on_disk")
class TestFiles:
    def test_a_file_is_sent_named_by_a_proof_and_read_by_both_sides(self, fund, bound, vendor, rival):
        file = done(send(bound, "leads.csv", LEADS))
        assert (file["name"], file["kind"], file["size"], file["is_used"]) == ("leads.csv", "text/plain", 36, False)
        activity = approved(bound, vendor, fund)["activities"][0]
        others = [one for one in proofs(activity) if one["kind"] != "lead_list"]
        shown = [*others, {"kind": "lead_list", "file_id": file["id"]}]
        path = claimed(bound, activity, proofs=shown)
        proof = next(one for one in vendor.get(path).json()["proofs"] if one["file_id"])
        assert (proof["kind"], proof["file_id"], proof["file_name"]) == ("lead_list", file["id"], "leads.csv")
        assert vendor.get(f"files/{file['id']}").json()["is_used"] is True
        for api in (bound, vendor):
            answer = api.get(f"files/{file['id']}/content")
            assert b"".join(answer.streaming_content) == LEADS
            assert answer["Content-Disposition"] == 'attachment; filename="leads.csv"'
            assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert [said(rival.get(f"files/{file['id']}{end}")) for end in ("", "/content")] == [(404, "not_found")] * 2

    def test_a_file_of_another_partner_is_no_file(self, fund, bound, vendor, rival):
        theirs = done(send(rival, "leads.csv", LEADS))["id"]
        activity = approved(bound, vendor, fund)["activities"][0]
        body = {"activity_id": activity["id"], "amount": "1.00"}
        for file in (theirs, f"fil_{'0' * 32}"):
            answer = bound.post("mdf_claims", body | {"proofs": [{"kind": "photo", "file_id": file}]})
            assert pointers(answer) == [("/proofs/0/file_id", "not_found")]

    def test_a_file_is_named_once(self, fund, bound, vendor):
        file = done(send(bound, "leads.csv", LEADS))["id"]
        activity = approved(bound, vendor, fund)["activities"][0]
        body = {"activity_id": activity["id"], "amount": "1.00", "proofs": [{"kind": "photo", "file_id": file}]}
        done(bound.post("mdf_claims", body))
        assert pointers(bound.post("mdf_claims", body)) == [("/proofs", "file_gone")]

    def test_what_is_no_honest_file_is_refused(self, bound, vendor):
        assert pointers(send(bound, "a.csv", b"")) == [("", "file_empty")]
        assert pointers(send(bound, "a.svg", b"<svg onload='x()'></svg>")) == [("", "file_kind")]
        assert said(send(bound, "", LEADS)) == (400, "invalid_parameter")
        assert said(send(bound, "a.csv", b"x" * (20 * 2**20 + 1))) == (413, "too_large")
        assert said(bound.post("files?name=a.csv", {})) == (415, "unsupported_media_type")
        assert said(send(vendor, "a.csv", LEADS)) == (403, "permission_denied")
        assert said(send(api_for(scopes="files:read"), "a.csv", LEADS)) == (403, "insufficient_scope")

    def test_the_same_key_keeps_one_file(self, bound):
        first, second = (send(bound, "leads.csv", LEADS, Idempotency_Key="f-1") for _n in range(2))
        assert (second["Idempotency-Replayed"], first.content) == ("true", second.content)
        assert said(send(bound, "leads.csv", LEADS + b"x", Idempotency_Key="f-1")) == (422, "idempotency_key_reused")

    def test_files_that_nothing_names_do_not_pile_up(self, bound, monkeypatch):
        monkeypatch.setattr("core.api.files.MOST_LOOSE", 1)
        done(send(bound, "leads.csv", LEADS))
        assert said(send(bound, "more.csv", LEADS)) == (409, "too_many_files")


# --- strangers -------------------------------------------------------------------------------------------------------


@pytest.fixture
def rival(fund: Fund) -> Api:
    """Cobalt's key."""
    return api_for(fund.cast.cobalt)


def test_a_partner_sees_its_own_alone_and_no_budget(fund, bound, rival, vendor):
    claimed(bound, approved(bound, vendor, fund)["activities"][0])
    own = ("mdf_allocations", "mdf_requests", "mdf_activities", "mdf_claims", "mdf_invoice_lines", "mdf_proofs")
    assert [len(bound.get(name).json()["data"]) for name in own] == [1, 1, 1, 1, 1, 4]
    assert [len(rival.get(name).json()["data"]) for name in own] == [0] * len(own)
    for name in ("mdf_budgets", "mdf_budget_changes"):
        assert bound.get(name).json()["data"] == []
    assert said(bound.get(f"mdf_budgets/{fund.budget.public_id}")) == (404, "not_found")
    assert "budget_id" not in bound.get("mdf_allocations").json()["data"][0]
    assert "verdicts" not in bound.get("mdf_activities").json()["data"][0]
    assert "verdicts" not in bound.get("mdf_requests").json()["data"][0]["activities"][0]


def test_what_another_partner_has_answers_like_what_nobody_has(fund, bound, rival, vendor):
    request = approved(bound, vendor, fund)
    activity = request["activities"][0]
    claimed(bound, activity)
    for name, row in (
        ("mdf_requests", Request.objects.get()), ("mdf_claims", Claim.objects.get()), ("mdf_activities", Activity.objects.get()),
        ("mdf_allocations", fund.allocation),
    ):  # fmt: skip
        nobody = f"{row.prefix}_{'0' * 32}"
        for step in ("", *(f"/{one}" for one in MONEY_STEPS[name])):
            method = "POST" if step else "GET"
            answers = [rival.send(method, f"{name}/{one}{step}", {}, If_Match='"1"') for one in (row.public_id, nobody)]
            assert [said(one) for one in answers] == [(404, "not_found")] * 2


@pytest.mark.parametrize("theirs", [True, False])
def test_an_id_of_anothers_in_a_body_is_no_id(fund, bound, rival, vendor, theirs):
    activity = approved(bound, vendor, fund)["activities"][0]
    ids = {"mal": fund.allocation.public_id, "mac": activity["id"], "mbl": activity["lines"][0]["id"]}
    if not theirs:
        ids = {prefix: f"{prefix}_{'0' * 32}" for prefix in ids}
    program = fund.membership.program
    own = make_own(fund, MembershipFactory(partner=fund.cast.cobalt, program=program))
    missing = [("not_found", "There is no such record.")]
    tries = [
        ("mdf_requests", {"allocation_id": ids["mal"]}, "/allocation_id"),
        ("mdf_requests", {"allocation_id": 0}, "/allocation_id"),
        ("mdf_claims", {"activity_id": ids["mac"], "amount": "1.00"}, "/activity_id"),
        (
            "mdf_claims",
            {
                "activity_id": own,
                "amount": "1.00",
                "invoice_lines": [INVOICE | {"budget_line_id": ids["mbl"]}],
            },
            "/invoice_lines/0/budget_line_id",
        ),
    ]
    for name, body, pointer in tries:
        answer = rival.post(name, body)
        assert said(answer) == (400, "validation_failed")
        (error,) = answer.json()["errors"]
        if body.get("allocation_id") != 0:
            assert [(error["code"], error["detail"])] == missing
        assert error["pointer"] == pointer
    assert (Request.objects.filter(partner=fund.cast.cobalt).count(), Claim.objects.count()) == (1, 0)


def make_own(fund: Fund, membership) -> str:
    """The id of an activity of Cobalt's that was approved."""
    funds = services.budgets.allocate(fund.budget, Grant(fund.cast.cobalt, Decimal(500)), by=fund.actor("olga"), at=NOW)
    cobalt = Fund(fund.cast, membership, fund.budget, funds)
    request = services.requests.draft(cobalt.plan(), by=fund.actor("cy"), at=NOW)
    services.requests.submit(request, by=fund.actor("cy"), at=NOW)
    return cobalt.approve(request).activities.get().public_id


def test_proofs_and_rulings_of_others_are_no_ids(fund, bound, vendor):
    first, second = approved(bound, vendor, fund), approved(bound, vendor, fund)
    one, two = claimed(bound, first["activities"][0], "100.00"), claimed(bound, second["activities"][0], "100.00")
    stranger = vendor.get(two).json()["proofs"][0]["id"]
    looks = [{"id": stranger, "accepted": True}]
    assert pointers(act(vendor, one, "look", looks=looks)) == [("/looks/0/id", "not_found")]
    assert pointers(act(vendor, one, "look", looks=[{"id": 0, "accepted": True}])) == [("/looks/0/id", "not_found")]
    path = drafted(bound, fund)
    done(act(bound, path, "submit"))
    ruling = {"activity_id": first["activities"][0]["id"], "amount": "1.00", "verdicts": MET}
    assert pointers(act(vendor, path, "approve", rulings=[ruling])) == [("/rulings/0/activity_id", "not_found")]


def test_a_key_without_the_scope_moves_nothing(fund, bound):
    path = drafted(bound, fund)
    reader = api_for(fund.cast.acme, "mdf_requests:read")
    assert reader.get(path).status_code == 200
    assert said(reader.post(f"{path}/submit")) == (403, "insufficient_scope")
    assert said(reader.get("mdf_claims")) == (403, "insufficient_scope")


def test_partner_keys_neither_decide_nor_pay(fund, bound, vendor):
    path = drafted(bound, fund)
    done(act(bound, path, "submit"))
    for step in ("approve", "reject", "ask", "decline"):
        assert said(bound.post(f"{path}/{step}")) == (403, "permission_denied")
    claim = claimed(bound, approved(bound, vendor, fund)["activities"][0])
    for step in ("approve", "reject", "look", "order", "claw_back"):
        assert said(bound.post(f"{claim}/{step}")) == (403, "permission_denied")
    funds = f"mdf_allocations/{fund.allocation.public_id}"
    assert said(bound.post(f"{funds}/grant")) == (403, "permission_denied")
    assert said(bound.post("mdf_allocations", {"amount": "5.00"})) == (403, "permission_denied")


@pytest.mark.fresh
def test_events_tell_each_partner_of_its_own_money_alone(fund, bound, rival, vendor):
    approved(bound, vendor, fund)
    types = [one["type"] for one in bound.get("events?resource=mdf_requests").json()["data"]]
    assert types == ["mdf_request.drafted", "mdf_request.submitted", "mdf_request.taken_up", "mdf_request.approved"]
    assert rival.get("events?resource=mdf_requests").json()["data"] == []
    assert bound.get("events?resource=mdf_budgets").json()["data"] == []


def test_the_same_key_makes_one_request(fund, bound):
    body = {"title": "Once", "allocation_id": fund.allocation.public_id, "activities": [FAIR]}
    answers = [bound.post("mdf_requests", body, Idempotency_Key="k-1") for _n in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[1]["Idempotency-Replayed"] == "true"
    assert (answers[0].content, Request.objects.count()) == (answers[1].content, 1)


def test_lists_are_narrowed_and_expanded(fund, bound, vendor):
    approved(bound, vendor, fund)
    drafted(bound, fund)
    assert len(bound.get("mdf_requests?status=draft").json()["data"]) == 1
    assert len(bound.get("mdf_activities?activity_type[in]=event,digital").json()["data"]) == 2
    one = vendor.get("mdf_activities?expand=request.allocation&status=approved").json()["data"][0]
    assert one["request"]["allocation"]["reference"] == fund.allocation.reference
    page = vendor.get("mdf_requests?limit=1&fields=status,activities").json()
    assert (page["has_more"], set(page["data"][0])) == (True, {"object", "id", "status", "activities"})
    assert said(bound.get(f"mdf_allocations?budget_id={fund.budget.public_id}")) == (400, "unknown_parameter")
