"""The rows of the partners app, by aggregate."""

from partners.models.company import (
    Agreement,
    ApiKey,
    Contact,
    Invitation,
    Member,
    Note,
    Partner,
    PartnerRows,
    Product,
    Program,
)
from partners.models.lifecycle import AgreementText, Application, Offboarding, OnboardingAction
from partners.models.together import Call, Integration, MutualValue, YearPlan

__all__ = (
    "Agreement",
    "AgreementText",
    "ApiKey",
    "Application",
    "Call",
    "Contact",
    "Integration",
    "Invitation",
    "Member",
    "MutualValue",
    "Note",
    "Offboarding",
    "OnboardingAction",
    "Partner",
    "PartnerRows",
    "Product",
    "Program",
    "YearPlan",
)
