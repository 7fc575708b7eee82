"""Who calls the API: `Authorization: Bearer prm_…` becomes an actor. No session, no key in an address."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from core.actor import Actor
from core.api.problems import Problem
from core.clock import now
from core.limits import too_many
from core.scope import elevated
from partners.actors import actor_of_key, key_of
from partners.models import ApiKey

_TOUCHED_EVERY = timedelta(minutes=1)
_LONGEST = 200


@dataclass(frozen=True)
class Client:
    """What Django calls the user of an API request."""

    actor: Actor
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    @property
    def pk(self):
        return self.actor.id


class KeyAuthentication(BaseAuthentication):
    def authenticate(self, request) -> tuple[Client, ApiKey] | None:
        """The client of a live key; None without any. Raises AuthenticationFailed for what is no live key."""
        scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if not scheme:
            return None
        at = now()
        fit = token.isascii() and token.isprintable() and 0 < len(token) <= _LONGEST
        key = key_of(token.strip(), at) if scheme.lower() == "bearer" and fit else None
        if key is None:
            raise _refusal(request)
        _touch(key, at)
        return Client(actor_of_key(key)), key

    def authenticate_header(self, request) -> str:
        return 'Bearer realm="api"'


def _refusal(request) -> Exception:
    """What a caller without a live key is told; who guesses much is told to wait."""
    try:
        address = get_adapter().get_client_ip(request._request)
    except PermissionDenied:
        address = request.META.get("REMOTE_ADDR", "")
    if too_many(f"api_bad_key:{address}", settings.API_BAD_KEYS_PER_MINUTE, 60):
        return Problem("rate_limited", "Too many wrong keys. Wait a minute.", headers={"Retry-After": "60"})
    return AuthenticationFailed()


def _touch(key: ApiKey, at: datetime) -> None:
    """Notes that a key is in use, at most once a minute."""
    if key.last_used_at is None or at - key.last_used_at >= _TOUCHED_EVERY:
        with elevated():
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=at)
