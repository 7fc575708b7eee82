"""A claim as its pages show it: the payable amount as arithmetic, invoices, proofs, payments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.calendar import last_local_day
from core.money import Money
from core.parts import Clock, Fact, Tag
from mdf import rules
from mdf.enums import CLAIM_OPEN, ClaimStatus, ProofStatus
from mdf.forms.claiming import ClaimForm
from mdf.models import Claim, InvoiceLine
from mdf.particulars import Invoiced
from mdf.rules import Payable
from mdf.shown.proofs import proof_link
from mdf.shown.words import payment_tag, proof_tag

C = ClaimStatus


@dataclass(frozen=True)
class Term:
    """A line of the arithmetic: what, how it is found, how much; `least` marks the one that decides."""

    label: str
    how: str
    money: Money
    least: bool = False


@dataclass(frozen=True)
class Sums:
    """What stands beside the form of a claim."""

    lines: Sequence[tuple[str, str, str]]  # (invoice, the conversion, what is left out)
    terms: Sequence[Term]
    amount: Money
    twins: Sequence[str]


def claim_sums(form: ClaimForm, twins: Sequence[str]) -> Sums:
    payable = form.payable()
    lines = [line_words(one, payable.claimed.currency) for one in form.invoiced()]
    amount = payable.amount if payable.accepted_cost else Money(Decimal(0), payable.claimed.currency)
    return Sums(lines, terms(payable), amount, twins)


def line_words(one: Invoiced | InvoiceLine, into: str) -> tuple[str, str, str]:
    """An invoice line as arithmetic: net and tax that stays, at the rate of its day; the tax left out."""
    name = f"{one.supplier} {one.invoice_number}"
    cost = rules.cost_of(one.net_amount, one.other_tax, one.rate, into)
    parts = _n(one.net_amount) + (f" + {_n(one.other_tax)}" if one.other_tax else "")
    on = date_format(one.rate_on or one.invoice_date, "j M Y")
    told = f"{parts} {one.currency}"
    if one.currency != into:
        told = f"({parts}) {one.currency}" if one.other_tax else told
        told += " × " + _("%(rate)s (rate of %(day)s)") % {"rate": f"{one.rate.normalize():f}", "day": on}
    if one.currency != into or one.other_tax:
        told += f" = {_n(cost)} {into}"
    left_out = _("%s is left out: you get this tax back.") % f"{_n(one.recoverable_tax)} {one.currency}"
    return name, told, left_out if one.recoverable_tax else ""


def terms(payable: Payable) -> list[Term]:
    """The three amounts of which the least is paid."""
    share = _("%(percent)s%% × accepted cost %(cost)s") % {
        "percent": f"{payable.share_percent.normalize():f}", "cost": _n(payable.accepted_cost.amount),
    }  # fmt: skip
    rows = (
        (_("You claim"), "", payable.claimed),
        (_("Left of what we approved"), "", payable.approved_left),
        (_("Our share"), share, payable.share),
    )
    decides = next(n for n, row in enumerate(rows) if row[2].amount == payable.amount.amount)
    return [Term(label, how, sum_, n == decides) for n, (label, how, sum_) in enumerate(rows)]


def _n(amount: Decimal) -> str:
    return f"{amount:,.2f}"


@dataclass(frozen=True)
class Paid:
    """The payable amount with its arithmetic; `decided` = as it was decided, else if all is accepted."""

    amount: Money
    terms: Sequence[Term]
    decided: bool
    pay_by: Any = None


def payable(claim: Claim, now: Payable) -> Paid:
    if not claim.arithmetic:
        return Paid(now.amount, terms(now), decided=False)
    then = Payable.of_data(claim.arithmetic)
    return Paid(then.amount, terms(then), decided=True, pay_by=claim.pay_by if claim.status == C.PAYABLE else None)


def claim_clock(claim: Claim, at: datetime) -> Clock | None:
    """Our answer, or the last day to send it again."""
    zone = claim.partner.time_zone
    if claim.status in CLAIM_OPEN and claim.due_at:
        late = at >= claim.due_at
        return Clock(_("We answer by"), claim.due_at, _("late") if late else "", None, "bad" if late else "info")
    if claim.status == C.REJECTED and claim.resubmit_by:
        return Clock(_("Send it again by"), last_local_day(claim.resubmit_by, zone), "", None, "warn")
    if claim.status == C.PAYABLE and claim.pay_by:
        return Clock(_("We pay by"), claim.pay_by, "", None, "good")
    return None


@dataclass(frozen=True)
class Shown:
    """An invoice line or a proof with what was found of it."""

    title: str
    how: str
    hint: str
    href: str
    tag: Tag | None
    reason: str
    twin: str


def invoice_rows(claim: Claim) -> list[Shown]:
    return [_invoice_row(claim, one) for one in claim.invoice_lines.order_by("created_at", "pk")]


def _invoice_row(claim: Claim, one: InvoiceLine) -> Shown:
    name, how, left_out = line_words(one, claim.currency)
    return Shown(name, how, left_out, "", _tag(claim, one), one.reason, one.own_twin)


def proof_rows(claim: Claim) -> list[Shown]:
    rows = claim.proofs.order_by("created_at", "pk")
    return [
        Shown(one.get_kind_display(), one.file_name or one.link or "", one.note, proof_link(one), _tag(claim, one),
              one.reason, one.own_twin)
        for one in rows
    ]  # fmt: skip


def _tag(claim: Claim, row: Any) -> Tag | None:
    """Before a claim is sent nobody looks at its proofs."""
    unseen = claim.status == C.DRAFT and row.status == ProofStatus.WAITING
    return None if unseen else proof_tag(row)


def result_facts(claim: Claim) -> list[Fact]:
    told = claim.results
    pipeline = Money(Decimal(told["pipeline"]), claim.currency) if told.get("pipeline") else None
    rows = [
        Fact(_("Leads"), told.get("leads")), Fact(_("People"), told.get("attendees")), Fact(_("Pipeline"), pipeline),
    ]  # fmt: skip
    return [row for row in rows if row.value]


def payment_rows(claim: Claim) -> list[tuple[Money, Tag, str, Any]]:
    """(amount, state, reference of the bank, day) of each instalment."""
    rows = claim.payments.order_by("ordered_at", "pk")
    return [
        (Money(one.amount, one.currency), payment_tag(one), one.bank_reference, one.settled_on or one.released_at)
        for one in rows
    ]
