"""A claim in the words of the vendor's side: its proofs, its invoices, the arithmetic of what is paid."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.money import Money
from core.parts import Column, Fact, Row, Table, Tag
from mdf.admin.words import status_tag
from mdf.models import Claim, InvoiceLine, Proof
from mdf.rules import Payable
from mdf.shown.proofs import proof_link

_RESULTS = {
    "leads": gettext_lazy("Leads"), "attendees": gettext_lazy("Attendees"), "pipeline": gettext_lazy("Pipeline"),
}  # fmt: skip


def facts(claim: Claim) -> list[Fact]:
    activity = claim.activity
    found = [
        Fact(_("Activity"), activity.title, activity.request.get_console_url()),
        Fact(_("Claimed"), Money(claim.amount, claim.currency)),
        Fact(_("Approved for the activity"), Money(activity.approved_amount or Decimal(0), activity.currency)),
        Fact(_("Claims until"), activity.claim_due_on),
        Fact(_("Written by us"), str(claim.created_by) if claim.is_ours else None),
        Fact(_("Sent"), claim.submitted_at),
        Fact(_("Pay until"), claim.pay_by),
        *(Fact(str(_RESULTS.get(name, name)), value) for name, value in claim.results.items()),
    ]
    return [fact for fact in found if fact.value not in (None, "")]


def title(row: Proof | InvoiceLine) -> str:
    if isinstance(row, Proof):
        return row.get_kind_display()
    return _("%(supplier)s, invoice %(number)s") % {"supplier": row.supplier, "number": row.invoice_number}


def proof_facts(proof: Proof) -> list[Fact]:
    found = [
        Fact(_("File"), (proof.file_name or _("Open the file")) if proof.file_id else None, proof_link(proof)),
        Fact(_("Link"), None if proof.file_id else proof.link, proof.link),
        Fact(_("Note"), proof.note),
        *_doubts(proof),
    ]
    return [fact for fact in found if fact.value]


def invoice_facts(line: InvoiceLine) -> list[Fact]:
    """What counts and what does not, in the money of the invoice and of the budget."""
    of_invoice = line.currency
    found = [
        Fact(_("Date"), line.invoice_date),
        Fact(_("For"), str(line.budget_line) if line.budget_line else None),
        Fact(_("Net"), Money(line.net_amount, of_invoice)),
        Fact(_("Tax that counts"), Money(line.other_tax, of_invoice) if line.other_tax else None),
        Fact(
            _("Recoverable tax"),
            Money(line.recoverable_tax, of_invoice) if line.recoverable_tax else None,
            hint=_("The partner gets it back from the state: left out."),
        ),
        Fact(_("Rate of the day"), _rate(line)),
        Fact(_("Cost that counts"), Money(line.cost, line.claim.currency)),
        *_doubts(line),
    ]
    return [fact for fact in found if fact.value]


def _rate(line: InvoiceLine) -> str | None:
    if line.currency == line.claim.currency:
        return None
    words = {"from": line.currency, "rate": f"{line.rate.normalize():f}", "to": line.claim.currency}
    return _("1 %(from)s = %(rate)s %(to)s") % words


def _doubts(row: Proof | InvoiceLine) -> list[Fact]:
    twin = Tag(_("Possible duplicate: %s") % row.twin, "bad") if row.twin else None
    return [Fact(_("Check"), twin), Fact(_("Not accepted because"), row.reason)]


def payable_facts(sums: Payable) -> list[Fact]:
    """The least of three sums, each with where it comes from."""
    cost = f"{sums.accepted_cost.amount:,.2f} {sums.accepted_cost.currency}"
    percent = f"{sums.share_percent.normalize():f}"
    return [
        Fact(_("Claimed"), sums.claimed),
        Fact(_("Left of what was approved"), sums.approved_left),
        Fact(
            _("Our share of accepted cost"), sums.share,
            hint=_("%(percent)s%% of %(cost)s") % {"percent": percent, "cost": cost},
        ),
        Fact(_("Payable: the least of the three"), sums.amount),
    ]  # fmt: skip


def payments_table(claim: Claim) -> Table | None:
    columns = (
        Column(_("Payment")), Column(_("Status"), "tag"), Column(_("Reference")), Column(_("Sent"), "when"),
        Column(_("Arrived"), "when"), Column(_("Amount"), "num"),
    )  # fmt: skip
    rows = [
        Row(
            (
                one.reference, status_tag(one), one.failure or one.bank_reference, one.released_at, one.settled_on,
                Money(one.amount, one.currency),
            )
        )
        for one in sorted(claim.payments.all(), key=lambda one: one.ordered_at)
    ]  # fmt: skip
    return Table(_("Payments"), columns, rows) if rows else None
