"""Who gets in: keys, scopes, expiry, revocation, limits."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from core.clock import now
from partners.models import ApiKey
from tests.api.conftest import Api, api_for, said


@pytest.mark.parametrize(
    "sent", ["Bearer", "Bearer ", "Bearer x", "Basic x", "Bearer é", "Token prm_1", "Bearer " + "x" * 999]
)
def test_what_is_no_live_key_opens_nothing(crm, sent):
    answer = crm.send("GET", "accounts", Authorization=sent)
    assert said(answer) == (401, "invalid_token")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_key_in_the_address_or_a_session_is_no_key(crm, cast, client):
    assert said(client.get(f"/api/v1/accounts?token={crm.token}")) == (401, "not_authenticated")
    client.force_login(cast.root)
    assert said(client.get("/api/v1/accounts")) == (401, "not_authenticated")


def test_a_revoked_or_expired_key_is_dead_at_once(crm):
    assert crm.get("accounts").status_code == 200
    ApiKey.objects.update(revoked_at=now())
    assert said(crm.get("accounts")) == (401, "invalid_token")
    ApiKey.objects.update(revoked_at=None, expires_at=now() - timedelta(seconds=1))
    assert said(crm.get("accounts")) == (401, "invalid_token")


def test_a_read_scope_reads_and_a_write_scope_writes(db):
    reader, writer = api_for(scopes="accounts:read"), api_for(scopes="accounts:write")
    made = writer.post("accounts", {"name": "A"})
    assert made.status_code == 201
    answer = reader.post("accounts", {"name": "B"})
    assert said(answer) == (403, "insufficient_scope")
    assert answer.json()["scope"] == "accounts:write"
    assert said(writer.get("accounts")) == (403, "insufficient_scope")
    assert said(reader.get("partners")) == (403, "insufficient_scope")
    assert said(reader.get("events")) == (403, "insufficient_scope")
    path = f"accounts/{made.json()['id']}"
    assert said(reader.patch(path, {"name": "C"})) == (403, "insufficient_scope")
    assert said(reader.patch(path[:-1], {"name": "C"})) == (404, "not_found")


def test_the_use_of_a_key_is_noted_at_most_once_a_minute(crm):
    with time_machine.travel("2026-11-23T10:00:00Z", tick=False) as clock:
        crm.get("accounts")
        first = ApiKey.objects.get().last_used_at
        clock.shift(59)
        crm.get("accounts")
        assert ApiKey.objects.get().last_used_at == first
        clock.shift(1)
        crm.get("accounts")
        assert ApiKey.objects.get().last_used_at == first + timedelta(minutes=1)


def test_a_key_has_an_allowance_for_each_minute(crm, settings):
    settings.API_RATE_PER_MINUTE = 2
    with time_machine.travel("2026-11-23T10:00:15Z", tick=False) as clock:
        answer = crm.get("accounts")
        assert [answer[f"RateLimit-{n}"] for n in ("Limit", "Remaining", "Reset")] == ["2", "1", "45"]
        crm.get("accounts")
        refused = crm.get("accounts")
        assert said(refused) == (429, "rate_limited")
        assert (refused["Retry-After"], refused["RateLimit-Remaining"]) == ("45", "0")
        assert api_for().get("accounts").status_code == 200
        clock.shift(45)
        assert crm.get("accounts").status_code == 200


def test_who_guesses_keys_is_told_to_wait(crm, settings):
    settings.API_BAD_KEYS_PER_MINUTE = 3
    answers = [crm.send("GET", "accounts", Authorization=f"Bearer guess{n}") for n in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert answers[3]["Retry-After"] == "60"
    spoofed = crm.send("GET", "accounts", Authorization="Bearer guess", X_Forwarded_For="9.9.9.9")
    assert spoofed.status_code == 429
    assert crm.get("accounts").status_code == 200


def test_the_command_prints_the_token_alone(cast, capsys):
    call_command("api_key", "create", "--name", "CRM", "--scopes", "accounts:read events:read", "--expires", "30")
    token = capsys.readouterr().out
    assert (token[:4], token.count("\n")) == ("prm_", 1)
    key = ApiKey.objects.get(name="CRM")
    assert (key.partner_id, key.scopes, (key.expires_at - now()).days) == (None, ["accounts:read", "events:read"], 29)
    assert Api(token.strip()).get("accounts").status_code == 200
    cast.acme.refresh_from_db()
    call_command("api_key", "create", "--name", "Acme", "--scopes", "*", "--partner", cast.acme.reference)
    assert [row["name"] for row in Api(capsys.readouterr().out.strip()).get("partners").json()["data"]] == ["Acme"]


@pytest.mark.parametrize("words", [("--scopes", "money:write"), ("--scopes", "*", "--partner", "P-NONE")])
def test_the_command_refuses_unknown_scopes_and_partners(db, words):
    with pytest.raises(CommandError):
        call_command("api_key", "create", "--name", "CRM", *words)
