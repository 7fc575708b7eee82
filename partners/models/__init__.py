"""The rows of the partners app, by aggregate."""

from partners.models.care import Absence, HouseRules, ManagerRegion, ManagerTerm
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
from partners.models.leaving import Merge, PartnerExport
from partners.models.lifecycle import AgreementText, Application, Offboarding, OnboardingAction
from partners.models.together import Call, Integration, MutualValue, YearPlan

__all__ = (
    "Absence",
    "Agreement",
    "AgreementText",
    "ApiKey",
    "Application",
    "Call",
    "Contact",
    "HouseRules",
    "Integration",
    "Invitation",
    "ManagerRegion",
    "ManagerTerm",
    "Member",
    "Merge",
    "MutualValue",
    "Note",
    "Offboarding",
    "OnboardingAction",
    "Partner",
    "PartnerExport",
    "PartnerRows",
    "Product",
    "Program",
    "YearPlan",
)
