"""What is asked for in all, and the legs that bring reserved money home."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from core import ledger
from core.calendar import end_of_local_day
from core.models import LedgerAccount
from core.money import Money
from mdf import money
from mdf.enums import ActivityStatus
from mdf.models import Activity, Request


def asked(request: Request) -> Decimal:
    """What is asked for in all, in the request's currency."""
    return sum((activity.asked_amount for activity in request.activities.all()), Decimal(0))


def agreed_beside(request: Request) -> Decimal:
    """What stays agreed of the request that this one is a changed part of: the steps count it, too."""
    root = request.changed_from_id
    if root is None:
        return Decimal(0)
    family = Activity.objects.filter(Q(request=root) | Q(request__changed_from=root)).exclude(request=request)
    stays = family.filter(status__in=(ActivityStatus.APPROVED, ActivityStatus.SETTLED))
    return stays.aggregate(sum=Sum("approved_amount", default=Decimal(0)))["sum"]


def release_legs(request: Request, at: datetime, only: Sequence[UUID] | None = None) -> list[ledger.Leg]:
    """What brings everything that is reserved for a request (or for these activities) back to where it came from."""
    rows = request.activities.select_for_update()
    activities = list(rows if only is None else rows.filter(pk__in=only))
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
