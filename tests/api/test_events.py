"""The feed: everything once, in one order, for those it belongs to."""

import pytest

from tests.api.conftest import api_for, said


@pytest.fixture
def written(committed):
    """Real commits, so that the sequencer sees finished transactions."""
    from core.actor import SYSTEM  # noqa: PLC0415
    from core.scope import scope  # noqa: PLC0415
    from tests.factories import make_cast  # noqa: PLC0415

    with scope(SYSTEM):
        cast = make_cast()
        return cast, api_for(), api_for(cast.acme), api_for(cast.cobalt)


def test_a_reader_meets_every_event_once_and_comes_back_with_its_cursor(written):
    _cast, crm, _acme, _cobalt = written
    start = crm.get("events?start=now").json()
    assert (start["data"], start["next"], start["has_more"]) == ([], None, False)
    ids = [crm.post("accounts", {"name": f"A{n}"}).json()["id"] for n in range(5)]
    seen, cursor = [], start["next_cursor"]
    for _page in range(3):
        page = crm.get(f"events?limit=2&cursor={cursor}").json()
        seen += [(event["type"], event["resource_id"]) for event in page["data"]]
        cursor = page["next_cursor"]
        assert (page["next"] is not None) == page["has_more"]
    assert seen == [("account.created", id) for id in ids]
    assert crm.get(f"events?limit=2&cursor={cursor}").json()["data"] == []
    changed = crm.patch(f"accounts/{ids[0]}", {"name": "B"}, version=crm.get(f"accounts/{ids[0]}").json()["version"])
    event = crm.get(f"events?limit=2&cursor={cursor}").json()["data"][0]
    assert event["data"] == {"changes": {"name": ["A0", "B"]}}
    assert (event["version"], event["resource"]) == (changed.json()["version"], "accounts")
    assert event["actor"]["kind"] == "api"
    assert event["request_id"] == changed["X-Request-ID"]


def test_a_partner_reads_its_own_events_without_what_is_internal(written):
    cast, crm, acme, cobalt = written
    body = {"partner_id": cast.acme.public_id, "last_name": "L", "email": "l@acme.example"}
    made = crm.post("contacts", body).json()
    partner = crm.get(f"partners/{cast.acme.public_id}").json()
    crm.patch(f"partners/{partner['id']}", {"region": "APAC", "manager_user_id": None}, version=partner["version"])
    events = acme.get("events").json()["data"]
    assert [e["type"] for e in events] == ["contact.created", "partner.updated", "partner.manager_changed"]
    assert events[0]["resource_id"] == made["id"]
    assert events[0]["actor"] == {"kind": "api", "label": None}
    assert "L" not in [value for pair in events[0]["data"].get("changes", {}).values() for value in pair]
    assert cobalt.get("events").json()["data"] == []
    mixed = crm.get("events?resource=contacts").json()
    assert [e["type"] for e in mixed["data"]] == ["contact.created"]
    assert [e["type"] for e in crm.get(f"events?resource_id={made['id']}").json()["data"]] == ["contact.created"]
    assert [e["type"] for e in crm.get("events?type[in]=partner.updated,x.y").json()["data"]] == ["partner.updated"]


@pytest.mark.parametrize(
    "query",
    ["start=later", "resource=secrets", "resource_id=1", "type=A B", "cursor=x", "page=1", "limit=0", "type[in]=,"],
)
def test_what_is_not_understood_is_refused(crm, query):
    assert crm.get(f"events?{query}").status_code == 400


def test_a_cursor_and_a_start_exclude_one_another(crm):
    cursor = crm.get("events").json()["next_cursor"]
    assert said(crm.get(f"events?cursor={cursor}&start=now")) == (400, "invalid_parameter")
    assert said(crm.get(f"events?cursor={cursor}&type=a.b")) == (400, "invalid_cursor")
