"""Every table of earnings."""

from earnings.models.lines import Dispute, EarningLine, Entitlement, Handover, UsageReport
from earnings.models.payouts import BankDetails, Payout, PayoutItem, PayoutRun
from earnings.models.rules import EarningTerms, RevenueRule

__all__ = (
    "BankDetails",
    "Dispute",
    "EarningLine",
    "EarningTerms",
    "Entitlement",
    "Handover",
    "Payout",
    "PayoutItem",
    "PayoutRun",
    "RevenueRule",
    "UsageReport",
)
