"""Deals in the REST API."""

from deals.api.conflicts import CONFLICT_CASES
from deals.api.leads import LEAD_OFFERS, LEADS
from deals.api.pipeline import ACCOUNTS, ATTRIBUTIONS, OPPORTUNITIES, OPPORTUNITY_PARTNERS
from deals.api.protection import BREACHES, EXTENSIONS, TRANSFERS
from deals.api.registrations import REGISTRATIONS
from deals.api.revenue import REVENUE_EVENTS
from deals.api.touches import TOUCHES

RESOURCES = (
    ACCOUNTS,
    OPPORTUNITIES,
    OPPORTUNITY_PARTNERS,
    ATTRIBUTIONS,
    REGISTRATIONS,
    CONFLICT_CASES,
    EXTENSIONS,
    TRANSFERS,
    BREACHES,
    LEADS,
    LEAD_OFFERS,
    TOUCHES,
    REVENUE_EVENTS,
)
