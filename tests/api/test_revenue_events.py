"""Money that goes back names what it is about, whichever way it comes in."""

import pytest

from deals.models import Opportunity, RevenueEvent
from tests.api.conftest import pointers, said


@pytest.fixture
def deal(db):
    return Opportunity.objects.create(name="Ledger", currency="USD")


def told(deal, kind: str, amount: str, **more) -> dict:
    return {"opportunity_id": deal.public_id, "kind": kind, "amount": amount, "currency": "USD",
            "occurred_on": "2026-03-02", **more}  # fmt: skip


@pytest.fixture
def invoice(crm, deal) -> str:
    return crm.post("revenue_events", told(deal, "invoice", "100")).json()["id"]


def wrong(answer) -> list[str]:
    assert said(answer) == (400, "validation_failed")
    return [pointer for pointer, _code in pointers(answer)]


def amounts() -> list[str]:
    return [str(amount) for amount in RevenueEvent.objects.order_by("pk").values_list("amount", flat=True)]


def test_a_return_names_an_invoice_of_its_own_deal_alone(crm, invoice):
    strange = crm.post(
        "revenue_events",
        told(Opportunity.objects.create(name="Ledger", currency="USD"), "credit", "5", about_id=invoice),
    )
    assert wrong(strange) == ["/about_id"]


def test_an_invoice_is_about_nothing_and_a_return_about_no_return(crm, deal, invoice):
    assert wrong(crm.post("revenue_events", told(deal, "payment", "5", about_id=invoice))) == ["/about_id"]
    back = crm.post("revenue_events", told(deal, "credit", "5", about_id=invoice)).json()["id"]
    assert wrong(crm.post("revenue_events", told(deal, "credit", "5", about_id=back))) == ["/about_id"]


def test_no_more_goes_back_than_was_invoiced(crm, deal, invoice):
    made = crm.post("revenue_events", told(deal, "credit", "60", about_id=invoice)).json()
    more = crm.post("revenue_events", told(deal, "credit", "40.01", about_id=invoice))
    assert (wrong(more), amounts()) == (["/amount"], ["100.00", "60.00"])
    path = f"revenue_events/{made['id']}"
    assert wrong(crm.patch(path, {"amount": "100.01"}, made["version"])) == ["/amount"]
    assert crm.patch(path, {"amount": "100"}, made["version"]).status_code == 200


def test_returns_of_one_batch_are_judged_one_after_the_other(crm, deal, invoice):
    rows = [{"match": {"system": "sap", "id": str(n)}, **told(deal, "credit", "60", about_id=invoice)} for n in (1, 2)]
    done = crm.post("revenue_events/batch/upsert", {"rows": rows}).json()["results"]
    assert ([one["status"] for one in done], amounts()) == (["created", "error"], ["100.00", "60.00"])
    more = [{"match": {"system": "sap", "id": "1"}, "amount": "100.01"}]
    again = crm.post("revenue_events/batch/update", {"rows": more}).json()["results"]
    assert [one["error"]["errors"][0]["pointer"] for one in again] == ["/amount"]


def test_a_return_comes_back_only_while_enough_is_left_of_its_invoice(crm, deal, invoice):
    made = crm.post("revenue_events", told(deal, "credit", "60", about_id=invoice)).json()
    path = f"revenue_events/{made['id']}"
    assert crm.delete(path, made["version"]).status_code == 204
    other = crm.post("revenue_events", told(deal, "credit", "60", about_id=invoice)).json()
    refused = crm.post(f"{path}/restore")
    assert (said(refused), refused.json()["detail"]) == ((409, "rule"), "40.00 USD is left of it. Enter at most that.")
    assert crm.delete(f"revenue_events/{other['id']}", other["version"]).status_code == 204
    assert crm.post(f"{path}/restore").json()["amount"] == "60.00"


def test_an_invoice_is_not_made_smaller_than_what_went_back_of_it(crm, deal, invoice):
    crm.post("revenue_events", told(deal, "credit", "60", about_id=invoice))
    path, version = f"revenue_events/{invoice}", crm.get(f"revenue_events/{invoice}").json()["version"]
    assert wrong(crm.patch(path, {"amount": "59.99"}, version)) == ["/amount"]
    assert crm.patch(path, {"amount": "60"}, version).json()["amount"] == "60.00"


def test_an_invoice_is_not_made_smaller_in_a_batch_that_takes_of_it(crm, deal, invoice):
    rows = [
        {"match": {"system": "sap", "id": "1"}, **told(deal, "credit", "60", about_id=invoice)},
        {"id": invoice, "amount": "50"},
    ]
    done = crm.post("revenue_events/batch/upsert", {"rows": rows}).json()["results"]
    assert ([one["status"] for one in done], amounts()) == (["created", "error"], ["100.00", "60.00"])


def test_an_invoice_of_which_something_went_back_is_not_removed(crm, deal, invoice):
    made = crm.post("revenue_events", told(deal, "credit", "60", about_id=invoice)).json()
    path, version = f"revenue_events/{invoice}", crm.get(f"revenue_events/{invoice}").json()["version"]
    assert said(crm.delete(path, version)) == (409, "rule")
    assert crm.delete(f"revenue_events/{made['id']}", made["version"]).status_code == 204
    assert crm.delete(path, version).status_code == 204
    refused = crm.post(f"revenue_events/{made['id']}/restore")
    assert (said(refused), refused.json()["detail"]) == (
        (409, "rule"), "The invoice or payment it is about was removed. Restore that first.",
    )  # fmt: skip
