"""Every error below /api/ is a problem, whoever refuses."""

import pytest
from django.db import OperationalError

from core.api import show
from tests.api.conftest import said

MEMBERS = {"type", "title", "status", "code", "detail", "request_id", "errors"}
UNUSED = "0" * 32


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/v2/accounts",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v1/accounts/",
        "/api/v1/accounts/1/2/3",
        "/api/v1/accounts/null",
        "/api/v1/accounts/-1",
        "/api/v1/accounts/1e3",
        "/api/v1/accounts/%D9%A3",
        "/api/v1/accounts/%ff",
        "/api/v1/accounts/1%2f..",
        "/api/v1/accounts/acc_1",
        f"/api/v1/accounts/acc_{UNUSED.upper()}X",
        f"/api/v1/accounts/ptr_{UNUSED}",
        f"/api/v1/accounts/acc_{UNUSED}",
        "/api/v1/accounts/123456789012345678901234",
        f"/api/v1/accounts/ACC_{UNUSED}",
        f"/api/v1/accounts/acc_{{{UNUSED}}}",
        "/api/v1/schema/secrets",
        "/api/v1/accounts/a%00b",
        "/api/v1/%00",
    ],
)
def test_what_is_not_there_is_one_and_the_same_problem(crm, path):
    for method in ("GET", "PATCH", "DELETE"):
        answer = crm.send(method, path, {"name": "X"} if method == "PATCH" else None)
        if answer.status_code == 405:
            continue
        problem = answer.json()
        assert answer["Content-Type"] == "application/problem+json"
        assert set(problem) == MEMBERS
        assert (answer.status_code, problem["code"]) == (404, "not_found")
        assert problem["request_id"] == answer["X-Request-ID"]


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "TRACE", "DELETE", "PATCH"])
def test_a_method_that_is_not_known_is_named(crm, method):
    answer = crm.send(method, "accounts")
    assert said(answer) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET, POST, HEAD"


def test_the_description_is_only_read(client):
    answer = client.post("/api/v1/openapi.json")
    assert said(answer) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("query", ["name=%00", "%00=1", "cursor=%00", "updated_since=%00", "name=a%00b"])
def test_a_nul_character_in_a_query_is_refused(crm, query):
    answer = crm.get(f"accounts?{query}")
    assert answer.status_code == 400
    assert set(answer.json()) == MEMBERS


def test_a_host_that_is_not_ours_is_refused(crm):
    for host in ("evil.example", "a b", "x" * 300):
        answer = crm.get("accounts", Host=host)
        assert said(answer) == (400, "bad_request")


def test_a_cookie_says_nothing(crm):
    crm.http.cookies["sessionid"] = '"\\000\\000\\000\\000\\000\\000\\000\\000"'
    assert crm.get("accounts").status_code == 200


def test_head_is_get_without_a_body(crm):
    answer = crm.send("HEAD", "accounts")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_database_that_is_away_is_said_so(crm, monkeypatch):
    def away(*_args, **_kwargs):
        raise OperationalError("FATAL: password of prm_app at 10.0.0.1")

    monkeypatch.setattr(show, "columns", away)
    answer = crm.get("accounts")
    assert said(answer) == (503, "unavailable")
    assert answer["Retry-After"] == "5"
    assert b"prm_app" not in answer.content


def test_what_nobody_foresaw_is_a_problem_without_details(crm, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("secret")

    monkeypatch.setattr(show, "columns", broken)
    crm.http.raise_request_exception = False
    answer = crm.get("accounts")
    assert said(answer) == (500, "internal_error")
    assert b"secret" not in answer.content


@pytest.mark.parametrize("match", ["abc", '"', '"x"', "3", "W/3", '"-1"', '"1', '"' + "9" * 99 + '"'])
def test_a_version_that_is_none_matches_nothing(crm, match):
    made = crm.post("accounts", {"name": "A"}).json()
    assert said(crm.patch(f"accounts/{made['id']}", {"name": "B"}, If_Match=match)) == (412, "version_mismatch")


def test_a_star_names_no_version(crm):
    made = crm.post("accounts", {"name": "A"}).json()
    assert said(crm.patch(f"accounts/{made['id']}", {"name": "B"}, If_Match="*")) == (428, "precondition_required")


def test_refusals_come_in_one_order(crm):
    made = crm.post("accounts", {"name": "A"}).json()
    path = f"accounts/{made['id']}"
    assert said(crm.patch(f"accounts/acc_{UNUSED}", b"{"))[0] == 404
    assert said(crm.patch(path, b"{"))[0] == 428
    assert said(crm.patch(path, b"{", If_Match='"99"'))[0] == 412
    assert said(crm.patch(path, b"{", version=made["version"])) == (400, "malformed_json")


def test_a_known_version_is_not_sent_again(crm):
    made = crm.post("accounts", {"name": "A"})
    path = f"accounts/{made.json()['id']}"
    for tag in (made["ETag"], f"W/{made['ETag']}", f'"0", {made["ETag"]}'):
        answer = crm.get(path, If_None_Match=tag)
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", made["ETag"])
    assert crm.get(path, If_None_Match='"0"').status_code == 200
