"""The last answers: when an address leads nowhere, and when we fail. Never a word about our insides."""

import sys
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from core.api.problems import Problem, respond

log = structlog.get_logger(__name__)
OUTAGES = (OperationalError, InterfaceError)


def _id(request) -> str:
    return getattr(request, "request_id", "")


def _for_api(request) -> bool:
    return request.path.startswith("/api/")


def bad_request(request, exception=None) -> HttpResponse:
    if _for_api(request):
        return respond(Problem("bad_request"), _id(request))
    return last_word(request, 400)


def forbidden(request, exception=None) -> HttpResponse:
    return last_word(request, 403)


def not_found(request, exception=None) -> HttpResponse:
    if _for_api(request):
        return respond(Problem("not_found"), _id(request))
    return last_word(request, 404)


def last_word(request, status: int, reason: Any = "") -> HttpResponse:
    """The styled page of a refusal. It has no navigation, so nothing is counted for one."""
    request.has_frame = False
    return render(request, f"{status}.html", {"reason": reason}, status=status)


def failed(request) -> HttpResponse:
    """503 while the database is away, else 500; neither page needs anything that may have failed."""
    outage = isinstance(sys.exc_info()[1], OUTAGES)
    if _for_api(request):
        retry = {"Retry-After": "5"} if outage else {}
        return respond(Problem("unavailable" if outage else "internal_error", headers=retry), _id(request))
    return unavailable() if outage else HttpResponse(_page(_id(request)), status=500)


def unavailable() -> HttpResponse:
    """The database is away: say so without touching it."""
    return HttpResponse(render_to_string("unavailable.html"), status=503, headers={"Retry-After": "5"})


def _page(code: str) -> str:
    return render_to_string("500.html", {"code": code[:8]})
