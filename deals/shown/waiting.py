"""What waits for the vendor on protected deals, in words: for the queue and for the deal's own page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actor import Actor
from core.money import Money
from core.parts import Fact
from deals.models import Breach, Extension, Opportunity, Revocation, Transfer
from deals.protected import Order


@dataclass(frozen=True)
class Answer:
    """A verb of the page: what its button says, and how it looks."""

    verb: str
    label: str
    tone: str = ""


@dataclass(frozen=True)
class Request:
    """One thing that waits: what is so, what was said, what one can answer."""

    kind: str
    title: str
    when: datetime | None = None
    due: datetime | None = None
    said: str = ""
    facts: tuple[Fact, ...] = ()
    answers: tuple[Answer, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)  # what the forms are filled with
    note: str = ""

    @property
    def key(self) -> str:
        return str(self.known.get("breach", self.kind))


TITLES: dict[str, Any] = {
    "hand-over": gettext_lazy("Hand over by the customer's letter"),
    "revoke": gettext_lazy("Take the protection back"),
    "win": gettext_lazy("Close as won"),
    "lose": gettext_lazy("Close as lost"),
}
NOTES: dict[str, Any] = {
    "hand-over": gettext_lazy("The other partner gets the deal with its place and its protection. Both are told."),
    "revoke": gettext_lazy("Two people do this: you propose, another one confirms. Nothing happens before."),
    "win": gettext_lazy("The opportunity closes, and the partner's deal with it."),
    "lose": gettext_lazy("The partner keeps the first right for 30 days; then the next in line moves up."),
}


def extensions(rows: Iterable[Extension]) -> list[Request]:
    return [
        Request(
            "extension", _("The partner asks for %d more days") % row.days, row.requested_at, row.due_at, row.reason,
            answers=(
                Answer("extension-grant", _("Extend"), "primary"), Answer("extension-refuse", _("Don't extend")),
            ),
        )
        for row in rows
    ]  # fmt: skip


def revocations(rows: Iterable[Revocation], actor: Actor) -> list[Request]:
    return [_revocation(row, own=row.requested_by_id == actor.id) for row in rows]


def _revocation(row: Revocation, *, own: bool) -> Request:
    who = row.requested_by.name if row.requested_by else _("Somebody")
    confirm = () if own else (Answer("revocation-confirm", _("Take the protection back"), "danger"),)
    return Request(
        "revocation", _("%s proposes to take the protection back") % who, row.requested_at, None, row.reason,
        answers=(*confirm, Answer("revocation-refuse", _("Leave it protected"))),
        note=_("You proposed this. Another person confirms it.") if own else "",
    )  # fmt: skip


def transfers(rows: Iterable[Transfer]) -> list[Request]:
    return [
        Request(
            "transfer", _("Both partners agreed: it goes to %s") % row.to_partner, row.taker_agreed_at, None,
            answers=(
                Answer("transfer-confirm", _("Hand over"), "primary"), Answer("transfer-refuse", _("Don't hand over")),
            ),
        )
        for row in rows
    ]  # fmt: skip


def order(found: Order | None) -> list[Request]:
    if found is None:
        return []
    facts = (
        Fact(_("Order or invoice"), found.number), Fact(_("Day"), found.closed_on), Fact(_("Value"), found.amount),
    )  # fmt: skip
    answers = (Answer("win", _("Close as won"), "primary"), Answer("order-refuse", _("It doesn't fit")))
    known = {"closed_on": found.closed_on, "amount": found.amount.amount}
    return [Request("order", _("The partner says it is won"), facts=facts, answers=answers, known=known)]


def breaches(rows: Iterable[Breach], direct: Mapping[UUID, Opportunity]) -> list[Request]:
    return [_breach(row, direct.get(row.opportunity_id)) for row in rows]


def _breach(row: Breach, direct: Opportunity | None) -> Request:
    facts: list[Fact] = []
    if direct:
        worth = Money(direct.amount, direct.currency) if direct.amount is not None else None
        opened = date_format(direct.opened_on, "j M Y") if direct.opened_on else None
        told = (Fact(_("Direct deal"), str(direct)), Fact(_("Value"), worth), Fact(_("Opened"), opened),
                Fact(_("Owner"), direct.owner_email), Fact(_("Stage"), direct.get_stage_display()))  # fmt: skip
        facts = [fact for fact in told if fact.value]
    return Request(
        "breach", _("Our own team opened a deal on this protection"), row.found_at, None, facts=tuple(facts),
        answers=(Answer("breach", _("Settle"), "primary"),), known={"breach": row.public_id},
        note=_("The partner sees that it is there, and reads your answer. It counts in the promise we publish."),
    )  # fmt: skip
