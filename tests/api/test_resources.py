"""One object: create, read, change, delete, and what is refused on the way."""

import re

import pytest

from tests.api.conftest import api_for, pointers, said

ACCOUNT = {"name": "Contoso", "domain": "https://www.contoso.com/about", "country": "PT", "employee_count": 40}


def test_a_created_object_has_the_common_fields(crm):
    answer = crm.post("accounts", {**ACCOUNT, "external_ids": [{"system": "salesforce", "id": "001A0000006Vm9r"}]})
    made = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/accounts/{made['id']}"
    assert answer["ETag"] == f'"{made["version"]}"'
    assert (made["object"], made["domain"], made["metadata"], made["deleted_at"]) == (
        "account",
        "contoso.com",
        {},
        None,
    )
    assert made["external_ids"] == [{"system": "salesforce", "id": "001A0000006Vm9rIAC", "url": None}]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", made["created_at"])
    assert crm.get(f"accounts/{made['id']}").json() == made


def test_a_list_names_next_before_next_cursor(crm):
    for n in range(3):
        crm.post("accounts", {"name": f"Customer {n}"})
    answer = crm.get("accounts?limit=2")
    page = answer.json()
    assert list(page) == ["object", "data", "next", "next_cursor", "has_more"]
    assert answer["Link"] == f'<{page["next"]}>; rel="next"'
    rest = crm.get(f"accounts?limit=2&cursor={page['next_cursor']}").json()
    assert [row["name"] for row in page["data"] + rest["data"]] == ["Customer 0", "Customer 1", "Customer 2"]
    assert (rest["next"], rest["next_cursor"], rest["has_more"]) == (None, None, False)


def test_a_patch_needs_the_version_and_merges(crm):
    made = crm.post("accounts", {**ACCOUNT, "metadata": {"a": "1", "b": "2"}}).json()
    path = f"accounts/{made['id']}"
    assert said(crm.patch(path, {"name": "X"})) == (428, "precondition_required")
    assert said(crm.patch(path, {"name": "X"}, version=made["version"] + 5)) == (412, "version_mismatch")
    answer = crm.patch(path, {"employee_count": None, "metadata": {"a": None, "c": "3"}}, version=made["version"])
    changed = answer.json()
    assert (answer.status_code, changed["name"], changed["employee_count"]) == (200, "Contoso", None)
    assert changed["metadata"] == {"b": "2", "c": "3"}
    assert changed["version"] > made["version"]
    weak = crm.patch(path, {"industry": "Retail"}, If_Match=f'W/"{changed["version"]}"')
    assert weak.status_code == 200


def test_a_patch_that_changes_nothing_writes_nothing(crm):
    made = crm.post("accounts", ACCOUNT).json()
    answer = crm.patch(f"accounts/{made['id']}", {"name": "Contoso", "country": "PT"}, version=made["version"])
    assert answer.json() == made


@pytest.mark.parametrize(
    ("body", "mistakes"),
    [
        ({}, [("/name", "required")]),
        ({"name": ""}, [("/name", "required")]),
        ({"name": None}, [("/name", "required")]),
        ({"name": 5}, [("/name", "wrong_type")]),
        ({"name": "x" * 201}, [("/name", "too_long")]),
        ({"name": "x" + " " * 200}, [("/name", "too_long")]),
        ({"name": "A", "colour": "red"}, [("/colour", "unknown_field")]),
        ({"name": "A", "id": "acc_1", "version": 3}, [("/id", "read_only"), ("/version", "read_only")]),
        ({"name": "A", "country": "Portugal"}, [("/country", "unknown_choice")]),
        ({"name": "A", "owner_partner_id": "ptr_" + "0" * 32}, [("/owner_partner_id", "not_found")]),
        ({"name": "A", "owner_partner_id": "nonsense"}, [("/owner_partner_id", "not_found")]),
        ({"name": "A", "employee_count": -1}, [("/employee_count", "out_of_range")]),
        ({"name": "A", "employee_count": True}, [("/employee_count", "wrong_type")]),
        ({"name": "A", "uses": ["ok", 3]}, [("/uses/1", "wrong_type")]),
        ({"name": "A", "metadata": {"a": 1}}, [("/metadata/a", "wrong_type")]),
        ({"name": "A", "external_ids": [{"system": "S!", "id": "1"}]}, [("/external_ids/0/system", "wrong_format")]),
        ([], [("", "wrong_type")]),
        ("words", [("", "wrong_type")]),
    ],
)
def test_every_mistake_is_named_by_its_place(crm, body, mistakes):
    answer = crm.post("accounts", body)
    assert said(answer) == (400, "validation_failed")
    assert pointers(answer) == mistakes


def test_a_deleted_object_is_gone_until_it_is_restored(crm):
    made = crm.post("accounts", ACCOUNT).json()
    path = f"accounts/{made['id']}"
    assert crm.delete(path, version=made["version"]).status_code == 204
    gone = crm.get(path)
    assert said(gone) == (410, "deleted")
    assert gone.json()["deleted_at"].endswith("Z")
    assert crm.get("accounts").json()["data"] == []
    assert [row["id"] for row in crm.get("accounts?include_deleted=true").json()["data"]] == [made["id"]]
    assert crm.post(f"{path}/restore").json()["deleted_at"] is None
    assert said(crm.post(f"{path}/restore")) == (409, "illegal_transition")


def test_without_a_key_nothing_is_answered(db):
    answer = api_for().http.get("/api/v1/accounts")
    assert said(answer) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
