"""Turns a signed-in person or an API key into the actor that everything below the doors knows."""

import hashlib
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Func, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject, Now, TruncDate

from accounts.enums import Kind
from accounts.models import User
from core.actor import NOBODY, Actor, Reach
from core.scope import elevated
from partners import roles
from partners.enums import StaffRole
from partners.models import Absence, ApiKey, HouseRules, ManagerRegion, Member, Partner


def actor_for(user) -> Actor:
    """The actor of a signed-in user; the empty actor for everybody else."""
    if not user.is_authenticated or not user.is_active:
        return NOBODY
    if user.kind == Kind.VENDOR:
        return _vendor_actor(user)
    return _partner_actor(user) if user.kind == Kind.PARTNER else NOBODY


def _merged() -> ArraySubquery:
    """What was merged into the company is its own history."""
    return ArraySubquery(Partner.objects.filter(merged_into=OuterRef("partner_id")).values("pk"))


@cache
def with_places() -> QuerySet[User]:
    """People with where each of them works and whose partners they see, which actor_for then needs not ask for.
    Elevated callers alone. Put together once: for every page that took longer than asking the database."""
    works = Member.objects.filter(user=OuterRef("pk"), ended_at=None)
    told = JSONObject(own=Func(F("partner_id"), _merged(), function="array_prepend"), role="role")
    return User.objects.annotate(works=ArraySubquery(works.values(told=told)), kept=_kept())


def _kept() -> Subquery:
    """Where the house keeps managers to their regions: which those are, and for whom they stand in today."""
    person, today = OuterRef(OuterRef("pk")), TruncDate(Now())
    away = Absence.objects.filter(delegate=person, cancelled_at=None, first_day__lte=today, last_day__gte=today)
    regions = ManagerRegion.objects.filter(person=person).values("region")
    told = JSONObject(regions=ArraySubquery(regions), away=ArraySubquery(away.values("person_id")))
    return Subquery(HouseRules.objects.filter(managers_by_region=True).values(told=told)[:1])


def _placed(user: User) -> User:
    """The user with its places; nothing is asked where they were read along."""
    if hasattr(user, "works"):
        return user
    with elevated():
        return with_places().get(pk=user.pk)


def _vendor_actor(user: User) -> Actor:
    """Sees all, but for channel managers where the house keeps them to the partners of their regions."""
    may = roles.of_staff(user.staff_role)
    kept: dict[str, list[str]] | None = None
    if user.staff_role == StaffRole.CHANNEL_MANAGER:
        kept = _placed(user).kept  # type: ignore[attr-defined]
    if kept is None:
        return Actor(str(user), "vendor", user.pk, sees_all=True, permissions=may)
    regions, people = frozenset(kept["regions"]), frozenset({user.pk, *map(UUID, kept["away"])})
    reach = Reach(regions, people, Partner.objects.all().looked_after(regions, people).values("pk"))
    return Actor(str(user), "vendor", user.pk, permissions=may, reach=reach)


def _partner_actor(user: User) -> Actor:
    rows: list[dict[str, Any]] = _placed(user).works  # type: ignore[attr-defined]
    own = frozenset(UUID(pk) for one in rows for pk in one["own"])
    permissions = frozenset().union(*(roles.of_member(one["role"]) for one in rows))
    return Actor(str(user), "partner", user.pk, own, permissions=permissions)


class SignedIn(AuthenticationBackend):
    """Sign-in as allauth has it; the reader of a page and its partners are read in one statement."""

    def get_user(self, user_id: Any) -> User | None:
        with elevated():
            user = with_places().filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def key_of(token: str, at: datetime) -> ApiKey | None:
    """The live API key of a token, or None."""
    with elevated():
        live = Q(expires_at=None) | Q(expires_at__gt=at)
        keys = ApiKey.objects.annotate(merged=_merged())
        return keys.filter(live, token_hash=hash_token(token), revoked_at=None, deleted_at=None).first()


def actor_of_key(key: ApiKey) -> Actor:
    """The actor of an API client: all partners for the vendor's keys; for a key bound to a partner what its people
    read, with what became part of it."""
    scopes = frozenset(key.scopes)
    bound = key.partner_id is not None
    partners = {key.partner_id, *getattr(key, "merged", ())} if bound else ()
    return Actor(
        label=key.name,
        kind="api",
        id=key.pk,
        partner_ids=frozenset(partners),
        sees_all=not bound,
        permissions=roles.of_scopes(scopes, bound=bound),
        scopes=scopes,
        own=key.partner_id,
    )
