"""What a partner's business sets aside for it: spans of the calendar, and the sum with its parts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from core.money import Money
from mdf.rules.terms import Accrual

_MONTHS: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Span:
    """A whole month, quarter or year."""

    first: date
    last: date
    name: str  # 2026-10, 2026-Q3, 2026

    @classmethod
    def before(cls, day: date, kind: str) -> "Span":
        """The last one that is over on a day."""
        months = _MONTHS[kind]
        this = day.replace(day=1, month=(day.month - 1) // months * months + 1)
        first = add_months(this, -months)
        name = {"month": f"{first:%Y-%m}", "quarter": f"{first:%Y}-Q{(first.month + 2) // 3}", "year": f"{first:%Y}"}
        return cls(first, this - timedelta(days=1), name[kind])

    @property
    def year_before(self) -> tuple[date, date]:
        first = add_months(self.first, -12)
        return first, add_months(self.last + timedelta(days=1), -12) - timedelta(days=1)


def add_months(first: date, months: int) -> date:
    """The first day of a month so many months away from another first day."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


@dataclass(frozen=True, slots=True)
class Accrued:
    """What one partner accrues in a span: percent of a figure, never above the cap; below zero where more went back
    than came in."""

    base: Money
    percent: Decimal
    cap: Decimal | None = None
    before: Money | None = None  # the figure of the year before, where growth counts

    @classmethod
    def of(cls, rule: Accrual, tier_percent: Decimal, base: Money, before: Money | None) -> "Accrued":
        return cls(base, tier_percent if rule.percent is None else rule.percent, rule.cap, before)

    @property
    def counted(self) -> Money:
        """What the percent is of; a business that shrank has no growth."""
        if self.before is None:
            return self.base
        return Money(max(self.base.amount - self.before.amount, ZERO), self.base.currency)

    @property
    def amount(self) -> Money:
        found = self.counted.times(self.percent / 100)
        return found if self.cap is None else Money(min(found.amount, self.cap), found.currency)

    def as_data(self) -> dict[str, Any]:
        """The arithmetic as it is stored and shown."""
        known = {"base": self.base, "before": self.before, "counted": self.counted, "amount": self.amount}
        told: dict[str, Any] = {name: f"{one.amount:.2f}" for name, one in known.items() if one is not None}
        cap = {} if self.cap is None else {"cap": f"{self.cap:.2f}"}
        return told | cap | {"percent": f"{self.percent.normalize():f}", "currency": self.base.currency}
