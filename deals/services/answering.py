"""The clock of our answer: it runs while a registration waits for us, and escalates when it is late."""

from datetime import datetime
from typing import Any

from core import timers
from core.actor import SYSTEM
from core.events import record
from deals import rules
from deals.enums import Status
from deals.models import Registration
from deals.standing import policy_of

WAITING = (Status.IN_REVIEW, Status.APPEALED)
_ESCALATIONS = {"escalate": 100, "escalate_more": 150}


def fresh(deal: Registration, at: datetime) -> dict[str, Any]:
    """The columns of a clock that starts now; what the partner must confirm first has none yet."""
    if deal.on_behalf and deal.confirmed_at is None:
        return {"due_at": None, "clock_left": None}
    due = rules.decision_due(policy_of(deal), deal.motion, at, deal.partner.time_zone)
    return {"due_at": due, "clock_left": None}


def stopped(deal: Registration, at: datetime) -> dict[str, Any]:
    """The columns of a clock that stands still from now on."""
    left = rules.clock_left(deal.due_at, at, deal.partner.time_zone) if deal.due_at else deal.clock_left
    return {"due_at": None, "clock_left": left}


def resumed(deal: Registration, at: datetime) -> dict[str, Any]:
    """The columns of a clock that goes on now."""
    if deal.clock_left is None:
        return {"due_at": deal.due_at}
    return {"due_at": rules.clock_resumed(deal.clock_left, at, deal.partner.time_zone), "clock_left": None}


def watch(deal: Registration) -> None:
    """Sets the escalations by the clock as it stands; takes them away where none runs."""
    if deal.due_at is None or deal.status not in WAITING:
        timers.clear(deal, *_ESCALATIONS)
        return
    moments = rules.escalations(policy_of(deal), deal.motion, deal.due_at, deal.partner.time_zone)
    timers.put(deal, dict(zip(_ESCALATIONS, moments, strict=True)))


def escalate(deal: Registration, kind: str, *, at: datetime) -> None:
    """Our answer is late: others on our side are told. Nothing happens when it was given meanwhile."""
    if deal.due_at is None or deal.status not in WAITING or at < deal.due_at:
        return
    data = {"percent": _ESCALATIONS[kind], "due_at": deal.due_at.isoformat()}
    record("escalated", deal, by=SYSTEM, at=at, data=data)  # of no partner: how we help ourselves is our affair
