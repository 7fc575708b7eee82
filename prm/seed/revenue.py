"""What customers paid for the deals that were won, as the ERP tells it: invoices, payments, now and then a refund."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from core.actor import Actor
from deals.enums import RevenueKind, Stage
from deals.models import Opportunity, RevenueEvent
from prm.seed.people import World

ERP = Actor("ERP", "api", sees_all=True)
MONTHLY = 0.12  # of the deals are paid in twelve parts
REFUNDED = 0.04


def fill(world: World) -> None:
    """The revenue of every won deal so far, in the order of the deals."""
    for deal in world.book.rows[Opportunity]:
        if deal.stage == Stage.WON and deal.amount:
            _tell(world, deal)


def _tell(world: World, deal: Opportunity) -> None:
    dice, closed = world.book.dice, deal.closed_on
    assert closed
    assert deal.amount
    parts = 12 if dice.chance(MONTHLY) else 1
    part = (deal.amount / parts).quantize(Decimal("0.01"))
    paid = closed + timedelta(days=dice.random.randrange(12, 45))
    for month in range(parts):
        own = part if month else deal.amount - part * (parts - 1)
        starts = closed + timedelta(days=30 * month)
        _add(world, deal, RevenueKind.INVOICE, starts + timedelta(days=1), own, starts if parts > 1 else None)
        _add(world, deal, RevenueKind.PAYMENT, paid + timedelta(days=30 * month), own, starts if parts > 1 else None)
    if dice.chance(REFUNDED):
        back = (deal.amount / 2).quantize(Decimal("0.01")) if dice.chance(0.7) else deal.amount
        _add(world, deal, RevenueKind.REFUND, paid + timedelta(days=dice.random.randrange(20, 70)), back)


def _add(
    world: World, deal: Opportunity, kind: RevenueKind, day: date, amount: Decimal, starts: date | None = None
) -> None:
    """An event whose day has come."""
    if day >= world.book.dice.today:
        return
    at = datetime.combine(day, time(18), UTC)
    row = RevenueEvent(
        opportunity=deal, kind=kind, occurred_on=day, amount=amount, currency=deal.currency, service_start=starts,
        service_end=starts + timedelta(days=29) if starts else None,
    )  # fmt: skip
    moved = {"kind": [None, str(kind)], "occurred_on": [None, day.isoformat()], "amount": [None, str(amount)]}
    world.book.add_told(row, at, ERP, changes=moved, opportunity=deal.public_id)
