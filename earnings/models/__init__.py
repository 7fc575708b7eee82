"""Every table of earnings."""

from earnings.models.lines import Dispute, EarningLine, Entitlement, UsageReport
from earnings.models.rules import EarningTerms, RevenueRule

__all__ = ("Dispute", "EarningLine", "EarningTerms", "Entitlement", "RevenueRule", "UsageReport")
