"""The figures that the system computes by itself; all others are custom figures that people and systems send."""

from collections.abc import Mapping

DEALS, REVENUE, MONTHS = "deals", "revenue", "months"
CLOSED_DEALS_12M = "closed_deals_12m"  # always of the trailing 12 months
MEASURES: Mapping[str, str] = {
    CLOSED_DEALS_12M: DEALS,
    "closed_deals": DEALS,
    "won_deals": DEALS,
    "won_revenue": REVENUE,
    "tenure_months": MONTHS,
}
