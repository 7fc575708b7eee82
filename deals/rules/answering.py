"""The moments that a program's terms lead to. Pure."""

from datetime import datetime, timedelta
from decimal import Decimal

from core.calendar import days_after, working_days_after
from core.hours import after_working_time, working_time
from deals.enums import Motion
from deals.rules.policy import Policy, Standing

WORKING_DAY = timedelta(hours=8)
APPEAL_DAYS = 10
OWNER_WORKING_DAYS = 10


def promised(policy: Policy, motion: str) -> timedelta:
    """The working time within which the vendor answers."""
    if motion == Motion.REFER:
        return policy.referral_working_days * WORKING_DAY
    if policy.decision_working_hours is not None:
        return timedelta(hours=policy.decision_working_hours)
    return policy.decision_working_days * WORKING_DAY


def decision_due(policy: Policy, motion: str, at: datetime, zone: str) -> datetime:
    """When the vendor's answer is due: at the close of business so many working days after `at` in the partner's zone,
    or when so many working hours have gone.
    """
    if motion != Motion.REFER and policy.decision_working_hours is not None:
        return after_working_time(at, promised(policy, motion), zone)
    days = policy.referral_working_days if motion == Motion.REFER else policy.decision_working_days
    return working_days_after(at, days, zone)


def research_due(policy: Policy, due: datetime, zone: str) -> datetime:
    """When the answer is due after more time was taken."""
    return working_days_after(due, policy.research_working_days, zone)


def escalations(policy: Policy, motion: str, due: datetime, zone: str) -> tuple[datetime, datetime]:
    """(100%, 150%) of the clock of an answer that is due then."""
    return due, after_working_time(due, promised(policy, motion) / 2, zone)


def clock_left(due: datetime, at: datetime, zone: str) -> timedelta:
    """The working time that is left on a clock when it stops."""
    return working_time(at, due, zone) if due > at else timedelta()


def clock_resumed(left: timedelta, at: datetime, zone: str) -> datetime:
    """When the answer is due if the clock goes on now with this working time left."""
    return after_working_time(at, left, zone)


def protection(policy: Policy, start: datetime, zone: str, amount: Decimal | None = None) -> tuple[datetime, datetime]:
    """(end of protection, end of grace) from the start of its clock: ends of local days, so daylight saving changes
    nothing.
    """
    days = policy.days_for(amount)
    return days_after(start, days, zone), days_after(start, days + policy.grace_days, zone)


def protection_start(deal, standing: Standing, at: datetime) -> datetime:
    """Where the clock of a protection that is given now starts, as the program says."""
    starts = standing.policy.protection_starts
    if starts == "submission":
        return deal.submitted_at or at
    if starts == "registration":  # when it was on our books complete: the last answer to a question counts
        return standing.registered_at or deal.submitted_at or at
    if starts == "assignment":
        return standing.assigned_at or at
    return at


def expiring_from(protection_expires_at: datetime, policy: Policy) -> datetime:
    return protection_expires_at - timedelta(days=policy.expiring_days)


def appeal_ends(at: datetime, zone: str) -> datetime:
    """Until when a decline of this moment can be appealed."""
    return days_after(at, APPEAL_DAYS, zone)


def owner_answer_ends(asked_at: datetime, zone: str) -> datetime:
    """Until when the owner of an opportunity can answer."""
    return working_days_after(asked_at, OWNER_WORKING_DAYS, zone)
