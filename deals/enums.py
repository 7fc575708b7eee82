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
    APPEALED = "appealed", _("Appealed")
    REFUSED = "refused", _("Declined for good")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    RELEASED = "released", _("Released")
    REVOKED = "revoked", _("Revoked")
    TRANSFERRED = "transferred", _("Transferred")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


WITH_US = (Status.SUBMITTED, Status.IN_REVIEW, Status.APPEALED)
PROTECTED = (Status.APPROVED, Status.EXPIRING)
LIVE = (*WITH_US, Status.ACTION_REQUIRED, *PROTECTED)
FINAL = (Status.REFUSED, Status.WITHDRAWN, Status.RELEASED, Status.REVOKED, Status.TRANSFERRED)


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


class NameOf(TextChoices):
    """Whose name an entry of the name index is."""

    ACCOUNT = "account", _("Account")
    ALIAS = "alias", _("Alias")
    REGISTRATION = "registration", _("Registration")


class CaseStatus(TextChoices):
    OPEN = "open", _("Open")
    RESOLVED = "resolved", _("Resolved")


class CaseOutcome(TextChoices):
    DIFFERENT = "different", _("Not the same customer")
    FIRST_WINS = "first_wins", _("The first claim wins")
    CO_SELL = "co_sell", _("Both sell together")
    SPLIT = "split", _("Both share the credit")
    CUSTOMER_CHOICE = "customer_choice", _("The customer chose")


class Side(TextChoices):
    """Of a conflict: the registration under review, or what it collides with."""

    OURS = "ours", _("This registration")
    OTHER = "other", _("The other side")


class RequestStatus(TextChoices):
    """Of a small request beside a registration: an extension, a transfer, a revocation."""

    REQUESTED = "requested", _("Requested")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")


class TransferBasis(TextChoices):
    CUSTOMER_LETTER = "customer_letter", _("The customer's letter")
    BOTH_AGREE = "both_agree", _("Both partners agree")


class BreachOutcome(TextChoices):
    """What became of a direct opportunity on a protected deal."""

    HONOURED = "honoured", _("The deal stays the partner's")
    COMPENSATED = "compensated", _("The partner is credited as well")
    DIFFERENT = "different", _("Not the same deal")
    BROKEN = "broken", _("We kept the direct opportunity")


class OwnerAnswer(TextChoices):
    """What the owner of an opportunity says about a partner's claim."""

    MINE = "mine", _("Mine: we are working on it")
    NOT_MINE = "not_mine", _("Not mine: the partner may go on")
    CO_SELL = "co_sell", _("Together: we work on it with the partner")


class Temperature(TextChoices):
    HOT = "hot", _("Hot")
    WARM = "warm", _("Warm")
    COLD = "cold", _("Cold")


class LeadSource(TextChoices):
    INBOUND = "inbound", _("Inbound enquiry")
    MARKETING = "marketing", _("Our marketing")
    EVENT = "event", _("Event")
    CAMPAIGN = "campaign", _("Partner campaign")
    SALES = "sales", _("Our sales team")


class LeadStatus(TextChoices):
    NEW = "new", _("New")
    QUALIFIED = "qualified", _("Qualified")
    OFFERED = "offered", _("Offered")
    ACCEPTED = "accepted", _("Accepted")
    WORKING = "working", _("Working")
    STALE = "stale", _("Stale")
    CONVERTED = "converted", _("Converted")
    RETURNED = "returned", _("Back with us")
    DISQUALIFIED = "disqualified", _("Disqualified")


class OfferStatus(TextChoices):
    OFFERED = "offered", _("Offered")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    TIMED_OUT = "timed_out", _("Timed out")
    RECALLED = "recalled", _("Recalled")


class DeclineReason(TextChoices):
    NO_CAPACITY = "no_capacity", _("No capacity now")
    NOT_OUR_FIELD = "not_our_field", _("Not our field")
    NOT_OUR_REGION = "not_our_region", _("Not our region")
    CONFLICT = "conflict", _("Conflict of interest")
    OTHER = "other", _("Another reason")


class DisqualifyReason(TextChoices):
    NO_NEED = "no_need", _("No need")
    NO_BUDGET = "no_budget", _("No budget")
    NO_ANSWER = "no_answer", _("Nobody answers")
    COMPETITOR = "competitor", _("Bought elsewhere")
    DUPLICATE = "duplicate", _("Known already")
    NOT_REAL = "not_real", _("Not a real enquiry")


class RoutingMode(TextChoices):
    DIRECT = "direct", _("To one partner")
    RANKED = "ranked", _("To the best ranked partner")


class TouchKind(TextChoices):
    JOINT_CALL = "joint_call", _("Joint call")
    TECHNICAL_EVALUATION = "technical_evaluation", _("Technical evaluation")
    EXECUTIVE_INTRODUCTION = "executive_introduction", _("Executive introduction")
    REFERENCE = "reference", _("Reference")
    CAMPAIGN_ATTENDANCE = "campaign_attendance", _("Campaign attendance")


class TouchStatus(TextChoices):
    CLAIMED = "claimed", _("Claimed")
    CONFIRMED = "confirmed", _("Confirmed")
    REFUSED = "refused", _("Not confirmed")
    LAPSED = "lapsed", _("Lapsed")


class Evidence(TextChoices):
    """What an attribution rests on, strongest first."""

    DECISION = "decision", _("Manager's decision")
    REGISTRATION = "registration", _("Registration")
    REFERRAL = "referral", _("Referral")
    LEAD = "lead", _("Our lead")
    CAMPAIGN = "campaign", _("Campaign lead")
    LINK = "link", _("Tracked link")
    TOUCH = "touch", _("Confirmed touch")


class Credit(TextChoices):
    SOURCED = "sourced", _("Sourced")
    INFLUENCED = "influenced", _("Influenced")


class RevenueKind(TextChoices):
    """What happened between the vendor and the end customer."""

    INVOICE = "invoice", _("Invoice")
    PAYMENT = "payment", _("Payment")
    REFUND = "refund", _("Refund")
    CREDIT = "credit", _("Credit")


TAKES_BACK = (RevenueKind.REFUND, RevenueKind.CREDIT)
