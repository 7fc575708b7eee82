"""Who calls the API: `Authorization: Bearer prm_…` becomes an actor. No session, no key in an address."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from core.actor import Actor
from core.clock import now
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
        if scheme.lower() != "bearer" or not (token.isascii() and token.isprintable() and 0 < len(token) <= _LONGEST):
            raise AuthenticationFailed
        at = now()
        key = key_of(token.strip(), at)
        if key is None:
            raise AuthenticationFailed
        _touch(key, at)
        return Client(actor_of_key(key)), key

    def authenticate_header(self, request) -> str:
        return 'Bearer realm="api"'


def _touch(key: ApiKey, at: datetime) -> None:
    """Notes that a key is in use, at most once a minute."""
    if key.last_used_at is None or at - key.last_used_at >= _TOUCHED_EVERY:
        with elevated():
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=at)
