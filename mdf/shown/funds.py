"""The funds of a partner, each as a bar of what its money does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.money import Money
from mdf.models import Allocation
from mdf.queries.own import Balance


@dataclass(frozen=True)
class Piece:
    """A piece of a bar: where it begins and how wide it is, in percent, and its words."""

    label: str
    money: Money
    start: str
    width: str
    colour: str


@dataclass(frozen=True)
class Fund:
    reference: str
    kind: str
    total: Money
    begins: date
    ends: date
    expires: date | None
    pieces: Sequence[Piece]
    unfunded: Money | None
    arithmetic: str  # of an accrual


def bars(balances: Sequence[Balance]) -> list[Fund]:
    return [_fund(one) for one in balances]


def _fund(one: Balance) -> Fund:
    own = one.allocation
    parts = (
        (_("Free"), one.available, "c1"), (_("Set aside for activities"), one.reserved, "c2"),
        (_("Claimed"), one.claimed, "c3"), (_("Paid"), one.paid, "c4"),
    )  # fmt: skip
    return Fund(
        own.reference, own.get_kind_display(), Money(own.amount, own.currency), own.period_start, own.period_end,
        own.expires_on, _pieces(parts), Money(own.unfunded, own.currency) if own.unfunded else None,
        accrued_words(own),
    )  # fmt: skip


_OF: dict[str, Any] = {
    "paid_revenue": gettext_lazy("%(percent)s%% of %(counted)s that customers paid from %(first)s to %(last)s"),
    "growth": gettext_lazy("%(percent)s%% of %(counted)s more than a year before, paid from %(first)s to %(last)s"),
    "first_order": gettext_lazy("%(percent)s%% of first orders of %(counted)s, paid from %(first)s to %(last)s"),
}


def accrued_words(allocation: Allocation) -> str:
    """How an accrual was found: "2% of 41,300.00 USD that customers paid … = 826.00 USD"; "" for other funds."""
    known = allocation.arithmetic
    if not known:
        return ""
    days = {name: date_format(date.fromisoformat(known[name]), "j M Y") for name in ("first", "last")}
    found = Decimal(known["counted"]) * Decimal(known["percent"]) / 100
    told = _OF[known["of"]] % {"percent": known["percent"], "counted": _sum(known, known["counted"]), **days}
    told = f"{told} = {_sum(known, found)}"
    if known.get("cap") and found > Decimal(known["cap"]):
        told += _(", at most %s") % _sum(known, known["cap"])
    if known.get("taken_back"):
        told += _("; %s of earlier accruals taken back") % _sum(known, known["taken_back"])
    return told + "."


def _sum(known: Mapping[str, str], amount: str | Decimal) -> str:
    return f"{Decimal(amount):,.2f} {known['currency']}"


def _pieces(parts: Sequence[tuple[str, Money, str]]) -> list[Piece]:
    whole = sum((money.amount for _label, money, _colour in parts), Decimal(0)) or Decimal(1)
    pieces, gone = [], Decimal(0)
    for label, money, colour in parts:
        pieces.append(Piece(label, money, f"{gone * 100 / whole:.2f}%", f"{money.amount * 100 / whole:.2f}%", colour))
        gone += money.amount
    return pieces
