"""The particulars of the services: what forms and serializers hand down, as frozen values."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from deals.enums import Motion, Stage
from deals.models import Opportunity, RevenueEvent
from partners.models import Partner, Product
from tiers.models import ProgramMembership


@dataclass(frozen=True)
class Claim:
    """What a partner tells about a deal. `membership` is under which program it is registered."""

    membership: ProgramMembership
    account_name: str = ""
    website: str = ""
    country: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_role: str = ""
    product: Product | None = None
    quantity: int = 1
    amount: Decimal | None = None
    currency: str = "USD"
    expected_close_on: date | None = None
    motion: str = Motion.RESELL
    need: str = ""
    how_found: str = ""
    competitor: str = ""
    extra: dict = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """Column → value."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True)
class Question:
    """What the vendor asks, and which fields the partner may change to answer."""

    text: str
    opened_fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    text: str
    changes: dict = field(default_factory=dict)  # of the opened fields


@dataclass(frozen=True)
class Rejection:
    code: str
    reason: str


@dataclass(frozen=True)
class Approval:
    note: str = ""
    owner_email: str = ""  # who works on it on our side; of a referral above all


@dataclass(frozen=True)
class OwnerAsked:
    """Whom of our side we ask whether a deal is theirs, and about which opportunity."""

    email: str
    opportunity: Opportunity | None = None


@dataclass(frozen=True)
class OwnerReply:
    answer: str
    note: str = ""


@dataclass(frozen=True)
class Reason:
    text: str


@dataclass(frozen=True)
class Progress:
    """What the partner may change on a protected deal; None leaves a field as it is."""

    next_step: str | None = None
    expected_close_on: date | None = None
    amount: Decimal | None = None


@dataclass(frozen=True)
class Handover:
    """To whom a protected deal goes: the other partner's number, and why (or the customer's letter)."""

    to_partner: str
    text: str = ""


@dataclass(frozen=True)
class BreachDecision:
    """What became of a direct opportunity on a protected deal, and why; the partner reads both."""

    outcome: str
    reason: str


@dataclass(frozen=True)
class WinProposal:
    """The partner says that the deal is won: the number of the order or invoice, its day, the amount."""

    number: str
    closed_on: date
    amount: Decimal | None = None


@dataclass(frozen=True)
class Closing:
    """How an opportunity ended. `amount` None keeps the one it has."""

    stage: Stage
    closed_on: date
    amount: Decimal | None = None


@dataclass(frozen=True)
class Resolution:
    """A decision about a conflict case. The two texts are what each side reads; neither names the other."""

    outcome: str
    reason: str
    winner: str = ""
    share_percent: Decimal | None = None  # of this registration, when the credit is split
    letter: str = ""  # the customer's choice: who wrote what, when
    ours_told: str = ""
    other_told: str = ""


@dataclass(frozen=True)
class TouchClaim:
    """What a partner did for an opportunity; without one, for the customer it names."""

    partner: Partner
    kind: str
    happened_on: date
    opportunity: Opportunity | None = None
    account_name: str = ""
    note: str = ""
    campaign: str = ""  # tracking code of a funded activity


@dataclass(frozen=True)
class SourcingDecision:
    """Who sourced an opportunity by a manager's word; nobody where `partner` is None."""

    partner: Partner | None
    reason: str


@dataclass(frozen=True)
class RuleDraft:
    """Rules of attribution as data (deals.rules.attribution.Terms), with why they change."""

    definition: Mapping[str, Any]
    note: str = ""


@dataclass(frozen=True)
class Revenue:
    """What finance enters about an opportunity. `amount` is above zero for all kinds."""

    kind: str
    occurred_on: date
    amount: Decimal
    service_start: date | None = None
    service_end: date | None = None
    about: RevenueEvent | None = None  # of a refund or credit: the invoice or payment


@dataclass(frozen=True)
class DatedRate:
    """What one unit of a currency is worth in the reporting currency from a day on."""

    currency: str
    day: date
    rate: Decimal


def as_values(particulars: Any) -> dict[str, Any]:
    """Column → value of those that are not None."""
    return {name: value for name, value in asdict(particulars).items() if value is not None}
