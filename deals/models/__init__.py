"""Every table of deals."""

from deals.models.attribution import Attribution, AttributionDecision, AttributionRule, Touch
from deals.models.conflicts import ConflictCase
from deals.models.leads import Lead, LeadOffer, LeadRanking, RoutingRule
from deals.models.matching import AccountAlias, CommonKey, CustomerName, Distinct, NameKey
from deals.models.opportunities import Account, Opportunity, OpportunityPartner
from deals.models.protection import Breach, Extension, Revocation, Transfer
from deals.models.registrations import Approval, OwnerQuestion, Registration
from deals.models.revenue import ExchangeRate, RevenueEvent

__all__ = (
    "Account",
    "AccountAlias",
    "Approval",
    "Attribution",
    "AttributionDecision",
    "AttributionRule",
    "Breach",
    "CommonKey",
    "ConflictCase",
    "CustomerName",
    "Distinct",
    "ExchangeRate",
    "Extension",
    "Lead",
    "LeadOffer",
    "LeadRanking",
    "NameKey",
    "Opportunity",
    "OpportunityPartner",
    "OwnerQuestion",
    "Registration",
    "RevenueEvent",
    "Revocation",
    "RoutingRule",
    "Touch",
    "Transfer",
)
