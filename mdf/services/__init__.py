"""Every change of market funds, one function each: `services.requests.approve(...)`."""

from mdf.services import accruals, budgets, changing, claims, deciding, executing, payments, requests, results, terms

__all__ = (
    "accruals",
    "budgets",
    "changing",
    "claims",
    "deciding",
    "executing",
    "payments",
    "requests",
    "results",
    "terms",
)
