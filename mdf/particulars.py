"""The particulars of the services of market funds: frozen values that the doors hand down."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from mdf.models import Activity, Allocation, BudgetLine, InvoiceLine, Proof
from partners.models import Partner, Program
from tiers.models import ProgramMembership


@dataclass(frozen=True)
class BudgetPlan:
    program: Program
    name: str
    currency: str
    period_start: date
    period_end: date
    region: str = ""

    def values(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True)
class Sum:
    """An amount in the currency of what it belongs to, and why."""

    amount: Decimal
    reason: str = ""


@dataclass(frozen=True)
class Grant:
    """What of a budget a partner may use."""

    partner: Partner
    amount: Decimal
    expires_on: date | None = None


@dataclass(frozen=True)
class Line:
    label: str
    cost: Decimal


@dataclass(frozen=True)
class Measurement:
    """How a partner finds out what an activity brought."""

    metric: str = ""
    target: str = ""
    capture: str = ""
    report_on: date | None = None

    def as_data(self) -> dict[str, str]:
        return {name: str(value) for name, value in asdict(self).items() if value}


@dataclass(frozen=True)
class ActivityPlan:
    """One planned activity. The lines' costs sum to its total cost."""

    activity_type: str
    title: str
    starts_on: date
    ends_on: date
    total_cost: Decimal
    asked_amount: Decimal
    description: str = ""
    place: str = ""
    target_segment: str = ""
    audience_size: int | None = None
    target_leads: int | None = None
    expected_pipeline: Decimal | None = None
    measurement: Measurement = Measurement()
    lines: Sequence[Line] = ()

    def values(self) -> dict[str, Any]:
        """Column → value, without the lines."""
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("lines", "measurement")}
        return own | {"measurement": self.measurement.as_data()}


@dataclass(frozen=True)
class Plan:
    """What a partner asks for."""

    membership: ProgramMembership
    title: str
    activities: Sequence[ActivityPlan] = ()
    allocation: Allocation | None = None
    late_reason: str = ""
    typed: Mapping[str, Any] = field(default_factory=dict)  # the form as it stands, while it is a draft


@dataclass(frozen=True)
class Words:
    text: str


@dataclass(frozen=True)
class Ruling:
    """The decision about one activity: its three criteria, and how much of what was asked."""

    activity: Activity
    amount: Decimal
    verdicts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # criterion → {"met", "reason"}
    reason: str = ""


@dataclass(frozen=True)
class Decision:
    rulings: Sequence[Ruling]
    note: str = ""


@dataclass(frozen=True)
class Invoiced:
    """One line of a supplier's invoice. `rate` = budget's currency per unit, as of the invoice's day."""

    supplier: str
    invoice_number: str
    invoice_date: date
    net_amount: Decimal
    currency: str
    recoverable_tax: Decimal = Decimal(0)
    other_tax: Decimal = Decimal(0)
    rate: Decimal = Decimal(1)
    rate_on: date | None = None  # the day of the rate, when it is not the invoice's
    budget_line: BudgetLine | None = None


@dataclass(frozen=True)
class Shown:
    """A proof of performance: a stored file (its name and hash are then known) or a link."""

    kind: str
    file_id: UUID | None = None
    file_name: str = ""
    file_hash: str = ""
    link: str = ""
    note: str = ""


@dataclass(frozen=True)
class ClaimPlan:
    activity: Activity
    amount: Decimal
    invoices: Sequence[Invoiced] = ()
    proofs: Sequence[Shown] = ()
    results: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, Any] = field(default_factory=dict)  # the form as it stands, while it is a draft


@dataclass(frozen=True)
class Result:
    """What a partner reports so many days after an activity. Money in the request's currency."""

    days: int
    leads: int
    pipeline: Decimal
    won: Decimal = Decimal(0)
    note: str = ""


@dataclass(frozen=True)
class Look:
    """Whether one proof or one invoice line is accepted, and why not."""

    row: Proof | InvoiceLine
    accepted: bool
    reason: str = ""


@dataclass(frozen=True)
class ClaimDecision:
    looks: Sequence[Look]
    reason: str = ""


@dataclass(frozen=True)
class Order:
    """An instalment for a claim."""

    amount: Decimal
    reference: str
    method: str = ""  # of PaymentMethod; empty: the program's


@dataclass(frozen=True)
class Outcome:
    """What became of a payment outside: settled on a day, or failed and why."""

    on: date | None = None
    failure: str = ""
