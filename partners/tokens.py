"""Tokens of invitations and applications: made anew by signing whenever a mail needs one, never stored."""

from django.conf import settings
from django.core.signing import Signer

from partners.actors import hash_token
from partners.models import Application, Invitation

_SALTS = {Invitation: "partners.invitation", Application: "partners.application"}
Sent = Invitation | Application


def _sign(invitation: Sent, key: str) -> str:
    return Signer(key=key, salt=_SALTS[type(invitation)]).signature(
        f"{invitation.pk.hex}:{invitation.sent_at.timestamp()}"
    )


def fresh(invitation: Sent) -> str:
    """The token for this id and moment of sending: another moment gives another token."""
    return _sign(invitation, settings.SECRET_KEY)


def of(invitation: Sent) -> str | None:
    """The token of an invitation that was sent; None when its key has been replaced since."""
    candidates = (_sign(invitation, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
    return next((token for token in candidates if hash_token(token) == invitation.token_hash), None)
