"""A reader for mail that was written into files: for installations without a mail server, and for the demo."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from core.console import ConsolePage
from core.errors import Forbidden
from core.parts import Column, Crumb, Fact, Row, Table

SHOWN = 100
FILES = "core.mail.FileBackend"


@dataclass(frozen=True)
class Letter:
    """A mail as the reader shows it: plain text alone, whatever else it holds."""

    name: str
    at: datetime
    subject: str
    to: str
    sender: str
    text: str


def read(file: Path) -> Letter:
    """The letter in a file. HTML is never shown: the text part says the same."""
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return Letter(file.stem, written, mail["Subject"] or "", mail["To"] or "", mail["From"] or "", _text(mail))


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain",))
    return part.get_content() if part else ""


def newest() -> list[Path]:
    """The files of the newest mails, the newest first."""
    files = Path(settings.MAIL_DIR).glob("*.eml")
    return sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)[:SHOWN]


def one(name: str) -> Path:
    """The file of a mail. Raises Http404 for a name that is not exactly a file of the mail directory."""
    directory = Path(settings.MAIL_DIR)
    file = directory / f"{name}.eml"
    if file.parent != directory or not file.is_file():
        raise Http404
    return file


class MailPage(ConsolePage):
    """Administrators read; in the demo all of the vendor's people do, since its letters are nobody's."""

    def dispatch(self, request, *args, **kwargs):
        if settings.EMAIL_BACKEND != FILES:
            raise Http404
        actor = request.actor
        if actor.is_vendor and not (settings.PRM_DEMO or actor.can("delivery.manage")):
            raise Forbidden(_("Only administrators read mail here."), permission="delivery.manage")
        return super().dispatch(request, *args, **kwargs)


class Mail(MailPage):
    def get(self, request):
        columns = (Column(_("Subject")), Column(_("To")), Column(_("Written"), "when"))
        rows = [self._row(read(file)) for file in newest()]
        context = {
            "heading": _("Mail"),
            "lead": _("This installation writes its mail into files. Set EMAIL_URL to send it."),
            "table": Table(_("Mail"), columns, rows) if rows else None,
            "empty": _("No mail yet."),
        }
        return self.show("partners/console_table.html", context)

    def _row(self, letter: Letter) -> Row:
        return Row((letter.subject, letter.to, letter.at), reverse("admin:mail_letter", args=[letter.name]))


class LetterPage(MailPage):
    def get(self, request, name: str):
        letter = read(one(name))
        context = {
            "heading": letter.subject,
            "crumbs": [Crumb(_("Mail"), reverse("admin:mail"))],
            "facts": [Fact(_("To"), letter.to), Fact(_("From"), letter.sender), Fact(_("Written"), letter.at)],
            "letter": letter,
        }
        return self.show("pages/letter.html", context)
