"""Files for other systems: what the bank is to pay, what is to be invoiced."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from core.files.sheets import sheet
from earnings import vault
from earnings.models import EarningLine, Payout
from earnings.statements import about
from earnings.words import arithmetic


def as_csv(payouts: Iterable[Payout]) -> str:
    """A row for each transfer. The column names are those of the file of answers, so that it can be filled in."""
    head = ("payout", "holder", "account", "code", "bank", "country", "amount", "currency", "status", "reference",
            "reason")  # fmt: skip
    return sheet(head, (_transfer(one) for one in payouts))


def _transfer(one: Payout) -> tuple:
    assert one.bank
    account, code = vault.opened(one.bank.secret)
    known = one.bank
    return (one.reference, known.holder, account, code, known.bank, known.country, one.amount, one.currency, "", "", "")


def invoices(lines: Iterable[EarningLine]) -> str:
    """A row for each fee, with how it came to be."""
    head = (_("Number"), _("Partner"), _("Partner number"), _("About"), _("Day"), _("How"), _("Amount"), _("Currency"))
    return sheet(head, (_fee(line) for line in lines))


def _fee(line: EarningLine) -> tuple:
    who, how = line.partner, "; ".join(arithmetic(line.arithmetic))
    return (line.reference, who.name, who.reference, about(line), line.occurred_on, how, line.amount, line.currency)
