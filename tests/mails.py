"""What no mail may hold: a place where a word is missing."""

import re
from collections.abc import Iterable

from django.core.mail import EmailMessage

_HOLE = re.compile(r"\b(?:after|by|since|until)(?: ?[.,·)]|$)|\( ?\)|[:,] ?[.,]|^[ ,.:;]|\bNone\b|%\(", re.MULTILINE)


def holes(messages: Iterable[EmailMessage]) -> list[str]:
    """The lines of these mails, subjects too, in which a word is missing."""
    lines = [line for one in messages for line in [one.subject, *str(one.body).splitlines()]]
    return [line for line in lines if _HOLE.search(line)]
