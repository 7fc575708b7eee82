"""Tokens of invitations: made anew by signing whenever a mail needs one, never stored."""

from django.conf import settings
from django.core.signing import Signer

from partners.actors import hash_token
from partners.models import Invitation

_SALT = "partners.invitation"


def _sign(invitation: Invitation, key: str) -> str:
    return Signer(key=key, salt=_SALT).signature(f"{invitation.pk.hex}:{invitation.sent_at.timestamp()}")


def fresh(invitation: Invitation) -> str:
    """The token for this id and moment of sending: another moment gives another token."""
    return _sign(invitation, settings.SECRET_KEY)


def of(invitation: Invitation) -> str | None:
    """The token of an invitation that was sent; None when its key has been replaced since."""
    candidates = (_sign(invitation, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
    return next((token for token in candidates if hash_token(token) == invitation.token_hash), None)
