"""API keys: issued once in clear, kept as a hash, revoked at once."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Refused, Stale
from core.events import record
from partners.actors import hash_token
from partners.models import ApiKey
from partners.particulars import KeyTerms
from partners.roles import ALL_SCOPES

PREFIX = "prm_"
HINT_LENGTH = 12


@transaction.atomic
def issue_key(terms: KeyTerms, *, by: Actor, at: datetime) -> tuple[ApiKey, str]:
    """A new key and its token, which nobody can read again."""
    by.require("key.create" if terms.partner and not by.inside else "vendor_key.create")
    if unknown := set(terms.scopes) - {"*", *ALL_SCOPES}:
        raise Refused(_("There is no scope %s.") % ", ".join(sorted(unknown)), code="unknown_scope", field="scopes")
    if not terms.scopes:
        raise Refused(_("Choose at least one scope."), field="scopes")
    if terms.expires_at is not None and terms.expires_at <= at:
        raise Refused(_("Enter a day in the future."), field="expires_at")
    token = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        partner=terms.partner,
        name=terms.name,
        scopes=sorted(set(terms.scopes)),
        expires_at=terms.expires_at,
        hint=token[:HINT_LENGTH],
        token_hash=hash_token(token),
        created_by_id=by.id if by.kind in ("partner", "vendor") else None,
    )
    record("created", key, by=by, at=at, partner_id=key.partner_id, data={"name": key.name, "scopes": key.scopes})
    return key, token


@transaction.atomic
def revoke_key(key: ApiKey, *, by: Actor, at: datetime) -> ApiKey:
    """The key opens nothing from now on."""
    by.require("key.create" if key.partner_id and not by.inside else "vendor_key.create")
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at) != 1:
        raise Stale(_("Somebody revoked this key already."))
    key.refresh_from_db()
    record("revoked", key, by=by, at=at, partner_id=key.partner_id, data={"name": key.name})
    return key
