"""Money: an exact amount in one currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

# Minor units that differ from 2, ISO 4217.
_DIGITS = {"JPY": 0, "KRW": 0, "CLP": 0, "VND": 0, "ISK": 0, "XAF": 0, "XOF": 0, "PYG": 0, "UGX": 0}


class CurrencyMismatch(ValueError):
    """Amounts of two currencies were added or compared."""


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Rounds half to even to the currency's minor unit: the one rounding rule of the program. -0 becomes 0."""
    return amount.quantize(Decimal(1).scaleb(-_DIGITS.get(currency, 2)), ROUND_HALF_EVEN) + Decimal(0)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in `currency` (ISO 4217). Adding or comparing two currencies raises CurrencyMismatch."""

    amount: Decimal
    currency: str

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(Decimal(0) - self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount < other.amount

    def __bool__(self) -> bool:
        return self.amount != 0

    def rounded(self) -> "Money":
        return Money(round_money(self.amount, self.currency), self.currency)

    def times(self, factor: Decimal) -> "Money":
        """The amount times a factor, rounded."""
        return Money(self.amount * factor, self.currency).rounded()

    def split(self, weights: Sequence[Decimal]) -> list["Money"]:
        """Parts by weight that sum to the whole: rounded down, what is left goes to the largest remainders.

        Ties go to the earlier part, so the order is stable. Raises ValueError when no weight is positive.
        """
        total = sum(weights, Decimal(0))
        if total <= 0 or any(w < 0 for w in weights):
            raise ValueError("weights must not be negative and sum to more than 0")
        unit = Decimal(1).scaleb(-_DIGITS.get(self.currency, 2))
        units = int((self.amount / unit).to_integral_exact())
        sign, units = (-1, -units) if units < 0 else (1, units)
        exact = [units * w / total for w in weights]
        parts = [int(e) for e in exact]
        by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
        for i in by_remainder[: units - sum(parts)]:
            parts[i] += 1
        return [Money(sign * p * unit + Decimal(0), self.currency) for p in parts]
