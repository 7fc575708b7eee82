"""What stands before every page: sessions that are over, and vendor staff without a second factor."""

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import queries
from accounts.models import User
from core.doors import to_sign_in

SIGNED_IN, SEEN, SECOND_FACTOR = "signed_in", "seen", "second_factor"
SEEN_EVERY = 60  # seconds between two writes of "seen"
OWN_PAGES = "/accounts/"


def stop(request: HttpRequest, at: datetime) -> HttpResponse | None:
    """Where a request must go instead of its page; None when it may go on, in its reader's own time zone."""
    user = request.user
    timezone.activate(_zone(user.time_zone) if user.is_authenticated else timezone.get_default_timezone())
    if not user.is_authenticated:
        return None
    if over(request.session, user, int(at.timestamp())):
        logout(request)
        messages.info(request, _("You were signed out because nothing happened for a while. Sign in again."))
        return to_sign_in(request)
    return _to_second_factor(request, user)


def _zone(name: str) -> tzinfo:
    """A zone that this machine does not know must lock nobody out."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return timezone.get_default_timezone()


def stamp(session, at: datetime) -> None:
    """Starts the clocks of a session: at sign-in, or when a session without them is first seen."""
    session[SIGNED_IN] = session[SEEN] = int(at.timestamp())


def over(session, user: User, second: int) -> bool:
    """Whether a session has lived or idled too long; else its last moment moves on."""
    began, seen = session.setdefault(SIGNED_IN, second), session.setdefault(SEEN, second)
    idle = settings.STAFF_IDLE_SECONDS if user.is_staff else settings.PARTNER_IDLE_SECONDS
    if second - began >= settings.SESSION_COOKIE_AGE or (idle and second - seen >= idle):
        return True
    if second - seen >= SEEN_EVERY:
        session[SEEN] = second
    return False


def _to_second_factor(request: HttpRequest, user: User) -> HttpResponse | None:
    if not (user.is_staff and settings.REQUIRE_STAFF_MFA) or request.session.get(SECOND_FACTOR):
        return None
    if queries.has_second_factor(user):
        request.session[SECOND_FACTOR] = True
        return None
    if request.path.startswith(OWN_PAGES):
        return None
    messages.info(request, _("Your role needs a second step to sign in. Set one up to go on."))
    return redirect("mfa_index")
