"""Market funds in the REST API. Whatever moves money needs the version that was read."""

from mdf.api.budgets import ALLOCATIONS, BUDGETS, CHANGES
from mdf.api.claims import CLAIMS, INVOICE_LINES, PROOFS
from mdf.api.payments import PAYMENTS
from mdf.api.requests import ACTIVITIES, REQUESTS

RESOURCES = (BUDGETS, CHANGES, ALLOCATIONS, REQUESTS, ACTIVITIES, CLAIMS, INVOICE_LINES, PROOFS, PAYMENTS)
