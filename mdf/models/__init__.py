"""Every table of market funds."""

from mdf.models.budgets import Allocation, Budget, BudgetChange, FundTerms
from mdf.models.claims import Claim, InvoiceLine, Payment, Proof
from mdf.models.requests import Activity, BudgetLine, Request, StepTaken

__all__ = (
    "Activity",
    "Allocation",
    "Budget",
    "BudgetChange",
    "BudgetLine",
    "Claim",
    "FundTerms",
    "InvoiceLine",
    "Payment",
    "Proof",
    "Request",
    "StepTaken",
)
