"""The outermost frame: below /api/ every error is application/problem+json, whoever refused."""

import uuid

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse

from core.api.problems import BY_STATUS, MEDIA_TYPE, Problem, respond, unavailable

ROOT = "/api/"
PAGES = ("/api/docs/",)


class ProblemMiddleware:
    """Turns pages of errors into problems; the REST API gets no cookies, so no session can speak there."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request) -> HttpResponse:
        if not request.path_info.startswith(ROOT) or request.path_info in PAGES:
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        request.request_id = uuid.uuid4().hex
        response = self.get_response(request)
        if response.status_code >= 400 and response.headers.get("Content-Type") != MEDIA_TYPE:
            response = self._translated(request, response)
        response.headers.setdefault("X-Request-ID", request.request_id)
        return response

    def _translated(self, request, response: HttpResponse) -> HttpResponse:
        status = response.status_code
        code = BY_STATUS.get(status, "internal_error" if status >= 500 else "bad_request")
        if status == 503:
            return respond(unavailable(OperationalError()), request.request_id)
        kept = {name: response[name] for name in ("Allow", "Retry-After") if name in response}
        return respond(Problem(code, status=status, headers=kept), request.request_id)

    def process_exception(self, request, error: Exception) -> HttpResponse | None:
        """The database went away outside of any view's own frame."""
        if request.path_info.startswith(ROOT) and isinstance(error, (OperationalError, InterfaceError)):
            return respond(unavailable(error), request.request_id)
        return None
