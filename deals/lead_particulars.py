"""The particulars of the services about leads."""

from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from accounts.models import User
from deals.enums import LeadSource, RoutingMode, Temperature
from partners.models import Partner, Product


@dataclass(frozen=True)
class Enquiry:
    """What the vendor knows about somebody who may buy."""

    account_name: str
    website: str = ""
    country: str = ""
    region: str = ""
    industry: str = ""
    employee_count: int | None = None
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    contact_role: str = ""
    product: Product | None = None
    amount: Decimal | None = None
    currency: str = "USD"
    need: str = ""
    source: str = LeadSource.INBOUND
    source_detail: str = ""
    campaign: str = ""  # tracking code of the funded activity it came from
    temperature: str = Temperature.WARM
    owner: User | None = None

    def values(self) -> dict[str, Any]:
        """Column → value."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True)
class OfferTo:
    """To whom a lead is offered; None: to the best by the routing rules."""

    partner: Partner | None = None


@dataclass(frozen=True)
class No:
    """Why a partner declines an offer."""

    code: str
    reason: str = ""


@dataclass(frozen=True)
class Report:
    """What a partner did with a lead."""

    text: str
    next_step: str = ""


@dataclass(frozen=True)
class Ending:
    """Why nothing becomes of a lead."""

    code: str
    reason: str = ""


@dataclass(frozen=True)
class RuleTerms:
    """A routing rule as somebody wrote it."""

    name: str
    match: dict[str, Any] = field(default_factory=dict)
    mode: str = RoutingMode.RANKED
    partner: Partner | None = None
    weights: dict[str, int] = field(default_factory=dict)
    answer_hours: int = 24
    offers: int = 3
    is_active: bool = True

    def values(self) -> dict[str, Any]:
        """Column → value."""
        return {f.name: getattr(self, f.name) for f in fields(self)}
