"""The license fee of a period: units at their price, at least what was committed. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from core.money import round_money


@dataclass(frozen=True, slots=True)
class Period:
    """What an OEM partner used from one day to another."""

    first: date
    last: date
    units: int


def fee(period: Period, price: Decimal, minimum: Decimal | None, currency: str) -> tuple[Decimal, list[dict[str, Any]]]:
    """The fee, and the steps it was made by."""
    used = round_money(price * period.units, currency)
    steps: list[dict[str, Any]] = [{"step": "units", "units": period.units, "price": str(price), "gives": str(used)}]
    if minimum is None or used >= minimum:
        return used, steps
    return minimum, [*steps, {"step": "minimum", "bound": str(minimum), "gives": str(minimum)}]
