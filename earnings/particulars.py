"""What services of earnings are told, beside the object they work on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from deals.models import Opportunity
from partners.models import Partner, Product, Program
from tiers.models import Tier


@dataclass(frozen=True)
class RuleDraft:
    """A revenue rule as it shall be from a day on. The same key again is its next version."""

    program: Program
    key: str
    name: str
    partner_type: str
    kind: str
    direction: str
    effective_from: date
    percent: Decimal | None = None
    amount: Decimal | None = None
    tier: Tier | None = None
    product: Product | None = None
    family: str = ""
    territory: str = ""
    currency: str = ""
    registered_uplift_percent: Decimal = Decimal(0)
    registered_only: bool = False
    floor: Decimal | None = None
    cap: Decimal | None = None
    minimum: Decimal | None = None
    pay_currency: str = ""
    duration_months: int | None = None
    hold_days: int = 30
    clawback_days: int | None = None
    roles: tuple[str, ...] = ()
    split: Mapping[str, Decimal] = field(default_factory=dict)
    nets: bool = False

    def values(self) -> dict[str, Any]:
        """Column → value."""
        own = {name: getattr(self, name) for name in self.__dataclass_fields__}
        split = {role: str(percent) for role, percent in sorted(self.split.items())}
        return own | {"roles": list(self.roles), "split": split}


@dataclass(frozen=True)
class TermsOfMoney:
    """A program's terms of money: what accrues, how long a line may be disputed, when a payout is made."""

    accrues_on: str = "payment"
    dispute_days: int = 15
    minimum_payout: Decimal = Decimal(0)
    two_people_above: Decimal = Decimal(10_000)

    def values(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Usage:
    """What an OEM partner used from one day to another, both counted."""

    period_start: date
    period_end: date
    units: int
    product: Product | None = None
    note: str = ""


@dataclass(frozen=True)
class Adjustment:
    """An amount beside the rules, for or against a partner, with its reason."""

    partner: Partner
    amount: Decimal
    currency: str
    reason: str
    opportunity: Opportunity | None = None


@dataclass(frozen=True)
class Objection:
    """Why a partner finds a line wrong."""

    text: str


@dataclass(frozen=True)
class Verdict:
    """The answer to a dispute; `amount` is what the line should have been, where it was wrong."""

    text: str
    amount: Decimal | None = None
