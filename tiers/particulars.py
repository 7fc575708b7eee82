"""The particulars of the services: frozen values that doors and higher apps hand down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.models import User
from partners.models import Partner, Program
from tiers.models import Tier

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


@dataclass(frozen=True, slots=True)
class DraftText:
    """A program's rules as they are to be, and what changes and why."""

    definition: Mapping[str, Any]
    reason: str | None = None  # None: as it was


@dataclass(frozen=True, slots=True)
class Publication:
    """From which day rules are to hold (None: today), and why."""

    effective_on: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What is said to the partner, or kept, with a decision."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A tier is kept although the figures no longer reach it: why, and until which day."""

    reason: str
    until: date


@dataclass(frozen=True, slots=True)
class Demotion:
    """A move down: why, and from which day (None: today)."""

    reason: str
    effective_on: date | None = None


@dataclass(frozen=True, slots=True)
class OverrideTerms:
    """A tier by decision instead of by figures: why, from and until which day, both counted."""

    tier: Tier
    reason: str
    starts_on: date
    until: date


@dataclass(frozen=True, slots=True)
class Wish:
    """What a partner asks for by its tier."""

    kind: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How a wish is met: who looks after it at the vendor, the sponsor, the next date, and what comes of it."""

    outcome: str
    owner: User | None = None
    sponsor: str = ""
    next_on: date | None = None
