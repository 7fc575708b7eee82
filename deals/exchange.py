"""The rate of a day between two currencies, for apps beside this one."""

from datetime import date, datetime
from decimal import Decimal

from django.conf import settings

from core.actor import Actor
from deals.models import ExchangeRate

_PLACES = Decimal("0.00000001")


def rate(actor: Actor, subject: tuple[str, str, date], at: datetime) -> tuple[Decimal, date] | None:
    """(units of the second currency per unit of the first, the earlier day of the two rates it is made of)."""
    first, second, day = subject
    rows = ExchangeRate.objects.filter(currency__in=(first, second), day__lte=day).order_by("currency", "-day")
    known = {row.currency: (row.rate, row.day) for row in rows.distinct("currency")}
    known[settings.REPORTING_CURRENCY] = (Decimal(1), day)
    if first not in known or second not in known:
        return None
    return (known[first][0] / known[second][0]).quantize(_PLACES), min(known[first][1], known[second][1])
