"""The funds of a partner, each as a bar of what its money does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from core.money import Money
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
    )  # fmt: skip


def _pieces(parts: Sequence[tuple[str, Money, str]]) -> list[Piece]:
    whole = sum((money.amount for _label, money, _colour in parts), Decimal(0)) or Decimal(1)
    pieces, gone = [], Decimal(0)
    for label, money, colour in parts:
        pieces.append(Piece(label, money, f"{gone * 100 / whole:.2f}%", f"{money.amount * 100 / whole:.2f}%", colour))
        gone += money.amount
    return pieces
