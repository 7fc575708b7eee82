"""Links that lend a file: to one signed-in person, for five minutes."""

from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing

from core.models import StoredFile

LENT_FOR = timedelta(minutes=5)
_PURPOSE = "core.files"


def token(file: StoredFile, reader: UUID, at: datetime) -> str:
    """Opens this file for this reader until five minutes from now."""
    return signing.dumps([file.pk.hex, reader.hex, int((at + LENT_FOR).timestamp())], salt=_PURPOSE)


def read(text: str, reader: UUID | None, at: datetime) -> UUID | None:
    """The file's id; None when the time is over or another person asks. Raises BadSignature for a changed link."""
    file, lent_to, until = signing.loads(text, salt=_PURPOSE)
    good = reader is not None and lent_to == reader.hex and at.timestamp() < until
    return UUID(file) if good else None
