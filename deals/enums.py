from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Coverage(TextChoices):
    """Who may sell to an end customer."""

    OPEN = "open", _("Open to partners")
    HOUSE = "house", _("House account")
    NAMED_PARTNER = "named_partner", _("Named partner")
    NO_PARTNER = "no_partner", _("No partner")


class OpportunityKind(TextChoices):
    NEW = "new", _("New business")
    EXPANSION = "expansion", _("Expansion")
    RENEWAL = "renewal", _("Renewal")


class Stage(TextChoices):
    OPEN = "open", _("Open")
    WON = "won", _("Closed won")
    LOST = "lost", _("Closed lost")


class VendorSource(TextChoices):
    NONE = "none", _("None")
    INBOUND = "inbound", _("Inbound")
    MARKETING = "marketing", _("Marketing")
    SALES_OUTBOUND = "sales_outbound", _("Sales outbound")


class PartnerRole(TextChoices):
    SOURCING = "sourcing", _("Sourcing")
    SELLING = "selling", _("Selling")
    DISTRIBUTOR = "distributor", _("Distributor")
    IMPLEMENTING = "implementing", _("Implementing")
    CO_SELL = "co_sell", _("Co-sell")
    TECHNOLOGY = "technology", _("Technology")


class Motion(TextChoices):
    REFER = "refer", _("Refer: you introduce, we sell")
    CO_SELL = "co_sell", _("Co-sell: we sell together")
    RESELL = "resell", _("Resell: you sell")


class Status(TextChoices):
    """Where a registration stands, in the words of both sides."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    IN_REVIEW = "in_review", _("In review")
    ACTION_REQUIRED = "action_required", _("Action required")
    APPROVED = "approved", _("Approved")
    EXPIRING = "expiring", _("Expiring")
    EXPIRED = "expired", _("Expired")
    REJECTED = "rejected", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    RELEASED = "released", _("Released")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


WITH_US = (Status.SUBMITTED, Status.IN_REVIEW)
PROTECTED = (Status.APPROVED, Status.EXPIRING)
LIVE = (*WITH_US, Status.ACTION_REQUIRED, *PROTECTED)
FINAL = (Status.REJECTED, Status.WITHDRAWN, Status.RELEASED, Status.WON, Status.LOST)


class RejectReason(TextChoices):
    INCOMPLETE = "incomplete", _("Incomplete")
    ALREADY_REGISTERED = "already_registered", _("Already registered")
    VENDOR_ENGAGED = "vendor_engaged", _("We are already engaged")
    EXISTING_CUSTOMER = "existing_customer", _("Existing customer")
    HOUSE_ACCOUNT = "house_account", _("House account")
    NOT_QUALIFIED = "not_qualified", _("Not qualified")
    NOT_AUTHORISED = "not_authorised", _("Not authorised")
    BELOW_MINIMUM = "below_minimum", _("Below the minimum")
    TENDER_RULE = "tender_rule", _("Tender rule")
    CUSTOMER_CHOICE = "customer_choice", _("Customer's written choice")


class Verdict(TextChoices):
    """What a partner may learn from the duplicate check, and no more."""

    CLEAR = "clear", _("Clear")
    POSSIBLE = "possible", _("Possible match")
    CONFLICT = "conflict", _("Conflict")
    YOURS = "yours", _("Yours already")
    CUSTOMER = "customer", _("Our customer")
    UNKNOWN = "unknown", _("Not checked")


class CaseStatus(TextChoices):
    OPEN = "open", _("Open")
    RESOLVED = "resolved", _("Resolved")


class CaseOutcome(TextChoices):
    DIFFERENT = "different", _("Not the same customer")
    OURS_FIRST = "first_wins", _("The first registration wins")
    CO_SELL = "co_sell", _("Both sell together")


class Evidence(TextChoices):
    """What an attribution rests on, strongest first."""

    DECISION = "decision", _("Manager's decision")
    REGISTRATION = "registration", _("Registration")
    REFERRAL = "referral", _("Referral")
    CAMPAIGN = "campaign", _("Campaign lead")
    LINK = "link", _("Tracked link")
    TOUCH = "touch", _("Confirmed touch")


class Credit(TextChoices):
    SOURCED = "sourced", _("Sourced")
    INFLUENCED = "influenced", _("Influenced")
