"""What money of one currency was worth in another on a day, from whoever keeps the rates."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from core import slots
from core.actor import Actor


@dataclass(frozen=True, slots=True)
class DayRate:
    """So many of the budget's currency per unit, as of a day."""

    rate: Decimal
    on: date


def rate_of(currency: str, into: str, day: date, *, actor: Actor, at: datetime) -> DayRate | None:
    """The rate of a day, else of the last day before that has one; None where nobody knows any."""
    if currency == into:
        return DayRate(Decimal(1), day)
    found = slots.ask("exchange_rate", actor, (currency, into, day), at=at)
    return DayRate(*found[0]) if found else None
