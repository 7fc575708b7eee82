"""What is asked for in all, and the legs that bring reserved money home."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from core import ledger
from core.calendar import end_of_local_day
from core.models import LedgerAccount
from core.money import Money
from mdf import money
from mdf.models import Request


def asked(request: Request) -> Decimal:
    """What is asked for in all, in the request's currency."""
    return sum((activity.asked_amount for activity in request.activities.all()), Decimal(0))


def release_legs(request: Request, at: datetime) -> list[ledger.Leg]:
    """What brings everything that is reserved for a request back to where it came from."""
    activities = list(request.activities.select_for_update())
    still = money.balances(money.RESERVED, [a.pk for a in activities])
    home = home_of(request, at)
    return [
        leg
        for activity in activities
        if (left := still.get(activity.pk))
        for leg in ledger.move(money.reserved(activity), home, Money(left, request.currency))
    ]


def home_of(request: Request, at: datetime) -> LedgerAccount:
    """Where released money goes: to the partner's funds, or to the budget once those have ended."""
    allocation = request.allocation
    assert allocation is not None
    if allocation.expires_on and at >= end_of_local_day(allocation.expires_on, request.partner.time_zone):
        return money.undivided(allocation.budget)
    return money.available(allocation)


def moved(legs: Sequence[ledger.Leg]) -> dict[str, Any]:
    return ledger.told(legs) if legs else {}


def post(event: Any, legs: Sequence[ledger.Leg]) -> None:
    if legs:
        ledger.post(event, legs)
