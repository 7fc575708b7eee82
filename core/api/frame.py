"""The frame around every request: key → actor → limit → one transaction → answer."""

import json
import re
from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework import exceptions as rest
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from core.actor import Actor
from core.api import clean, limits, query, show, writes
from core.api.idempotency import once
from core.api.parser import StrictJson, StrictMergePatch
from core.api.problems import problem_of, respond
from core.api.resources import WRITE, Resource
from core.clock import now
from core.errors import Refused
from core.events import request_id
from core.scope import scope


class JsonWhateverTheyAccept(BaseContentNegotiation):
    def select_parser(self, request, parsers):
        sent = request.content_type.partition(";")
        charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", sent[2], re.IGNORECASE)
        if charset and charset[1].lower() not in ("utf-8", "utf8"):
            return None
        return next((p for p in parsers if p.media_type == sent[0].strip().lower()), None)

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class Undo(Exception):
    """Carries an answer that must leave nothing behind."""

    def __init__(self, response: HttpResponse):
        super().__init__("undo")
        self.response = response


def answer(data: Any, status: int = 200, **headers: str) -> HttpResponse:
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(body, "application/json", status=status, headers=headers)


class ActorView(APIView):
    """Key → actor → limit → one transaction that knows the actor → answer; an error leaves nothing behind."""

    parser_classes = (StrictJson, StrictMergePatch)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = JsonWhateverTheyAccept
    metadata_class = None
    resource: ClassVar[Resource | None] = None
    settings_name: ClassVar[str] = ""  # of the scope, where there is no resource

    def dispatch(self, request, *args, **kwargs):
        self.args, self.kwargs, self.at = args, kwargs, now()
        self.request = request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        self.allowance: limits.Allowance | None = None
        try:
            response = self._within_scope(request)
        except Exception as error:
            response = self._refusal(error)
        self.response = self.finalize_response(request, response, *args, **kwargs)
        return self.response

    def _within_scope(self, request) -> HttpResponse:
        self.perform_authentication(request)
        self.actor: Actor = request.user.actor
        self.allowance = limits.spend(f"{self.actor.kind}:{self.actor.id}")
        name = request.method.lower()
        handler = getattr(self, name, None) if name in self.http_method_names else None
        if handler is None or name == "options":
            raise rest.MethodNotAllowed(request.method)
        try:
            with scope(self.actor):
                return self._handled(request, handler)
        except Undo as undo:
            return undo.response

    def _handled(self, request, handler: Callable[..., HttpResponse]) -> HttpResponse:
        def work() -> HttpResponse:
            return handler(request, *self.args, **self.kwargs)

        response = once(request, self.actor, work) if request.method == "POST" else work()
        if response.status_code >= 400:
            raise Undo(response)
        return response

    def _refusal(self, error: Exception) -> HttpResponse:
        if isinstance(error, Refused) and error.field and self.resource:
            error.field = self.resource.field_named(error.field)
        problem = error.problem() if isinstance(error, clean.Invalid) else problem_of(error)
        if problem is None:
            raise error
        if problem.status == 401:
            problem.headers["WWW-Authenticate"] = self.get_authenticate_header(self.request)
        if problem.status == 405:
            problem.headers["Allow"] = ", ".join(m for m in self.allowed_methods if m != "OPTIONS")
        return respond(problem, request_id.get())

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        if self.allowance:
            for name, value in self.allowance.headers().items():
                response.headers.setdefault(name, value)
        return response

    def permission_denied(self, request, message=None, code=None):
        raise rest.NotAuthenticated

    def perform_authentication(self, request):
        if not getattr(request.user, "is_authenticated", False):
            raise rest.NotAuthenticated

    def parameters(self, *known: str) -> dict[str, str]:
        return query.words(self.request.query_params, set(known))

    def require(self, verb: str) -> None:
        """Scope, then permission. Raises Problem."""
        show.require_scope(self.actor, self.resource.name if self.resource else self.settings_name, verb)
        if verb == WRITE and self.resource:
            writes.may_write(self.resource, self.actor)
