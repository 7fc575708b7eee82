"""Judgement about figures: formulas of the metrics, which events count as commercial. Pure."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from deals.enums import PartnerRole as Role
from partners.enums import PartnerType as Type

# --- what makes a partner active ------------------------------------------------------------------------------------

USUAL = ("registration", "lead", "win")
_TOGETHER = ("touch", "integration", "joint_win")
# Live campaigns join when they exist.
QUALIFYING: Mapping[str, tuple[str, ...]] = {
    Type.REFERRAL: USUAL,
    Type.RESELLER: USUAL,
    Type.STRATEGIC: USUAL,
    Type.AGENCY: (*USUAL, "implementing"),
    Type.INTEGRATION: _TOGETHER,
    Type.TECHNOLOGY: _TOGETHER,
    Type.OEM: ("usage",),
}
KINDS_OF_ROLE: Mapping[str, tuple[str, ...]] = {
    Role.SOURCING: ("win", "joint_win"),
    Role.SELLING: ("win", "joint_win"),
    Role.CO_SELL: ("win", "joint_win"),
    Role.DISTRIBUTOR: ("win", "joint_win"),
    Role.IMPLEMENTING: ("implementing", "joint_win"),
    Role.TECHNOLOGY: ("joint_win",),
}
DEAL_ROLES = (Role.SOURCING, Role.SELLING, Role.CO_SELL)  # whose win is a partner's own deal

_ERROR = 1e-9  # of a product of many shares

# --- formulas -------------------------------------------------------------------------------------------------------


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """part ÷ whole in percent with one decimal; None when there is no whole."""
    if whole == 0:
        return None
    return (part * 100 / whole).quantize(Decimal("0.1"), ROUND_HALF_EVEN)


def convert(amounts: Mapping[str, Decimal], rates: Mapping[str, Decimal]) -> tuple[Decimal | None, list[str]]:
    """The sum of amounts by currency in the reporting currency, and the currencies whose rate is missing.

    None when any is missing: a rate is never taken to be 1.
    """
    missing = sorted(c for c, amount in amounts.items() if amount and c not in rates)
    if missing:
        return None, missing
    total = sum((amount * rates[c] for c, amount in amounts.items() if amount), Decimal(0))
    return total.quantize(Decimal("0.01"), ROUND_HALF_EVEN), []


@dataclass(frozen=True, slots=True)
class Survival:
    """How long partners take to their first deal: the median, or None where fewer than half get one in sight."""

    median: int | None
    steps: tuple[tuple[int, float], ...]  # (day, share without a deal from that day on)

    def within(self, days: int) -> float:
        """The share that has a first deal within so many days."""
        left = [share for day, share in self.steps if day <= days]
        return 1 - left[-1] if left else 0.0


def survival(deals: Sequence[int], none_yet: Sequence[int]) -> Survival:
    """The Kaplan–Meier estimate over days to first deals, and days without one so far.

    At equal days deals come before censoring. Source: Kaplan and Meier 1958, product-limit estimate.
    """
    days, at = sorted([*deals, *none_yet]), Counter(deals)
    left, steps = 1.0, []
    for day in sorted(at):
        left *= 1 - at[day] / (len(days) - bisect_left(days, day))
        steps.append((day, left))
    return Survival(next((day for day, share in steps if share <= 0.5 + _ERROR), None), tuple(steps))
