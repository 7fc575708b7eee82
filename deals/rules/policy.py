"""The deal terms of a program as data, and the moments they lead to. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core.calendar import days_after, working_days_after
from deals.enums import Motion, PartnerRole


@dataclass(frozen=True)
class Policy:
    """The deal terms of a program, with what holds where the program is silent."""

    decision_working_days: int = 2
    referral_working_days: int = 2
    protection_days: int = 90
    expiring_days: int = 30
    grace_days: int = 7
    capacity: int | None = None  # live registrations per partner
    minimum_amount: Decimal | None = None  # in the program's currency

    @classmethod
    def of(cls, terms: Mapping[str, Any]) -> "Policy":
        """The policy a program's data describes; other keys are none of its business."""
        known = {f.name: terms[f.name] for f in fields(cls) if f.name in terms}
        minimum = known.get("minimum_amount")
        return cls(**known | ({"minimum_amount": Decimal(str(minimum))} if minimum is not None else {}))


@dataclass(frozen=True)
class Standing:
    """What approval depends on besides the registration itself."""

    partner_status: str
    has_agreement: bool
    open_conflicts: int
    coverage: str
    covered_by_partner: bool
    live: int  # the partner's protected registrations
    policy: Policy
    decided_by_reader: bool = False  # who looks is who decided last


def decision_due(policy: Policy, motion: str, at: datetime, zone: str) -> datetime:
    """When the vendor's answer is due: working days after `at`, at the close of business in the partner's zone."""
    days = policy.referral_working_days if motion == Motion.REFER else policy.decision_working_days
    return working_days_after(at, days, zone)


def protection(policy: Policy, at: datetime, zone: str) -> tuple[datetime, datetime]:
    """(end of protection, end of grace): ends of local days, so daylight saving changes nothing."""
    return days_after(at, policy.protection_days, zone), days_after(
        at, policy.protection_days + policy.grace_days, zone
    )


def expiring_from(protection_expires_at: datetime, policy: Policy) -> datetime:
    return protection_expires_at - timedelta(days=policy.expiring_days)


_SELLING: dict[str, str] = {Motion.RESELL: PartnerRole.SELLING, Motion.CO_SELL: PartnerRole.CO_SELL}


def roles_of(motion: str) -> tuple[str, ...]:
    """The partner's roles in the opportunity that an approved registration opens."""
    selling = _SELLING.get(motion)
    return (PartnerRole.SOURCING, selling) if selling else (PartnerRole.SOURCING,)
