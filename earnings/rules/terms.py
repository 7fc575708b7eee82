"""What a rule says, and what a currency is worth on a day. Pure."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from core.money import Money

_HUNDRED = Decimal(100)


class RateMissing(ValueError):
    """There is no rate to convert by. The text says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of `source` is worth in `target`, by the rates of the reporting currency that stood on a day."""

    source: str
    target: str
    factor: Decimal
    rated_on: date  # the older of the two days on which the rates were set

    def of(self, money: Money) -> Money:
        return Money(money.amount * self.factor, self.target).rounded()

    def told(self) -> dict[str, str]:
        return {"from": self.source, "to": self.target, "rate": str(self.factor), "day": self.rated_on.isoformat()}


class Rates:
    """Dated rates of each currency in the reporting one: (day, rate), oldest first."""

    def __init__(self, reporting: str, known: Mapping[str, Sequence[tuple[date, Decimal]]]):
        self.reporting, self.known = reporting, known

    def on(self, source: str, target: str, day: date) -> Rate | None:
        """The rate between two currencies on a day; None for one and the same. Raises RateMissing, never 1."""
        if source == target:
            return None
        worth, since = self._worth(source, day)
        other, also = self._worth(target, day)
        factor = (worth / other).quantize(Decimal("1e-10"))
        return Rate(source, target, factor, min(since, also))

    def _worth(self, currency: str, day: date) -> tuple[Decimal, date]:
        if currency == self.reporting:
            return Decimal(1), day
        rates = self.known.get(currency, ())
        place = bisect_right([since for since, _rate in rates], day)
        if not place:
            raise RateMissing(_("There is no exchange rate of %(currency)s for %(day)s. Import it.")
                              % {"currency": currency, "day": day})  # fmt: skip
        since, rate = rates[place - 1]
        return rate, since


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule gives for a deal, in the currency of its lines. `percent` is of what the customer pays, or for a
    margin of the list price; `fixed` is for the whole deal."""

    kind: str
    currency: str
    percent: Decimal | None = None
    fixed: Decimal | None = None
    floor: Decimal | None = None
    cap: Decimal | None = None
    months: int | None = None  # None: once, at the first payment
    clawback_days: int | None = None

    def gross(self, paid: Decimal, deal: Decimal, listed: Decimal | None) -> tuple[Decimal, Decimal]:
        """(what the percentage is taken of, what it gives) for so much of the deal paid. Not rounded."""
        if self.fixed is not None:
            part = min(paid / deal, Decimal(1)) if deal else Decimal(1)
            return paid, self.fixed * part
        assert self.percent is not None
        base = self._listed(paid, deal, listed) if self.kind == "margin" else paid
        return base, base * self.percent / _HUNDRED

    def _listed(self, paid: Decimal, deal: Decimal, listed: Decimal | None) -> Decimal:
        """The list price of what was paid: as told for the deal, else what the discount was taken from."""
        assert self.percent is not None
        if listed and deal:
            return paid * listed / deal
        return paid * _HUNDRED / (_HUNDRED - self.percent) if self.percent < _HUNDRED else paid

    def bounded(self, amount: Decimal) -> Decimal:
        """At least the floor, once there is anything; at most the cap."""
        raised = max(amount, self.floor) if self.floor is not None else amount
        return min(raised, self.cap) if self.cap is not None else raised


def decimal(value: Any) -> Any:
    """A number as an exact decimal, so that "60" is 60.00; what is none as it is."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return value
