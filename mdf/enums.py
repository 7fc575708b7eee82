from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ActivityType(TextChoices):
    EVENT = "event", _("Event or tradeshow")
    DIGITAL = "digital", _("Digital advertising")
    CONTENT = "content", _("Content creation")
    WORKSHOP = "workshop", _("In-person workshop")
    OTHER = "other", _("Other")


class BudgetStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class ChangeStatus(TextChoices):
    REQUESTED = "requested", _("Asked for")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")


class AllocationKind(TextChoices):
    DISCRETIONARY = "discretionary", _("Discretionary")
    ACCRUED = "accrued", _("Accrued")


class RequestStatus(TextChoices):
    """Where a request stands, in the words of both sides."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    IN_REVIEW = "in_review", _("In review")
    ACTION_REQUIRED = "action_required", _("Action required")
    PARTLY_APPROVED = "partly_approved", _("Partly approved")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Declined")
    DECLINED = "declined", _("Declined for good")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    IN_EXECUTION = "in_execution", _("In execution")
    COMPLETED = "completed", _("Completed")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")
    LAPSED = "lapsed", _("Lapsed")


class ActivityStatus(TextChoices):
    """What was decided of one activity, and what is left of its money."""

    ASKED = "asked", _("Asked for")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Declined")
    SETTLED = "settled", _("Settled")
    RELEASED = "released", _("Released")


class Criterion(TextChoices):
    SEGMENT = "segment", _("Aligned with our target segment")
    MEASUREMENT = "measurement", _("A plan to measure and report")
    RETURN = "return", _("Budget against expected pipeline return")


class ClaimStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    IN_REVIEW = "in_review", _("In review")
    INFORMATION_REQUESTED = "information_requested", _("Information requested")
    APPROVED = "approved", _("Approved")
    PARTLY_APPROVED = "partly_approved", _("Partly approved")
    REJECTED = "rejected", _("Declined")
    PAYABLE = "payable", _("Payable")
    PAID = "paid", _("Paid")
    RECONCILED = "reconciled", _("Reconciled")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    CLAWED_BACK = "clawed_back", _("Clawed back")


class ProofKind(TextChoices):
    INVOICE = "invoice", _("Invoice")
    PLATFORM_INVOICE = "platform_invoice", _("Invoice of the platform")
    PHOTO = "photo", _("Photo")
    RECORDING_OR_PHOTO = "recording_or_photo", _("Recording or photo")
    LEAD_LIST = "lead_list", _("List of leads or attendees")
    ATTENDEES = "attendees", _("Attendees")
    AGENDA = "agenda", _("Agenda")
    SUMMARY = "summary", _("Summary")
    SCREENSHOT = "screenshot", _("Dated screenshot or link")
    RESULTS = "results", _("Results")
    ASSET = "asset", _("The asset with both logos")
    LINK = "link", _("Link")
    PARTNER_INVOICE = "partner_invoice", _("Your invoice to us")
    OTHER = "other", _("Other proof")


class ProofStatus(TextChoices):
    WAITING = "waiting", _("Not looked at yet")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Not accepted")


class PaymentStatus(TextChoices):
    ORDERED = "ordered", _("Waits for the second person")
    SENT = "sent", _("Sent")
    PAID = "paid", _("Paid")
    FAILED = "failed", _("Failed")


class PaymentMethod(TextChoices):
    TRANSFER = "transfer", _("Transfer")
    CREDIT_NOTE = "credit_note", _("Credit note")


OPEN = (RequestStatus.SUBMITTED, RequestStatus.IN_REVIEW, RequestStatus.ACTION_REQUIRED)
RUNNING = (RequestStatus.APPROVED, RequestStatus.IN_EXECUTION, RequestStatus.COMPLETED)
RESERVING = (RequestStatus.PARTLY_APPROVED, *RUNNING)  # their money is set aside
FINAL = (
    RequestStatus.DECLINED,
    RequestStatus.WITHDRAWN,
    RequestStatus.CLOSED,
    RequestStatus.CANCELLED,
    RequestStatus.LAPSED,
)
CLAIM_OPEN = (ClaimStatus.SUBMITTED, ClaimStatus.IN_REVIEW, ClaimStatus.INFORMATION_REQUESTED)
CLAIM_OWED = (ClaimStatus.APPROVED, ClaimStatus.PARTLY_APPROVED, ClaimStatus.PAYABLE)
CLAIM_FINAL = (ClaimStatus.WITHDRAWN, ClaimStatus.CLAWED_BACK)
