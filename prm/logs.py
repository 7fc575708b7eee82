"""What the log says of a request: which page, how it ended, for whom; never what was typed, never what opens a door."""

import re
import uuid
from contextlib import suppress
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

_ONE_TIME = re.compile(r"(?<=/)(?![a-z]+_[0-9a-f]{32}(?:/|$))[\w~:.=-]{20,}(?=/|$)")
# links that open something for whoever has them, wherever they are written
_DOORS = re.compile(r"(/(?:join|confirm-email|password/reset/key)/)[^/\s?\"']+")
_SECRET_WORDS = ("password", "token", "secret", "authorization", "cookie", "code", "api_key")


def without_secrets(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Blots out one-time codes in paths, and texts whose names speak of secrets, whoever logged them."""
    return {name: _without_secret(name, value) for name, value in event.items()}


def _without_secret(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if any(word in name.lower() for word in _SECRET_WORDS):
        return "…"
    return _DOORS.sub(r"\1…", _ONE_TIME.sub("…", value) if name == "event" else value)


def request_number() -> str:
    """Which number do the log lines of this request carry? 32 hexadecimal digits; the one people are shown."""
    number = uuid.UUID(structlog.contextvars.get_contextvars().get("request_id") or uuid.uuid4().hex).hex
    structlog.contextvars.bind_contextvars(request_id=number)
    return number


class RequestLog(RequestMiddleware):
    """Logs paths without queries and without one-time codes."""

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Whose request it is. While the database is away nobody knows, and the answer says so, not the log."""
        with suppress(OperationalError, InterfaceError):
            RequestMiddleware.bind_user_id(request)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {_ONE_TIME.sub('…', request.path)}"
