"""One key, one effect, one answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from core.actor import SYSTEM
from core.models import ExternalId, IdempotencyKey
from core.scope import scope
from deals.models import Account
from tests.api.conftest import Api, api_for, said

KEY = {"Idempotency_Key": "order-1"}


def test_the_same_request_brings_the_same_answer(crm):
    first = crm.post("accounts", {"name": "A"}, **KEY)
    second = crm.post("accounts", {"name": "A"}, **KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert (second["ETag"], second["Location"]) == (first["ETag"], first["Location"])
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Account.objects.count() == 1


def test_the_same_key_for_something_else_is_refused(crm):
    crm.post("accounts", {"name": "A"}, **KEY)
    assert said(crm.post("accounts", {"name": "B"}, **KEY)) == (422, "idempotency_key_reused")
    assert said(crm.post("opportunities", {"name": "A"}, **KEY)) == (422, "idempotency_key_reused")
    assert api_for().post("accounts", {"name": "B"}, **KEY).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "x" * 9000, "é", "a\tb"])
def test_a_key_that_can_not_be_used_is_refused(crm, key):
    assert said(crm.post("accounts", {"name": "A"}, Idempotency_Key=key)) == (400, "invalid_idempotency_key")
    assert Account.objects.count() == 0


def test_a_refusal_is_not_kept(crm):
    assert crm.post("accounts", {}, **KEY).status_code == 400
    assert crm.post("accounts", {"name": "A"}, **KEY).status_code == 201


def test_a_key_is_free_again_after_a_day(crm):
    crm.post("accounts", {"name": "A"}, **KEY)
    row = IdempotencyKey.objects.get()
    IdempotencyKey.objects.update(created_at=row.created_at - timedelta(hours=25))
    assert crm.post("accounts", {"name": "B"}, **KEY).status_code == 201


def _together(count: int, work) -> list:
    """Results of `count` threads that begin at once."""
    barrier = Barrier(count)

    def one(n: int):
        barrier.wait()
        try:
            return work(n)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_eight_at_once_make_one_object(committed):
    with scope(SYSTEM):
        token = api_for().token
    answers = _together(8, lambda n: Api(token).post("accounts", {"name": "A"}, **KEY))
    codes = sorted(answer.status_code for answer in answers)
    assert codes.count(201) >= 1
    assert set(codes) <= {201, 409}
    for answer in answers:
        if answer.status_code == 409:
            assert (answer.json()["code"], answer["Retry-After"]) == ("idempotency_in_progress", "1")
    with scope(SYSTEM):
        assert Account.objects.count() == 1


def test_eight_upserts_of_one_external_id_make_one_object(committed):
    with scope(SYSTEM):
        token = api_for().token
    row = {"match": {"system": "erp", "id": "7"}, "name": "A"}
    answers = _together(8, lambda n: Api(token).post("accounts/batch/upsert", {"rows": [row]}).json())
    states = sorted(answer["results"][0]["status"] for answer in answers)
    assert states == ["created"] + ["unchanged"] * 7
    with scope(SYSTEM):
        assert (Account.objects.count(), ExternalId.objects.count()) == (1, 1)


def test_of_six_patches_at_once_one_wins(committed):
    with scope(SYSTEM):
        api = api_for()
    made = api.post("accounts", {"name": "A"}).json()
    path = f"accounts/{made['id']}"
    answers = _together(6, lambda n: Api(api.token).patch(path, {"name": f"B{n}"}, version=made["version"]))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5
