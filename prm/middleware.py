"""Around every view: the actor, the transaction the database knows the actor of, and the refusals in words."""

from allauth.account.middleware import AccountMiddleware
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.contrib import messages
from django.db import Error, InterfaceError, OperationalError, ProgrammingError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import gate
from core import errors, events
from core.actor import NOBODY
from core.clock import now
from core.scope import scope
from partners.actors import actor_for
from prm import watching
from prm.logs import request_number
from prm.pages.errors import bad_request, last_word, unavailable

STATUS = {
    errors.Refused: 422,
    errors.IllegalTransition: 422,
    errors.Forbidden: 403,
    errors.Stale: 409,
}
REFUSALS: tuple[type[errors.Refused | errors.Forbidden | errors.Stale], ...] = tuple(STATUS)
# Django asks other middleware about exceptions of views only, and ours calls the view itself.
SIGN_IN = AccountMiddleware(lambda _request: HttpResponse())
BEYOND = "42501"  # what PostgreSQL says when a row is written that the writer may not see
UNSCOPED = {"healthz", "readyz", "prometheus"}


class ActorMiddleware:
    """Sets `request.actor` and runs the view in `scope(actor)`; what a view refuses leaves nothing behind."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.request_id = request_number()
        token = events.request_id.set(request.request_id)
        try:
            if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
                return refused_input(request)
            response = self.get_response(request)
            response.headers["X-Request-ID"] = request.request_id
            if getattr(request, "actor", NOBODY) != NOBODY:
                response.headers.setdefault("Cache-Control", "no-store")
            return response
        finally:
            events.request_id.reset(token)

    def process_view(self, request, view, args, kwargs):
        if request.resolver_match.url_name in UNSCOPED or is_api(request):
            return None  # the API finds its actor by key and opens the scope itself
        try:
            if stopped := gate.stop(request, now()) or known(request):
                return stopped
            with scope(request.actor):
                response = view(request, *args, **kwargs)
                return response.render() if hasattr(response, "render") else response
        except REFUSALS as refusal:
            return last_word(request, STATUS[type(refusal)], refusal.reason)
        except (ImmediateHttpResponse, ReauthenticationRequired) as wish:
            return SIGN_IN.process_exception(request, wish)
        except (OperationalError, InterfaceError, ProgrammingError) as error:
            return failed(request, error)


def failed(request, error: Error) -> HttpResponse:
    """No database, or a wall: somebody kept to some partners was about to write a row of another one."""
    if not isinstance(error, ProgrammingError):
        return unavailable()
    if not (request.actor.reach and getattr(error.__cause__, "pgcode", "") == BEYOND):
        raise error
    return last_word(request, 403, _("This reaches a partner you don't look after. Ask channel operations to do it."))


def known(request) -> HttpResponse | None:
    """Sets the actor. Whoever looks as a partner is its reader in the portal, and changes nothing anywhere."""
    request.actor = actor_for(request.user)
    seen = request.watching = watching.present(request, request.actor)
    if seen is None:
        return None
    if watching.over(seen, now()):
        request.watching, back = None, watching.end(request)
        messages.info(request, _("The view as %s has ended. Open it again to go on.") % seen.name)
        return redirect(back) if watching.in_portal(request) else None
    if why := watching.barred(request, seen):
        return last_word(request, 403, why)
    if watching.in_portal(request):
        request.actor = seen.actor(request.actor)
    return None


def is_api(request) -> bool:
    return request.path.startswith("/api/v1/")


def refused_input(request) -> HttpResponse:
    if "\x00" in request.path:
        raise Http404
    return bad_request(request)
