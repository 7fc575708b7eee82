"""Holds every answer of the API tests against what the OpenAPI document says of it."""

import re
from functools import cache
from typing import Any

import jsonschema_rs

from prm.api import document

# Answers that belong to no operation: unknown addresses and methods; broken on purpose by a test.
BESIDE = {405, 500}


@cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    """Address → path of the document; fixed words before places."""
    found = [(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)), path) for path in document()["paths"]]
    return [
        (re.compile(rf"/api/v1{pattern}\Z"), path) for pattern, path in sorted(found, key=lambda f: f[0].count("[^"))
    ]


@cache
def _validator(path: str, method: str, status: str) -> Any:
    answers = document()["paths"][path][method]["responses"]
    assert status in answers, f"{method} {path} does not declare {status}"
    found = answers[status]
    if "$ref" in found:
        found = document()["components"]["responses"][found["$ref"].rpartition("/")[2]]
    content = found.get("content")
    if not content:
        return None
    ((kind, media),) = content.items()
    return kind, jsonschema_rs.validator_for({**media["schema"], "components": document()["components"]})


def hold(method: str, address: str, response: Any) -> None:
    """Raises AssertionError when the answer is not what the document says."""
    path = next((path for pattern, path in _paths() if pattern.match(address.partition("?")[0])), None)
    method = "get" if method == "HEAD" else method.lower()
    if response.status_code in BESIDE or path is None or method not in document()["paths"][path]:
        return
    told = _validator(path, method, str(response.status_code))
    if told is None or not response.content:
        return
    kind, validator = told
    assert response["Content-Type"] == kind
    validator.validate(response.json())
