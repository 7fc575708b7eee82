"""Turns a signed-in person or an API key into the actor that everything below the doors knows."""

import hashlib
from datetime import datetime

from django.db.models import Q

from accounts.enums import Kind
from accounts.models import User
from core.actor import NOBODY, Actor
from core.scope import elevated
from partners import roles
from partners.models import ApiKey, Member, Partner


def actor_for(user) -> Actor:
    """The actor of a signed-in user; the empty actor for everybody else."""
    if not user.is_authenticated or not user.is_active:
        return NOBODY
    if user.kind == Kind.VENDOR:
        return Actor(str(user), "vendor", user.pk, sees_all=True, permissions=roles.of_staff(user.staff_role))
    return _partner_actor(user) if user.kind == Kind.PARTNER else NOBODY


def _partner_actor(user: User) -> Actor:
    with elevated():
        rows = list(Member.objects.filter(user=user, ended_at=None).values_list("partner_id", "role"))
        # what was merged into the company is its own history
        merged = Partner.objects.filter(merged_into__in=[p for p, _r in rows]).values_list("pk", flat=True)
        own = frozenset(p for p, _role in rows) | frozenset(merged)
    permissions = frozenset().union(*(roles.of_member(role) for _partner, role in rows))
    return Actor(str(user), "partner", user.pk, own, permissions=permissions)


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def key_of(token: str, at: datetime) -> ApiKey | None:
    """The live API key of a token, or None."""
    with elevated():
        live = Q(expires_at=None) | Q(expires_at__gt=at)
        return ApiKey.objects.filter(live, token_hash=hash_token(token), revoked_at=None, deleted_at=None).first()


def actor_of_key(key: ApiKey) -> Actor:
    """The actor of an API client: all partners for the vendor's keys, one for a key bound to a partner."""
    scopes = frozenset(key.scopes)
    bound = key.partner_id is not None
    return Actor(
        label=key.name,
        kind="api",
        id=key.pk,
        partner_ids=frozenset({key.partner_id} if bound else ()),  # type: ignore[arg-type]
        sees_all=not bound,
        permissions=roles.of_scopes(scopes, bound=bound),
        scopes=scopes,
    )
