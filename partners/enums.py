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
NOTHING_NEW = (
    PartnerStatus.SUSPENDED, PartnerStatus.OFFBOARDING, PartnerStatus.OFFBOARDED, PartnerStatus.DECLINED,
)  # fmt: skip


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


class ApplicationStatus(TextChoices):
    """An application of somebody who wants to become a partner, or to work at one."""

    SENT = "sent", _("Mail sent")
    WAITING = "waiting", _("Waiting for us")
    PASSED_ON = "passed_on", _("With the partner's admin")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")


class ActionStatus(TextChoices):
    """A line of a new partner's checklist."""

    PENDING = "pending", _("To do")
    WAITING = "waiting", _("Waiting for approval")
    COMPLETED = "completed", _("Completed")
    ACTION_REQUIRED = "action_required", _("Action required")
    SKIPPED = "skipped", _("Skipped")


OPEN_ACTIONS = (ActionStatus.PENDING, ActionStatus.WAITING, ActionStatus.ACTION_REQUIRED)
TO_DO = (ActionStatus.PENDING, ActionStatus.ACTION_REQUIRED)


class DoneBy(TextChoices):
    """What completes a line of the checklist."""

    TERMS = "terms", _("The terms are accepted")
    PROFILE = "profile", _("The company profile is complete")
    COLLEAGUE = "colleague", _("A colleague is invited")
    FIRST_DEAL = "first_deal", _("A deal is registered")
    DOCUMENT = "document", _("A document is sent and approved")
    APPROVAL = "approval", _("The partner says so and it is approved")


class Why(TextChoices):
    """Reason codes of negative moves of a partner."""

    NO_FIT = "no_fit", _("Doesn't fit our program")
    NOT_NOW = "not_now", _("Not now")
    DUPLICATE = "duplicate", _("Is a partner already")
    UNTRUE = "untrue", _("What it told us isn't true")
    TERMS_BROKEN = "terms_broken", _("Broke the terms")
    RISK = "risk", _("Legal or financial risk")
    OWN_WISH = "own_wish", _("Its own wish")
    NO_BUSINESS = "no_business", _("No business")
    ENDED = "ended", _("Gave up, was sold or closed")
    OTHER = "other", _("Another reason")


class OpenDeals(TextChoices):
    """What becomes of a leaving partner's registrations."""

    KEEP = "keep", _("Protected until they end; nothing new")
    RELEASE = "release", _("Released on the last day")


class OpenClaims(TextChoices):
    PAY = "pay", _("Approved activities may be claimed until the last day")
    CANCEL = "cancel", _("Nothing more is claimed; what was claimed is decided")


class OpenEarnings(TextChoices):
    PAY_OUT = "pay_out", _("Paid out with the final statement")
    HOLD = "hold", _("Held until claims of ours are settled")


class OpenLeads(TextChoices):
    RECALL = "recall", _("Taken back now")
    FINISH = "finish", _("Worked on until the last day")


class MergeStatus(TextChoices):
    PROPOSED = "proposed", _("Waits for a second person")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")


class ExportStatus(TextChoices):
    WAITING = "waiting", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
