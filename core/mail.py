"""Mail into files, for installations without a mail server."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.text import get_valid_filename


class FileBackend(BaseEmailBackend):
    """Writes every message as `<message-id>.eml` into MAIL_DIR; the same Message-ID again replaces the file."""

    def __init__(self, fail_silently: bool = False, **_kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self.directory = Path(settings.MAIL_DIR)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many messages were written? Raises OSError when the directory cannot be written to."""
        self.directory.mkdir(parents=True, exist_ok=True)
        sent = [message for message in email_messages if message.recipients()]
        for message in sent:
            self._write(message)
        return len(sent)

    def _write(self, message: EmailMessage) -> None:
        words = message.message()
        name = get_valid_filename(str(words["Message-ID"]).strip("<>"))
        handle, fresh = tempfile.mkstemp(dir=self.directory, prefix=".", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(words.as_bytes())
        os.replace(fresh, self.directory / f"{name}.eml")
