from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from deals.enums import PartnerRole
from partners.enums import PartnerType


class RuleKind(TextChoices):
    """What a revenue rule gives."""

    COMMISSION = "commission", _("Commission")
    MARGIN = "margin", _("Margin")
    REVENUE_SHARE = "revenue_share", _("Revenue share")
    LICENSE_FEE = "license_fee", _("License fee")
    REBATE = "rebate", _("Rebate")
    ADJUSTMENT = "adjustment", _("Adjustment")  # of lines alone: no rule gives it


RULE_KINDS = tuple(kind for kind in RuleKind if kind != RuleKind.ADJUSTMENT)


class Direction(TextChoices):
    """Which way the money goes."""

    PAYABLE = "payable", _("Payable: we pay the partner")
    RETAINED = "retained", _("Retained: the partner keeps it")
    RECEIVABLE = "receivable", _("Receivable: the partner pays us")


class AccruesOn(TextChoices):
    """What makes a forecast line an earned one."""

    PAYMENT = "payment", _("The customer's payment")
    INVOICE = "invoice", _("Our invoice to the customer")


class Basis(TextChoices):
    """Under which day's terms a deal earns."""

    REGISTERED = "registered", _("Registered: as at the approval")
    CLOSED = "closed", _("Not registered: as at the close")


class LineStatus(TextChoices):
    """Where a line stands, in the words of both sides."""

    FORECAST = "forecast", _("Forecast")
    ACCRUED = "accrued", _("Earned")
    ON_HOLD = "on_hold", _("On hold")
    APPROVED = "approved", _("Payable")
    IN_PAYOUT = "in_payout", _("In payout")
    PAID = "paid", _("Paid")
    DISPUTED = "disputed", _("Disputed")
    RESOLVED = "resolved", _("Dispute resolved")
    INVOICED = "invoiced", _("Handed to invoicing")
    CANCELLED = "cancelled", _("Cancelled")


EARNED = tuple(status for status in LineStatus if status not in (LineStatus.FORECAST, LineStatus.CANCELLED))


class CancelReason(TextChoices):
    REOPENED = "reopened", _("The deal was opened again")
    LOST = "lost", _("The deal was lost")
    SETTLED = "settled", _("Everything expected has been earned")
    REVALUED = "revalued", _("The deal is worth something else now")


class DisputeStatus(TextChoices):
    OPEN = "open", _("Open")
    UPHELD = "upheld", _("Upheld")
    REFUSED = "refused", _("Refused")


class RunStatus(TextChoices):
    """Where a payout run stands."""

    OPEN = "open", _("Open")
    REVIEWED = "reviewed", _("Reviewed")
    APPROVED = "approved", _("Approved")
    SENT = "sent", _("Sent to the bank")
    SETTLED = "settled", _("Settled")
    FAILED = "failed", _("Failed in part")
    CANCELLED = "cancelled", _("Cancelled")


class PayoutStatus(TextChoices):
    """Where one partner's payment stands."""

    DRAFT = "draft", _("Being prepared")
    SCHEDULED = "scheduled", _("Scheduled")
    SENT = "sent", _("Sent to the bank")
    PAID = "paid", _("Paid")
    FAILED = "failed", _("Failed")
    CARRIED = "carried", _("Carried over")
    CANCELLED = "cancelled", _("Cancelled")


class CarryReason(TextChoices):
    """Why an amount is not paid now; it comes into the next run."""

    BELOW_MINIMUM = "below_minimum", _("Below the minimum payout")
    NEGATIVE = "negative", _("Negative balance")
    NO_BANK_DETAILS = "no_bank_details", _("Bank details are missing")
    NEW_BANK_DETAILS = "new_bank_details", _("Bank details have just changed")
    LEFT_OUT = "left_out", _("Left out by us")
    NOT_VETTED = "not_vetted", _("We check the partner first")
    DECLINED = "declined", _("The partner was declined: nothing is paid")


# Whose part in a deal earns, where a rule does not say: by type of partner.
ROLES: dict[str, tuple[str, ...]] = {
    PartnerType.REFERRAL: (PartnerRole.SOURCING,),
    PartnerType.RESELLER: (PartnerRole.SELLING,),
    PartnerType.INTEGRATION: (PartnerRole.TECHNOLOGY, PartnerRole.SOURCING),
    PartnerType.AGENCY: (PartnerRole.SELLING, PartnerRole.IMPLEMENTING),
    PartnerType.STRATEGIC: (PartnerRole.CO_SELL,),
    PartnerType.TECHNOLOGY: (PartnerRole.TECHNOLOGY, PartnerRole.SOURCING),
    PartnerType.OEM: (PartnerRole.SELLING,),
}
DIRECTIONS: dict[str, str] = {
    RuleKind.COMMISSION: Direction.PAYABLE,
    RuleKind.MARGIN: Direction.RETAINED,
    RuleKind.REVENUE_SHARE: Direction.PAYABLE,
    RuleKind.LICENSE_FEE: Direction.RECEIVABLE,
    RuleKind.REBATE: Direction.PAYABLE,
}
