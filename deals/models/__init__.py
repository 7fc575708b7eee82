"""Every table of deals."""

from deals.models.attribution import Attribution, AttributionDecision, AttributionRule, Touch
from deals.models.conflicts import ConflictCase
from deals.models.leads import Lead, LeadOffer, LeadRanking, RoutingRule
from deals.models.opportunities import Account, Opportunity, OpportunityPartner
from deals.models.protection import Breach, Extension, Revocation, Transfer
from deals.models.registrations import Approval, OwnerQuestion, Registration

__all__ = (
    "Account",
    "Approval",
    "Attribution",
    "AttributionDecision",
    "AttributionRule",
    "Breach",
    "ConflictCase",
    "Extension",
    "Lead",
    "LeadOffer",
    "LeadRanking",
    "Opportunity",
    "OpportunityPartner",
    "OwnerQuestion",
    "Registration",
    "Revocation",
    "RoutingRule",
    "Touch",
    "Transfer",
)
