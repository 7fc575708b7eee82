"""Composes a mail that is the same at every repeat: the Message-ID is the delivery's."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.models import Delivery


def address(path: str) -> str:
    """A full address from the configured base, never from a request."""
    return settings.BASE_URL.rstrip("/") + path


def moment(at: datetime | None, zone: str) -> str:
    """A moment in the words of its place: "Tue 24 Nov, 17:00 (Lisbon)"."""
    if at is None:
        return ""
    local = at.astimezone(ZoneInfo(zone))
    return f"{date_format(local, 'D j M, H:i')} ({zone.rpartition('/')[2].replace('_', ' ')})"


_PASSING = ("accept_by", "again_by", "answer_by", "claim_answer_by", "claim_by", "protected_until", "until")


def is_past(words: Mapping[str, Any], *texts: Any) -> bool:
    """Whether a text names a day that is no more: the mail came late, and what took the day away has its own."""
    named = [name for name in _PASSING if any(f"%({name})s" in str(text) for text in texts)]
    return any(not words.get(name) for name in named)


def portal_name() -> str:
    return _("%s Partners") % settings.VENDOR_NAME if settings.VENDOR_NAME else _("Partner portal")


def compose(
    delivery: Delivery, to: Sequence[str], subject: str, template: str, context: Mapping[str, Any], *, thread: str = ""
) -> Callable[[], Any] | None:
    """What to call to send the mail, or None when nobody is to get it.

    `template` names `mail/<template>.txt`, plain text; the HTML part is drawn from the same words by `mail/frame.html`.
    """
    if not to:
        return None
    words = {"portal_name": portal_name(), **context}
    text = render_to_string(f"mail/{template}.txt", words).strip() + "\n"
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split()), body=text, from_email=settings.DEFAULT_FROM_EMAIL, to=list(to),
        headers=_headers(delivery, thread),
    )  # fmt: skip
    mail.attach_alternative(
        render_to_string("mail/frame.html", {**words, "paragraphs": _paragraphs(text)}), "text/html"
    )
    return mail.send


def _headers(delivery: Delivery, thread: str) -> dict[str, str]:
    own = {"Message-ID": f"<{delivery.pk}@{settings.MAIL_HOST}>", "Auto-Submitted": "auto-generated"}
    return own | ({"References": f"<{thread}@{settings.MAIL_HOST}>"} if thread else {})


def _paragraphs(text: str) -> list[str]:
    return [block.strip() for block in text.split("\n\n") if block.strip()]
