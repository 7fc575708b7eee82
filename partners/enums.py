from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PartnerStatus(TextChoices):
    """Where a partner stands in its life with the vendor."""

    CANDIDATE = "candidate", _("Candidate")
    CONTACTED = "contacted", _("Contacted")
    EVALUATING = "evaluating", _("Evaluating")
    NURTURE = "nurture", _("Nurture")
    DECLINED = "declined", _("Declined")
    APPROVED = "approved", _("Approved")
    ONBOARDING = "onboarding", _("Onboarding")
    ACTIVE = "active", _("Active")
    INACTIVE = "inactive", _("Inactive")
    SUSPENDED = "suspended", _("Suspended")
    OFFBOARDING = "offboarding", _("Offboarding")
    OFFBOARDED = "offboarded", _("Offboarded")


WORKING = (PartnerStatus.ONBOARDING, PartnerStatus.ACTIVE, PartnerStatus.INACTIVE)


class PartnerType(TextChoices):
    REFERRAL = "referral", _("Referral partner")
    RESELLER = "reseller", _("Reseller")
    INTEGRATION = "integration", _("Integration partner")
    AGENCY = "agency", _("Agency / consulting partner")
    STRATEGIC = "strategic", _("Strategic / co-sell partner")
    TECHNOLOGY = "technology", _("Technology partner")
    OEM = "oem", _("OEM partner")


class MemberRole(TextChoices):
    ADMIN = "admin", _("Admin")
    SALES = "sales", _("Sales")
    MARKETING = "marketing", _("Marketing")
    FINANCE = "finance", _("Finance")
    VIEWER = "viewer", _("Viewer")


class StaffRole(TextChoices):
    CHANNEL_MANAGER = "channel_manager", _("Channel manager")
    CHANNEL_MARKETING = "channel_marketing", _("Channel marketing")
    CHANNEL_OPERATIONS = "channel_operations", _("Channel operations")
    FINANCE = "finance", _("Finance")
    EXECUTIVE = "executive", _("Executive")
    ADMINISTRATOR = "administrator", _("Administrator")
    VIEWER = "viewer", _("Viewer")


class ContactRole(TextChoices):
    SALES = "sales", _("Sales")
    TECHNICAL = "technical", _("Technical")
    MARKETING = "marketing", _("Marketing")
    EXECUTIVE = "executive", _("Executive")
    BILLING = "billing", _("Billing")


class PortalAccess(TextChoices):
    NONE = "none", _("No sign-in")
    INVITED = "invited", _("Invited")
    ACTIVE = "active", _("Active")
    DISABLED = "disabled", _("Disabled")


class ProgramStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    CLOSED = "closed", _("Closed")


class InvitationStatus(TextChoices):
    SENT = "sent", _("Sent")
    ACCEPTED = "accepted", _("Accepted")
    REVOKED = "revoked", _("Cancelled")
    EXPIRED = "expired", _("Expired")


class IntegrationStatus(TextChoices):
    PLANNED = "planned", _("Planned")
    BETA = "beta", _("Beta")
    LIVE = "live", _("Live")
    RETIRED = "retired", _("Retired")


class Direction(TextChoices):
    """Which way data goes between the two products."""

    TO_US = "to_us", _("From theirs into ours")
    TO_THEM = "to_them", _("From ours into theirs")
    BOTH = "both", _("Both ways")


class Maker(TextChoices):
    """Who built or looks after an integration."""

    VENDOR = "vendor", _("We")
    PARTNER = "partner", _("The partner")
    BOTH = "both", _("Both")
    OTHER = "other", _("Somebody else")
