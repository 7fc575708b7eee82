"""Turns a signed-in person or an API key into the actor that everything below the doors knows."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Func, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

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


def with_memberships(users: QuerySet[User]) -> QuerySet[User]:
    """The same with where each of them works, which actor_for then needs not ask for. Elevated callers alone."""
    # what was merged into the company is its own history
    merged = ArraySubquery(Partner.objects.filter(merged_into=OuterRef("partner_id")).values("pk"))
    works = Member.objects.filter(user=OuterRef("pk"), ended_at=None)
    told = JSONObject(own=Func(F("partner_id"), merged, function="array_prepend"), role="role")
    return users.annotate(works=ArraySubquery(works.values(told=told)))


def _partner_actor(user: User) -> Actor:
    if not hasattr(user, "works"):
        with elevated():
            user = with_memberships(User.objects.filter(pk=user.pk)).get()
    rows: list[dict[str, Any]] = user.works  # type: ignore[attr-defined]
    own = frozenset(UUID(pk) for one in rows for pk in one["own"])
    permissions = frozenset().union(*(roles.of_member(one["role"]) for one in rows))
    return Actor(str(user), "partner", user.pk, own, permissions=permissions)


class SignedIn(AuthenticationBackend):
    """Sign-in as allauth has it; the reader of a page and its partners are read in one statement."""

    def get_user(self, user_id: Any) -> User | None:
        with elevated():
            user = with_memberships(User.objects.filter(pk=user_id)).first()
        return user if user and self.user_can_authenticate(user) else None


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
