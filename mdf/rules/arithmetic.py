"""The sums of market funds, each with its inputs. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.calendar import days_after, working_days_after
from core.money import Money
from mdf.rules.terms import Terms

_HUNDRED, _ZERO = Decimal(100), Decimal(0)


def our_share(cost: Money, percent: Decimal) -> Money:
    """What we give back of a cost, to the cent."""
    return cost.times(percent / _HUNDRED)


@dataclass(frozen=True, slots=True)
class Payable:
    """The least of what is claimed, what is left of the approval, and our share of the accepted cost."""

    claimed: Money
    approved_left: Money
    share_percent: Decimal
    accepted_cost: Money

    @property
    def share(self) -> Money:
        return our_share(self.accepted_cost, self.share_percent)

    @property
    def amount(self) -> Money:
        return Money(min(self.claimed.amount, self.approved_left.amount, self.share.amount), self.claimed.currency)

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> "Payable":
        """The arithmetic as it was stored."""
        claimed, left, cost = (
            Money(Decimal(data[name]), data["currency"]) for name in ("claimed", "approved_left", "accepted_cost")
        )
        return cls(claimed, left, Decimal(data["share_percent"]), cost)

    def as_data(self) -> dict[str, Any]:
        """The arithmetic as it is stored and shown."""
        parts = {
            "claimed": self.claimed, "approved_left": self.approved_left, "accepted_cost": self.accepted_cost,
            "share": self.share, "payable": self.amount,
        }  # fmt: skip
        told = {name: f"{money.amount:.2f}" for name, money in parts.items()}
        return told | {"share_percent": f"{self.share_percent.normalize():f}", "currency": self.claimed.currency}


def cost_of(net: Decimal, other_tax: Decimal, rate: Decimal, currency: str) -> Decimal:
    """An invoice line's cost in the budget's currency: recoverable tax is left out, the rate is that of its day."""
    return Money(net + other_tax, currency).times(rate).amount


def within_lines(costs: Iterable[tuple[Any, Decimal]], room: Mapping[Any, Decimal] | None) -> Decimal:
    """What counts of (line, cost) pairs: all, or (with `room`: line → what it may cost) up to each line's own cap."""
    if room is None:
        return sum((cost for _line, cost in costs), _ZERO)
    sums: dict[Any, Decimal] = defaultdict(Decimal)
    for line, cost in costs:
        sums[line] += cost
    return sum((min(cost, max(room.get(line, _ZERO), _ZERO)) for line, cost in sums.items()), _ZERO)


def claim_due_on(terms: Terms, ends_on: date) -> date:
    """The last day on which an activity's claim is in time.

    Where the days run from each invoice, the money waits until the year's hard last day, or so long again for it.
    """
    hard = terms.last_claim_day(ends_on)
    if terms.claim_from == "invoice":
        return hard or ends_on + timedelta(days=2 * terms.claim_days)
    due = ends_on + timedelta(days=terms.claim_days)
    return due if hard is None else min(due, hard)


def decision_due(terms: Terms, at: datetime, zone: str) -> datetime:
    """When the vendor's answer to what is sent now is due."""
    if terms.decision_days is not None:
        return days_after(at, terms.decision_days, zone)
    return working_days_after(at, terms.decision_working_days, zone)
