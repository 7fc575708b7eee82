"""Clients of the API: the vendor's CRM, and one of Acme's own."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from tests.api import truth
from tests.factories import ApiKeyFactory


@dataclass
class Api:
    """Speaks JSON with a key; answers are Django's, with `.json()`."""

    token: str
    headers: dict[str, str] = field(default_factory=dict)
    http: Client = field(default_factory=Client)

    def send(self, method: str, path: str, body: Any = None, **headers: str):
        """`path` below /api/v1/; header names with _ for -. A body of bytes is sent as it is."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self.token}", **self.headers}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        kind = sent.pop("Content-Type", "application/json")
        address = path if path.startswith("/") else f"/api/v1/{path}"
        answer = self.http.generic(method, address, raw, content_type=kind, headers=sent)
        truth.hold(method, address, answer)
        return answer

    def get(self, path: str, **headers: str):
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str):
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any, version: int | None = None, **headers: str):
        match = {"If_Match": f'"{version}"'} if version is not None else {}
        return self.send("PATCH", path, body, **match, **headers)

    def delete(self, path: str, version: int | None = None, **headers: str):
        match = {"If_Match": f'"{version}"'} if version is not None else {}
        return self.send("DELETE", path, **match, **headers)

    def all(self, path: str) -> list[dict[str, Any]]:
        """Every row of a list, page by page."""
        rows: list[dict[str, Any]] = []
        while path:
            page = self.get(path).json()
            rows += page["data"]
            path = (page["next"] or "").partition("/api/v1/")[2]
        return rows


def api_for(partner=None, scopes: str = "*", **more: Any) -> Api:
    """A client with a fresh key; bound to `partner` when there is one."""
    key = ApiKeyFactory.build(partner=partner, scopes=scopes.split(), **more)
    token = f"prm_{key.pk.hex}"
    from partners.actors import hash_token  # noqa: PLC0415 - Django is set up by now

    key.token_hash = hash_token(token)
    key.save(force_insert=True)
    return Api(token)


@pytest.fixture
def crm(db) -> Api:
    """The vendor's own key with every scope."""
    return api_for()


@pytest.fixture
def acme_api(cast) -> Api:
    """A key of Acme with every scope."""
    return api_for(cast.acme)


def said(response) -> tuple[int, str]:
    """Status and code of a problem."""
    return response.status_code, response.json()["code"]


def pointers(response) -> list[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in response.json()["errors"]]
