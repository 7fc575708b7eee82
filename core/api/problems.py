"""What can go wrong, in one table, and how each error becomes application/problem+json."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from django.http import Http404, HttpResponse, UnreadablePostError
from rest_framework import exceptions as rest

from core.errors import Forbidden, IllegalTransition, Refused, Stale

log = structlog.get_logger(__name__)
_INSUFFICIENT_PRIVILEGE = "42501"
MEDIA_TYPE = "application/problem+json"
DOCS = "/api/docs/#"
# code: (status, title). Codes are stable; clients branch on them.
CODES: dict[str, tuple[int, str]] = {
    "bad_request": (400, "The request can't be read."),
    "malformed_json": (400, "The body isn't valid JSON."),
    "validation_failed": (400, "Some values can't be accepted."),
    "unknown_parameter": (400, "A query parameter isn't known here."),
    "invalid_parameter": (400, "A query parameter has a value we can't use."),
    "invalid_cursor": (400, "The cursor isn't one of ours or belongs to another query."),
    "invalid_idempotency_key": (400, "The Idempotency-Key can't be used."),
    "not_authenticated": (401, "An API key is needed."),
    "invalid_token": (401, "The API key isn't valid."),
    "permission_denied": (403, "This key may not do this."),
    "insufficient_scope": (403, "The key lacks a scope."),
    "four_eyes_required": (403, "Somebody else must decide this."),
    "not_found": (404, "There is nothing here."),
    "method_not_allowed": (405, "This address doesn't know the method."),
    "already_decided": (409, "Somebody was faster."),
    "illegal_transition": (409, "This can't be done in the present state."),
    "idempotency_in_progress": (409, "A request with this Idempotency-Key is at work."),
    "conflict": (409, "This collides with what is there."),
    "rule": (409, "A rule says no."),
    "too_many_files": (409, "Too many files wait to be named."),
    "deleted": (410, "This was deleted."),
    "version_mismatch": (412, "The version has moved on."),
    "too_large": (413, "The body is too large."),
    "unsupported_media_type": (415, "Send JSON."),
    "idempotency_key_reused": (422, "The Idempotency-Key was used for another request."),
    "precondition_required": (428, "Name the version you read."),
    "rate_limited": (429, "Too many requests."),
    "internal_error": (500, "Something broke on our side."),
    "unavailable": (503, "We can't reach our database now."),
}
BY_STATUS = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 414: "too_large",
             429: "rate_limited", 503: "unavailable"}  # fmt: skip


class Problem(Exception):
    """An answer that says no. `errors` are (pointer, code, detail); `extra` are further members of the body."""

    def __init__(
        self, code: str, detail: Any = "", *, errors: Sequence[tuple[str, str, Any]] = (), status: int = 0,
        headers: Mapping[str, str] | None = None, **extra: Any,
    ):  # fmt: skip
        self.code, self.detail, self.errors, self.extra = code, detail, errors, extra
        self.status = status or CODES.get(code, (409, ""))[0]
        self.headers = dict(headers or {})
        super().__init__(code)

    def body(self, request_id: str) -> dict[str, Any]:
        title = CODES.get(self.code, CODES["rule"])[1]
        body = {"type": DOCS + self.code, "title": title, "status": self.status, "code": self.code}
        body |= {"detail": str(self.detail) or title, "request_id": request_id, **self.extra}
        body["errors"] = [{"pointer": p, "code": c, "detail": str(d)} for p, c, d in self.errors]
        return body


def respond(problem: Problem, request_id: str) -> HttpResponse:
    """The problem as an answer."""
    body = json.dumps(problem.body(request_id), ensure_ascii=False)
    return HttpResponse(body, MEDIA_TYPE, status=problem.status, headers=problem.headers)


def refused(error: Refused) -> Problem:
    """A rule's refusal: 409; 400 when it is about one value that was sent."""
    if error.field:
        return Problem("validation_failed", error.reason, errors=[(f"/{error.field}", error.code, error.reason)])
    return Problem("rule" if error.code == Refused.code else error.code, error.reason, status=409)


def forbidden(error: Forbidden) -> Problem:
    return Problem(error.code, error.reason, status=403)


def stale(error: Stale) -> Problem:
    """Who lost a race: 409 for the state, 412 for the version."""
    return Problem(error.code, error.reason, status=412 if error.code == "version_mismatch" else 409)


def unavailable(error: Exception) -> Problem:
    log.warning("database_unavailable", error=type(error).__name__)
    return Problem(
        "unavailable", "Nothing you sent was lost. Try again in a few seconds.", headers={"Retry-After": "5"}
    )


def _collision(error: IntegrityError) -> Problem:
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    log.warning("constraint_violated", constraint=name)
    return Problem("conflict", "The values collide with a record that exists, or with one another.")


def _walled(error: ProgrammingError) -> Problem | None:
    """The second wall refused a row that the first one let through."""
    if getattr(error.__cause__, "pgcode", "") != _INSUFFICIENT_PRIVILEGE:
        return None
    log.error("second_wall_refused")
    return Problem("permission_denied", "This belongs to somebody else.")


def _not_allowed(error: rest.MethodNotAllowed) -> Problem:
    return Problem("method_not_allowed", error.detail)


_PLAIN: dict[type[Exception], Any] = {
    IllegalTransition: refused,
    Refused: refused,
    Forbidden: forbidden,
    Stale: stale,
    OperationalError: unavailable,
    InterfaceError: unavailable,
    IntegrityError: _collision,
    ProgrammingError: _walled,
    DataError: lambda error: Problem("bad_request", "A value is outside of what can be stored."),
    Http404: lambda error: Problem("not_found"),
    rest.NotFound: lambda error: Problem("not_found"),
    rest.MethodNotAllowed: _not_allowed,
    rest.UnsupportedMediaType: lambda error: Problem("unsupported_media_type", "Use Content-Type: application/json."),
    rest.NotAuthenticated: lambda error: Problem("not_authenticated", "Send Authorization: Bearer <key>."),
    rest.AuthenticationFailed: lambda error: Problem("invalid_token", "The key is unknown, revoked or expired."),
    RequestDataTooBig: lambda error: Problem("too_large"),
    UnreadablePostError: lambda error: Problem("bad_request", "The body ended too early."),
}


def problem_of(error: Exception) -> Problem | None:
    """Which problem an exception is; None for what nobody foresaw."""
    if isinstance(error, Problem):
        return error
    return next((_PLAIN[kind](error) for kind in type(error).__mro__ if kind in _PLAIN), None)
