"""Many rows at once: each has its own result, in the order they came."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import Event, ExternalId
from tests.api.conftest import api_for, pointers, said
from tests.factories import PartnerFactory


def upsert(api, *rows, **more):
    return api.post("accounts/batch/upsert", {"rows": list(rows), **more})


def states(answer) -> list[str]:
    return [result["status"] for result in answer.json()["results"]]


def sap(number: int, **fields) -> dict:
    return {"match": {"system": "sap", "id": str(number)}, **fields}


def test_rows_are_created_updated_and_left_alone(crm):
    first = upsert(crm, sap(1, name="A"), sap(2, name="B"))
    assert (first.status_code, states(first)) == (200, ["created", "created"])
    again = upsert(crm, sap(2, name="B"), sap(1, name="AA"))
    assert states(again) == ["unchanged", "updated"]
    one, two = again.json()["results"]
    assert one["version"] == first.json()["results"][1]["version"]
    assert two["id"] == first.json()["results"][0]["id"]
    assert two["external_id"] == {"system": "sap", "id": "1"}


def test_an_unchanged_row_leaves_no_event(crm):
    upsert(crm, sap(1, name="A", metadata={"a": "1"}))
    before = Event.objects.count()
    upsert(crm, sap(1, name="A", metadata={"a": "1"}), sap(1, external_ids=[{"system": "sap", "id": "1"}]))
    assert Event.objects.count() == before


def test_a_bad_row_fails_alone(crm):
    answer = upsert(crm, sap(1, name="A"), sap(2, name=""), 5, sap(4, name="D", colour="red"), sap(5, name="E"))
    assert (answer.status_code, answer.json()["failed"]) == (207, 3)
    assert states(answer) == ["created", "error", "error", "error", "created"]
    errors = [result["error"] for result in answer.json()["results"]]
    assert errors[1]["errors"] == [{"pointer": "/name", "code": "required", "detail": "This can't be empty."}]
    assert errors[3]["errors"][0]["pointer"] == "/colour"
    assert [result["index"] for result in answer.json()["results"]] == [0, 1, 2, 3, 4]


def test_all_or_none_leaves_nothing_behind(crm):
    upsert(crm, sap(1, name="A"))
    answer = upsert(crm, sap(1, name="AA"), sap(2, name="B"), sap(3, name=""), all_or_none=True)
    assert (answer.status_code, states(answer)) == (207, ["rolled_back", "rolled_back", "error"])
    assert [row["name"] for row in crm.get("accounts").json()["data"]] == ["A"]


def test_keys_of_two_objects_in_one_row_are_ambiguous(crm):
    results = upsert(crm, sap(1, name="A"), sap(2, name="B")).json()["results"]
    ids = sorted(result["id"] for result in results)
    answer = upsert(crm, {**sap(1, name="A"), "id": results[1]["id"]})
    assert answer.json()["results"][0]["error"]["code"] == "ambiguous_match"
    assert answer.json()["results"][0]["error"]["ids"] == ids
    both = upsert(crm, sap(1, external_ids=[{"system": "sap", "id": "2"}]))
    assert both.json()["results"][0]["error"]["ids"] == ids


def test_one_external_id_twice_in_a_batch_is_one_object(crm):
    answer = upsert(crm, sap(1, name="A"), sap(1, name="B"), sap(1, name="B"))
    assert states(answer) == ["created", "updated", "unchanged"]
    assert len({result["id"] for result in answer.json()["results"]}) == 1


def test_a_natural_key_is_used_only_when_asked(crm):
    upsert(crm, {"name": "A", "domain": "a.example.com"})
    assert states(upsert(crm, {"name": "A", "domain": "a.example.com"})) == ["created"]
    crm.post("accounts", {"name": "B", "domain": "b.com"})
    assert states(upsert(crm, {"name": "BB", "domain": "b.com"}, match_on="domain")) == ["updated"]
    ambiguous = upsert(crm, {"name": "A"}, match_on="name").json()["results"][0]["error"]
    assert ambiguous["code"] == "ambiguous_match"
    assert pointers(upsert(crm, {"name": "A"}, match_on="industry")) == [("/match_on", "unknown_choice")]


def test_a_row_may_expect_a_version(crm):
    made = upsert(crm, sap(1, name="A")).json()["results"][0]
    stale = upsert(crm, sap(1, name="B", version=made["version"] + 7)).json()["results"][0]
    assert (stale["status"], stale["error"]["code"], stale["error"]["version"]) == (
        "error",
        "version_mismatch",
        made["version"],
    )
    assert states(upsert(crm, sap(1, name="B", version=made["version"]))) == ["updated"]


def test_update_and_delete_need_the_object(crm):
    upsert(crm, sap(1, name="A"))
    answer = crm.post(
        "accounts/batch/update", {"rows": [sap(1, name="AA"), sap(9, name="X"), {"name": "X"}, {"id": "acc_1"}]}
    )
    assert states(answer) == ["updated", "error", "error", "error"]
    assert {r["error"]["code"] for r in answer.json()["results"][1:]} == {"not_found"}
    gone = crm.post("accounts/batch/delete", {"rows": [sap(1), sap(1), sap(9)]})
    assert states(gone) == ["deleted", "error", "error"]
    assert [r["error"] and r["error"]["code"] for r in gone.json()["results"]] == [None, "deleted", "not_found"]
    assert upsert(crm, sap(1, name="A")).json()["results"][0]["error"]["code"] == "deleted"


def test_many_are_read_by_any_key(crm):
    results = upsert(crm, sap(1, name="A"), sap(2, name="B")).json()["results"]
    answer = crm.post("accounts/batch/read", {"rows": [sap(2), {"id": results[0]["id"]}, sap(3), {"id": "nonsense"}]})
    assert states(answer) == ["read", "read", "error", "error"]
    assert [r["data"] and r["data"]["name"] for r in answer.json()["results"]] == ["B", "A", None, None]


@pytest.mark.parametrize(
    ("body", "mistake"),
    [
        ({}, ("/rows", "required")),
        ({"rows": []}, ("/rows", "required")),
        ({"rows": {}}, ("/rows", "required")),
        ({"rows": [{}] * 1001}, ("/rows", "too_many_rows")),
        ({"rows": [{}], "all_or_none": 1}, ("/all_or_none", "wrong_type")),
        ({"rows": [{}], "dry_run": True}, ("/dry_run", "unknown_field")),
    ],
)
def test_a_batch_that_can_not_be_read_is_refused_as_a_whole(crm, body, mistake):
    answer = crm.post("accounts/batch/upsert", body)
    assert said(answer) == (400, "validation_failed")
    assert pointers(answer) == [mistake]


def test_what_is_set_at_creation_may_be_sent_again_unchanged(cast):
    crm, other = api_for(), PartnerFactory()
    row = {
        "match": {"system": "sap", "id": "1"},
        "partner_id": cast.acme.public_id,
        "last_name": "L",
        "email": "l@acme.example",
    }
    assert states(crm.post("contacts/batch/upsert", {"rows": [row]})) == ["created"]
    assert states(crm.post("contacts/batch/upsert", {"rows": [{**row, "last_name": "M"}]})) == ["updated"]
    moved = crm.post("contacts/batch/upsert", {"rows": [{**row, "partner_id": other.public_id}]}).json()["results"][0]
    assert moved["error"]["errors"][0]["pointer"] == "/partner_id"


def test_external_ids_are_added_by_bodies_and_removed_by_name(crm):
    made = crm.post(
        "accounts", {"name": "A", "external_ids": [{"system": "erp", "id": "1", "url": "erp.example/1"}]}
    ).json()
    path = f"accounts/{made['id']}"
    changed = crm.patch(path, {"external_ids": [{"system": "hubspot", "id": "2"}]}, version=made["version"]).json()
    assert [(e["system"], e["id"]) for e in changed["external_ids"]] == [("erp", "1"), ("hubspot", "2")]
    assert changed["version"] > made["version"]
    taken = crm.post("accounts", {"name": "B", "external_ids": [{"system": "erp", "id": "1"}]})
    assert pointers(taken) == [("/external_ids", "taken")]
    assert said(crm.delete(f"{path}/external_ids/erp")) == (428, "precondition_required")
    assert said(crm.delete(f"{path}/external_ids/sap", version=changed["version"])) == (404, "not_found")
    rest = crm.delete(f"{path}/external_ids/erp", version=changed["version"]).json()
    assert [(e["system"], e["id"]) for e in rest["external_ids"]] == [("hubspot", "2")]
    assert rest["version"] > changed["version"]


# --- many rows, few statements ---------------------------------------------------------------------------------------


def of_many(number: int, **fields) -> list[dict]:
    return [sap(n, name=f"Company {n}", domain=f"company{n}.example", **fields) for n in range(number)]


def statements(api, path: str, rows: list[dict]) -> int:
    with CaptureQueriesContext(connection) as seen:
        answer = api.post(path, {"rows": rows})
    assert (answer.status_code, answer.json()["failed"]) == (200, 0)
    return len(seen)


@pytest.mark.parametrize("change", [{}, {"industry": "Paper"}])
def test_thirty_rows_cost_what_three_cost(crm, change):
    upsert(crm, sap(99, name="The first request finds out more than the later ones"))
    few, many = of_many(3), of_many(30)
    assert statements(crm, "accounts/batch/upsert", few) == statements(crm, "accounts/batch/upsert", many[3:])
    again = [[{**row, **change} for row in rows] for rows in (few, many)]
    assert statements(crm, "accounts/batch/upsert", again[0]) == statements(crm, "accounts/batch/upsert", again[1][3:])


def test_thirty_opportunities_of_as_many_accounts_cost_what_three_cost(crm):
    accounts = [result["id"] for result in upsert(crm, *of_many(33)).json()["results"]]
    rows = [sap(n, account_id=pk, name=f"Deal {n}", currency="USD", amount="10.00") for n, pk in enumerate(accounts)]
    path = "opportunities/batch/upsert"
    assert statements(crm, path, rows[:3]) == statements(crm, path, rows[3:])
    assert statements(crm, path, rows[:3]) == statements(crm, path, rows[3:])
    dearer = [{**row, "amount": "20.00"} for row in rows]
    assert statements(crm, path, dearer[:3]) == statements(crm, path, dearer[3:])


def test_rows_written_together_have_their_events_in_their_order(crm):
    results = upsert(crm, *of_many(5)).json()["results"]
    upsert(crm, *[{**row, "industry": "Paper"} for row in of_many(5)])
    told = list(Event.objects.filter(subject_type="account").order_by("id"))
    assert [(e.type, e.subject_public_id) for e in told] == [
        (verb, result["id"]) for verb in ("account.created", "account.updated") for result in results
    ]
    assert told[7].data == {"changes": {"industry": [None, "Paper"]}}
    now = {row["id"]: row["version"] for row in crm.get("accounts").json()["data"]}
    assert {e.subject_public_id: e.subject_version for e in told[5:]} == now


def test_a_row_that_the_database_refuses_fails_alone(crm, cast):
    """A name that a record out of sight bears already: the others are written all the same."""
    crm.post("accounts", {"name": "A", "external_ids": [{"system": "sap", "id": "2"}]})
    ours = api_for(cast.acme)
    rows = [
        {"match": {"system": "sap", "id": str(n)}, "last_name": f"L{n}", "email": f"l{n}@acme.example"}
        for n in range(3)
    ]
    assert states(ours.post("contacts/batch/upsert", {"rows": rows})) == ["created"] * 3
    ExternalId.objects.filter(resource="contact", ext_id="1").update(partner_id=cast.cobalt.pk)
    fresh = {"match": {"system": "sap", "id": "9"}, "last_name": "L9", "email": "l9@acme.example"}
    answer = ours.post("contacts/batch/upsert", {"rows": [fresh, rows[1], rows[2]]})
    assert states(answer) == ["created", "error", "unchanged"]


def test_an_address_in_another_spelling_is_no_change(crm):
    upsert(crm, sap(1, name="A", domain="https://www.kunde.example/about"))
    assert states(upsert(crm, sap(1, name="A", domain="www.kunde.example"))) == ["unchanged"]
    assert states(upsert(crm, sap(1, name="A", domain="kunde.example"))) == ["unchanged"]


def test_natural_keys_see_what_the_same_batch_wrote(crm):
    rows = [{"name": "A", "domain": "a.com"}, {"name": "AA", "domain": "a.com"}, {"name": "B", "domain": "b.com"}]
    answer = upsert(crm, *rows, {"name": "BB", "domain": "b.com"}, {"name": "BB", "domain": "b.com"}, match_on="domain")
    assert states(answer) == ["created", "updated", "created", "updated", "unchanged"]
