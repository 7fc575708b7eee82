"""Every change of market funds, one function each: `services.requests.approve(...)`."""

from mdf.services import budgets, claims, deciding, executing, payments, requests

__all__ = ("budgets", "claims", "deciding", "executing", "payments", "requests")
