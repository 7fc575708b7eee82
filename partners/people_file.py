"""A file of people to invite: read row by row, each row judged, nothing written."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused
from core.text import clean
from partners import rules
from partners.enums import WORKING, InvitationStatus, MemberRole
from partners.models import Invitation, Member, Partner

COLUMNS = ("partner", "email", "role")
MOST_BYTES = 200_000


@dataclass(frozen=True)
class Line:
    """A row of the file. `why` says what is wrong with it; `known` that there is nothing to do."""

    number: int
    company: str
    email: str
    role: str
    partner: Partner | None = None
    why: str = ""
    known: bool = False

    @property
    def is_new(self) -> bool:
        return not self.why and not self.known


def text_of(content: bytes) -> str:
    """The words of a file. Raises Refused for what is no text or too large."""
    if len(content) > MOST_BYTES:
        raise Refused(_("Send a file up to %d kB.") % (MOST_BYTES // 1000), field="file")
    coding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(coding)
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read(text: str, actor: Actor) -> list[Line]:
    """Every row with its verdict. Raises Refused when the file as a whole can't be read."""
    rows = _rows(text)
    partners = _partners(actor, {row[0] for _n, row in rows})
    lines = [_line(n, row, partners) for n, row in rows]
    return list(_without_twins(_known(lines, actor)))


def _rows(text: str) -> list[tuple[int, tuple[str, str, str]]]:
    if "\x00" in text:
        raise Refused(_("This is no CSV file. Save it as CSV with UTF-8."), field="file")
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        found = list(csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), delimiter=delimiter))
    except csv.Error as error:
        raise Refused(_("The file can't be read. Save it as CSV with UTF-8."), field="file") from error
    head = [word.strip().casefold() for word in found[0]] if found else []
    if missing := [name for name in COLUMNS if head.count(name) != 1]:
        words = _("The first row must name each column once: partner, email, role. Missing: %s.")
        raise Refused(words % ", ".join(missing), field="file")
    places = [head.index(name) for name in COLUMNS]
    rows = [(n, _cells(row, places)) for n, row in enumerate(found[1:], 2) if any(cell.strip() for cell in row)]
    if not 0 < len(rows) <= rules.ROWS_AT_ONCE:
        raise Refused(_("Send 1 to %d people in one file.") % rules.ROWS_AT_ONCE, field="file")
    return rows


def _cells(row: list[str], places: list[int]) -> tuple[str, str, str]:
    one, two, three = (clean(row[place]).strip()[:300] if place < len(row) else "" for place in places)
    return one, two.casefold(), three.casefold()


def _partners(actor: Actor, names: set[str]) -> dict[str, list[Partner]]:
    """Word (reference, name or domain, in small letters) → the partners it may mean."""
    asked = Q(pk=None)
    for name in names:
        asked |= Q(reference__iexact=name) | Q(name__iexact=name) | Q(domain__iexact=name)
    found: dict[str, list[Partner]] = {}
    for partner in Partner.objects.visible_to(actor).filter(asked, deleted_at=None):
        for word in {partner.reference.casefold(), partner.name.casefold(), partner.domain.casefold()}:
            found.setdefault(word, []).append(partner)
    return found


def _line(number: int, row: tuple[str, str, str], partners: dict[str, list[Partner]]) -> Line:
    company, email, role = row
    meant = partners.get(company.casefold(), []) if company else []
    why = _wrong(meant, email, role)
    return Line(number, company, email, role, meant[0] if len(meant) == 1 else None, why)


def _wrong(meant: list[Partner], email: str, role: str) -> str:
    if len(meant) != 1:
        return _("Several partners are called so. Use the number, like P-7F3K2.") if meant else _("No such partner.")
    if meant[0].status not in WORKING:
        return _("This partner does not work with us now.")
    if role not in MemberRole.values:
        return _("Choose one of these roles: %s.") % ", ".join(MemberRole.values)
    try:
        validate_email(email)
    except ValidationError:
        return _("Enter an address like ana@company.com.")
    return "" if len(email) <= 254 else _("This address is too long.")


def _known(lines: list[Line], actor: Actor) -> Iterator[Line]:
    """Who is there or invited already needs nothing; who works elsewhere can't come."""
    emails = [line.email for line in lines if line.partner]
    members = Member.objects.visible_to(actor).filter(ended_at=None, user__email__in=emails)
    here = dict(members.values_list("user__email", "partner_id"))
    sent = Invitation.objects.visible_to(actor).filter(status=InvitationStatus.SENT, email__in=emails)
    waiting = set(sent.values_list("email", "partner_id"))
    for line in lines:
        place = here.get(line.email)
        if line.why or not line.partner:
            yield line
        elif place == line.partner.pk or (line.email, line.partner.pk) in waiting:
            yield _as(line, known=True)
        else:
            yield _as(line, why=_("Works for another partner here.")) if place else line


def _without_twins(lines: Iterable[Line]) -> Iterator[Line]:
    seen: dict[str, int] = {}
    for line in lines:
        twin = seen.setdefault(line.email, line.number)
        yield line if twin == line.number or line.why else _as(line, why=_("The same address is in row %d.") % twin)


def _as(line: Line, *, known: bool = False, why: str = "") -> Line:
    return Line(line.number, line.company, line.email, line.role, line.partner, why, known)
