"""The judgement of earnings. Pure: no rows, no clock."""

from earnings.rules.bars import held, never_paid, not_invoiced, window_over
from earnings.rules.choosing import Case, choose, specificity, tie
from earnings.rules.differences import Kept, differences
from earnings.rules.fees import Period, fee
from earnings.rules.reckoning import Key, Movement, Pool, Reckoned, Share, Sum, months_after, reckon
from earnings.rules.shares import Part, shares
from earnings.rules.terms import Rate, RateMissing, Rates, Terms, decimal

__all__ = (
    "Case",
    "Kept",
    "Key",
    "Movement",
    "Part",
    "Period",
    "Pool",
    "Rate",
    "RateMissing",
    "Rates",
    "Reckoned",
    "Share",
    "Sum",
    "Terms",
    "choose",
    "decimal",
    "differences",
    "fee",
    "held",
    "months_after",
    "never_paid",
    "not_invoiced",
    "reckon",
    "shares",
    "specificity",
    "tie",
    "window_over",
)
