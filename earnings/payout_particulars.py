"""What services of payouts are told, beside the object they work on."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format


@dataclass(frozen=True)
class Period:
    """A calendar month."""

    start: date

    @classmethod
    def of(cls, day: date) -> "Period":
        return cls(day.replace(day=1))

    @property
    def end(self) -> date:
        """Its last day."""
        return self.start.replace(day=monthrange(self.start.year, self.start.month)[1])

    @property
    def key(self) -> str:
        return f"{self.start:%Y-%m}"

    def __str__(self) -> str:
        return date_format(self.start, "F Y")


@dataclass(frozen=True)
class Because:
    """Why something negative is done; those it concerns read it."""

    reason: str


@dataclass(frozen=True)
class BankAccount:
    """Where money is to go."""

    holder: str
    country: str
    account: str
    code: str = ""
    bank: str = ""


@dataclass(frozen=True)
class Answer:
    """What the bank says of one payout."""

    payout: str  # reference
    paid: bool
    bank_reference: str = ""
    failure: str = ""
