"""Signed links in mails: whoever holds one may do one thing to one record, without signing in."""

from datetime import timedelta
from uuid import UUID

from django.core import signing

from core.models import Record


def token(purpose: str, record: Record, stamp: str = "") -> str:
    """A token for this record; another `stamp` (say, the moment of asking) makes another token."""
    return signing.dumps([record.pk.hex, stamp], salt=purpose)


def read(purpose: str, text: str, lives: timedelta) -> tuple[UUID, str] | None:
    """(id, stamp) of a token that was made for this purpose and is not too old; None otherwise."""
    try:
        pk, stamp = signing.loads(text, salt=purpose, max_age=lives)
    except (signing.BadSignature, ValueError):
        return None
    return UUID(pk), stamp
