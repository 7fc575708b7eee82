"""What pages show of a protected deal's requests: extensions, transfers, breaches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.parts import Tag
from deals.enums import BreachOutcome, RequestStatus
from deals.models import Breach, Extension, Transfer

_TONES = {RequestStatus.REQUESTED: "info", RequestStatus.GRANTED: "good", RequestStatus.REFUSED: "bad"}


@dataclass(frozen=True)
class Line:
    """One request: what it is, how it stands, what was said, what happens next."""

    title: str
    state: Tag
    when: datetime
    said: str = ""
    next: str = ""
    due: datetime | None = None
    href: str = ""


def extensions(rows: Iterable[Extension]) -> list[Line]:
    return [_extension(row) for row in rows]


def _extension(row: Extension) -> Line:
    state = Tag(row.get_status_display(), _TONES[RequestStatus(row.status)])
    open_still = row.status == RequestStatus.REQUESTED
    title = _("%d more days") % row.days
    following = _("We answer by") if open_still else ""
    return Line(title, state, row.requested_at, row.answer, following, row.due_at if open_still else None)


def awaits_taker(transfer: Transfer) -> bool:
    return transfer.status == RequestStatus.REQUESTED and transfer.taker_agreed_at is None


def transfer_state(transfer: Transfer) -> Tag:
    if awaits_taker(transfer):
        return Tag(_("Waiting for the other partner"), "info")
    if transfer.status == RequestStatus.REQUESTED:
        return Tag(_("Waiting for us"), "info")
    words = {RequestStatus.GRANTED: _("Handed over"), RequestStatus.REFUSED: _("Not handed over")}
    return Tag(words[RequestStatus(transfer.status)], _TONES[RequestStatus(transfer.status)])


def transfers(rows: Iterable[Transfer]) -> list[Line]:
    return [
        Line(
            _("Handing over"), transfer_state(row), row.requested_at, row.answer,
            href=reverse("portal:transfer", args=[row.public_id]),
        )
        for row in rows
    ]  # fmt: skip


_BREACH_TONES = {"": "bad", BreachOutcome.BROKEN: "bad", BreachOutcome.DIFFERENT: ""}
_AFTER = {
    BreachOutcome.HONOURED: gettext_lazy("Our own team has stepped back. Go on as before."),
    BreachOutcome.COMPENSATED: gettext_lazy("You are credited for it as well."),
    BreachOutcome.DIFFERENT: gettext_lazy("It is another project. Your deal is untouched."),
    BreachOutcome.BROKEN: gettext_lazy("We didn't keep our promise here. It counts in the figures we publish."),
}


def breaches(rows: Iterable[Breach]) -> list[Line]:
    """What our own team has on the partner's deal: that it is there, and what happens next; no more."""
    return [_breach(row) for row in rows]


def _breach(row: Breach) -> Line:
    title = _("Our own sales team opened a deal with this customer while yours is protected.")
    if not row.outcome:
        following = _("Your channel manager decides what becomes of it and tells you. You need do nothing.")
        return Line(title, Tag(_("Being settled"), "warn"), row.found_at, "", following)
    tone = _BREACH_TONES.get(row.outcome, "good")
    words = str(_AFTER[BreachOutcome(row.outcome)])
    return Line(title, Tag(row.get_outcome_display(), tone), row.found_at, row.reason, words)
