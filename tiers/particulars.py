"""The particulars of the services: frozen values that doors and higher apps hand down."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from partners.models import Partner, Program

TRAILING_YEAR = "trailing_12_months"


@dataclass(frozen=True, slots=True)
class FactRow:
    """A figure of a membership. `lapses`: the days on which it falls by one, the last ones first."""

    membership_id: UUID
    partner_id: UUID
    metric: str
    value: Decimal
    window: str = TRAILING_YEAR
    lapses: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A custom figure of one membership, set by a person or another system."""

    metric: str
    value: Decimal
    window: str = TRAILING_YEAR


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A partner's way into a program."""

    partner: Partner
    program: Program
    partner_type: str
    starts_on: date


@dataclass(frozen=True, slots=True)
class Decision:
    """Words to a decision about a tier; `until` = not before that day again."""

    reason: str
    until: date | None = None
