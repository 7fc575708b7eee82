"""Judgement about registrations: pure, every fact handed in."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.calendar import days_after, working_days_after
from deals.enums import Coverage, Motion, PartnerRole, Verdict
from partners.enums import WORKING


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


# --- bars: a sentence that says why not, or None ------------------------------------------------------------------


def not_assessed(deal, at: datetime) -> str | None:
    return None if deal.standing else _("This page is out of date. Load it again.")


def partner_stands_aside(deal, at: datetime) -> str | None:
    if deal.standing.partner_status in WORKING:
        return None
    return _("The partner isn't working with us now. Reactivate the partner first.")


def no_agreement(deal, at: datetime) -> str | None:
    return (
        None if deal.standing.has_agreement else _("The partner has signed no agreement. Ask its admin to sign first.")
    )


def conflict_open(deal, at: datetime) -> str | None:
    return _("A conflict is open. Decide it first.") if deal.standing.open_conflicts else None


def customer_closed(deal, at: datetime) -> str | None:
    standing = deal.standing
    if standing.coverage == Coverage.OPEN or (
        standing.coverage == Coverage.NAMED_PARTNER and standing.covered_by_partner
    ):
        return None
    return _("This customer isn't open to this partner. Change the coverage of the account, or decline.")


def capacity_reached(deal, at: datetime) -> str | None:
    capacity = deal.standing.policy.capacity
    if capacity is None or deal.standing.live < capacity:
        return None
    return _("The partner holds %(live)s protected deals of %(capacity)s. One must close or be released first.") % {
        "live": deal.standing.live,
        "capacity": capacity,
    }


def below_minimum(deal, at: datetime) -> str | None:
    minimum = deal.standing.policy.minimum_amount
    if minimum is None or deal.amount is None or deal.amount >= minimum:
        return None
    return _("The value is below the program's minimum of %s. Ask for more, or decline.") % minimum


def incomplete(deal, at: datetime) -> str | None:
    missing = not (deal.account_name and deal.amount and deal.product_id and deal.country)
    return _("Something is missing. Fill in company, country, product and value, then send.") if missing else None


def past_grace(deal, at: datetime) -> str | None:
    if deal.grace_until and at >= deal.grace_until:
        return _("The protection and its grace have ended. Register the deal anew.")
    return None


def still_protected(deal, at: datetime) -> str | None:
    if deal.protection_expires_at and at < deal.protection_expires_at:
        return _("The protection hasn't ended yet.")
    return None


# --- verdicts of the duplicate check ---------------------------------------------------------------------------------

_WEIGHT = {Verdict.CLEAR: 0, Verdict.POSSIBLE: 1, Verdict.CONFLICT: 2, Verdict.CUSTOMER: 3, Verdict.YOURS: 4}


def worst(verdicts) -> str:
    """The one verdict to show for several matches; clear when there is none."""
    return max(verdicts, key=lambda v: _WEIGHT[v], default=Verdict.CLEAR)
