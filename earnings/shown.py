"""Earnings as pages show them: tables, tags, words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.money import Money
from core.parts import Column, Fact, Row, Table, Tag
from earnings import queries
from earnings.enums import CancelReason, CarryReason, Direction, LineStatus, PayoutStatus, RunStatus
from earnings.models import BankDetails, EarningLine, Payout, PayoutRun
from earnings.statements import about
from earnings.words import arithmetic

_LINE_TONES: dict[str, str] = {
    LineStatus.APPROVED: "info", LineStatus.IN_PAYOUT: "info", LineStatus.PAID: "good", LineStatus.ON_HOLD: "",
    LineStatus.DISPUTED: "warn",
}  # fmt: skip
_RUN_TONES: dict[str, str] = {
    RunStatus.OPEN: "warn", RunStatus.REVIEWED: "warn", RunStatus.APPROVED: "info", RunStatus.SENT: "info",
    RunStatus.SETTLED: "good", RunStatus.FAILED: "bad",
}  # fmt: skip
_PAYOUT_TONES: dict[str, str] = {
    PayoutStatus.PAID: "good", PayoutStatus.FAILED: "bad", PayoutStatus.CARRIED: "warn", PayoutStatus.SENT: "info",
    PayoutStatus.SCHEDULED: "info",
}  # fmt: skip


def worth(line: EarningLine) -> Money:
    """The amount of a line as its partner sees it: a fee that is taken from payouts counts down."""
    taken = line.direction == Direction.RECEIVABLE and line.nets
    return Money(-line.amount if taken else line.amount, line.currency)


def line_tag(line: EarningLine) -> Tag:
    """Where a line stands, in the words of both sides."""
    if line.status == LineStatus.FORECAST:
        return Tag(_("Waiting for the customer's payment"))
    if line.direction == Direction.RETAINED and line.status != LineStatus.CANCELLED:
        return Tag(_("Kept by the partner"))
    if line.status == LineStatus.ON_HOLD and line.hold_until:
        return Tag(_("On hold until %s") % date_format(line.hold_until, "j M Y"))
    return Tag(line.get_status_display(), _LINE_TONES.get(line.status, ""))


def run_tag(run: PayoutRun) -> Tag:
    return Tag(run.get_status_display(), _RUN_TONES.get(run.status, ""))


def payout_tag(one: Payout) -> Tag:
    words = one.get_status_display()
    if one.carried:
        words = str(CarryReason(one.carried).label)
    return Tag(words, _PAYOUT_TONES.get(one.status, ""))


def line_table(rows: Sequence[EarningLine], caption: Any, route: str, *, with_partner: bool = False) -> Table:
    """Lines, each leading to its own page."""
    columns = [
        Column(_("About")), Column(_("Kind")), Column(_("Status"), "tag"), Column(_("Day"), "when"),
        Column(_("Amount"), "num"),
    ]  # fmt: skip
    if with_partner:
        columns.insert(1, Column(_("Partner")))
    return Table(caption, columns, [_line_row(line, route, with_partner) for line in rows])


def _line_row(line: EarningLine, route: str, with_partner: bool) -> Row:
    who = (line.partner.name,) if with_partner else ()
    cells = (about(line), *who, line.get_kind_display(), line_tag(line), line.occurred_on, worth(line))
    return Row(cells, reverse(route, args=[line.reference]))


def line_facts(line: EarningLine) -> list[Fact]:
    """What decides an amount: the rule and its version, the day, the hold, what it reverses."""
    found = [
        Fact(_("About"), about(line)),
        Fact(_("Kind"), line.get_kind_display()),
        Fact(_("Rule"), str(line.rule) if line.rule else None),
        Fact(_("Terms of"), _day(line.inputs.get("terms_on"))),
        Fact(_("Tier then"), line.inputs.get("tier")),
        Fact(_("Day"), line.occurred_on),
        Fact(_("Why"), line.reason or (CancelReason(line.cancelled_code).label if line.cancelled_code else None)),
        Fact(_("Reverses"), line.reverses.reference if line.reverses else None),
        Fact(_("On hold until"), line.hold_until if line.amount > 0 else None),
        Fact(_("May be disputed until"), line.dispute_until),
        Fact(_("Paid on"), line.paid_at),
    ]
    return [fact for fact in found if fact.value not in (None, "")]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def bank_facts(details: BankDetails | None) -> list[Fact]:
    """Bank details as far as anybody sees them: never the whole number."""
    if details is None:
        return []
    return [
        Fact(_("Account holder"), details.holder),
        Fact(_("Account"), details.hint),
        Fact(_("Bank"), details.bank),
        Fact(_("Changed"), details.changed_at, hint=details.changed_by),
    ]


def payout_table(rows: Sequence[Payout], caption: Any, *, lead: str = "partner") -> Table:
    """Payouts: of a run by partner, of a partner by run."""
    first = Column(_("Partner")) if lead == "partner" else Column(_("For"))
    columns = (first, Column(_("Number")), Column(_("Status"), "tag"), Column(_("Lines"), "num"),
               Column(_("Amount"), "num"))  # fmt: skip
    return Table(caption, columns, [_payout_row(one, lead) for one in rows])


def _payout_row(one: Payout, lead: str) -> Row:
    who = one.partner.name if lead == "partner" else date_format(one.period_start, "F Y")
    href = reverse("admin:payout", args=[one.reference]) if lead == "partner" else ""
    return Row((who, one.reference, payout_tag(one), one.lines, Money(one.amount, one.currency)), href, one.reference)


def sums(standing: queries.Standing) -> list[dict[str, Any]]:
    """The figures of the top of the page, each with its sentence; only those that hold something."""
    known = (
        ("due", _("Payable now"), _("In the next payout.")),
        ("coming", _("Coming"), _("Earned, and on hold or being looked at.")),
        ("forecast", _("Expected"), _("Of won deals, when the customer pays.")),
        ("paid", _("Paid this year"), ""),
    )
    found = [{"label": label, "money": standing.sums(name), "said": said} for name, label, said in known]
    return [one for one in found if one["money"] or one["label"] == known[0][1]]


@dataclass(frozen=True)
class Told:
    """A line in a few words: whose, about what, how it is made, which way the money goes."""

    partner: str
    about: str
    steps: list[str]
    why: str
    money: Money
    direction: str
    href: str


def told(line: EarningLine) -> Told:
    return Told(
        line.partner.name, about(line), arithmetic(line.arithmetic), line.reason, worth(line),
        line.get_direction_display(), reverse("admin:earning", args=[line.reference]),
    )  # fmt: skip
