"""Finance's books: the journal of a month and what is owed at its end, straight from the ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, Sum, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actor import Actor
from core.files.sheets import sheet
from core.models import LedgerEntry
from earnings.books import CASH, CLAIM, EXPENSE, INCOME, OWED
from earnings.payout_particulars import Period
from earnings.statements import bounds
from partners.models import Partner

KINDS = {
    EXPENSE: gettext_lazy("Commission expense"),
    OWED: gettext_lazy("Owed to partners"),
    CASH: gettext_lazy("Cash"),
    INCOME: gettext_lazy("License income"),
    CLAIM: gettext_lazy("Owed by partners"),
}


@dataclass(frozen=True)
class Liability:
    """What stands at the end of a month in one currency: what we owe, what partners owe us."""

    currency: str
    owed: Decimal
    claimed: Decimal
    partners: int


def _entries(actor: Actor):
    return LedgerEntry.objects.visible_to(actor).filter(account__kind__in=KINDS)


def liability(actor: Actor, period: Period) -> list[Liability]:
    """What we owe partners and they owe us when the month ends, by currency."""
    _first, after = bounds(period)
    rows = _entries(actor).filter(transaction__at__lt=after, account__kind__in=(OWED, CLAIM))
    sums = rows.order_by().values("currency").annotate(
        owed=Sum("amount", filter=Q(account__kind=OWED)), claimed=Sum("amount", filter=Q(account__kind=CLAIM)),
        partners=Count("account__owner_id", distinct=True),
    )  # fmt: skip
    return [
        Liability(row["currency"], row["owed"] or Decimal(0), -(row["claimed"] or Decimal(0)), row["partners"])
        for row in sums.order_by("currency")
    ]


def as_csv(actor: Actor, period: Period) -> str:
    """Every entry of the month: what is credited and debited, on which account, because of what."""
    head = (_("Moment"), _("Transaction"), _("Event"), _("About"), _("Partner"), _("Account"), _("Debit"), _("Credit"),
            _("Currency"))  # fmt: skip
    return sheet(head, _rows(actor, period))


def _rows(actor: Actor, period: Period) -> Iterator[tuple[Any, ...]]:
    first, after = bounds(period)
    rows = _entries(actor).filter(transaction__at__gte=first, transaction__at__lt=after)
    names = dict(Partner.objects.visible_to(actor).values_list("pk", "name"))
    named = Case(*(When(account__kind=kind, then=Value(str(label))) for kind, label in KINDS.items()),
                 output_field=CharField())  # fmt: skip
    columns = ("transaction__at", "transaction_id", "transaction__event__type",
               "transaction__event__subject_public_id", "account__owner_id", "named", "amount", "currency")  # fmt: skip
    told = rows.annotate(named=named).order_by("transaction__at", F("transaction_id"), "place").values_list(*columns)
    for at, transaction, kind, about, partner, account, amount, currency in told:
        debit, credit = (-amount, None) if amount < 0 else (None, amount)
        yield at, str(transaction), kind, about, names.get(partner, ""), account, debit, credit, currency
