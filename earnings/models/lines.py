"""What each partner earns, line by line, and why."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.fields import amount_field, currency_field, reference_field
from core.ids import uuid7
from core.models import Record
from core.querysets import PartnerQuerySet
from deals.enums import PartnerRole
from deals.models import Opportunity, Registration
from earnings.enums import (
    EARNED,
    AccruesOn,
    Basis,
    CancelReason,
    Direction,
    DisputeStatus,
    LineStatus,
    RuleKind,
)
from earnings.models.rules import RevenueRule
from partners.models import Partner, Product
from tiers.models import ProgramMembership


class Entitlement(Record):
    """What a won deal gives one partner: the rule's version and the terms, fixed when it was won.

    Frozen as soon as anything has accrued; a deal that is opened again ends it. `share_percent` is the partner's part
    of what the rule gives for the deal; what nobody has stays with the vendor.
    """

    resource, prefix = "entitlement", "ent"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="entitlements")
    membership = models.ForeignKey(ProgramMembership, models.PROTECT, related_name="+")
    opportunity = models.ForeignKey(Opportunity, models.PROTECT, related_name="entitlements")
    registration = models.ForeignKey(Registration, models.PROTECT, null=True, blank=True, related_name="+")
    rule = models.ForeignKey(RevenueRule, models.PROTECT, related_name="entitlements")
    basis = models.CharField(max_length=10, choices=Basis)
    terms_on = models.DateField()  # the day whose terms hold: of the approval, or of the close
    won_on = models.DateField()
    tier_key = models.CharField(max_length=60, blank=True, default="")
    role = models.CharField(max_length=12, choices=PartnerRole, blank=True, default="")  # empty: by the split table
    accrues_on = models.CharField(max_length=7, choices=AccruesOn, default=AccruesOn.PAYMENT)
    share_percent = models.DecimalField(max_digits=9, decimal_places=6, default=100)
    place = models.PositiveSmallIntegerField(default=0)  # among the partners that share, for cents that are left over
    currency = currency_field()
    inherited = models.BooleanField(default=False)  # of a company that merged into the partner: keeps its terms
    trouble = models.CharField(max_length=200, blank=True, default="")  # why a line can't be made now
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(max_length=8, choices=CancelReason, blank=True, default="")

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("opportunity", "membership", "rule"),
                condition=Q(ended_at__isnull=True),
                name="entitlement_once",
            ),
            models.CheckConstraint(
                name="entitlement_share", condition=Q(share_percent__gt=0) & Q(share_percent__lte=100)
            ),
        )
        indexes = (models.Index(fields=("opportunity",), name="entitlement_deal"),)

    def __str__(self) -> str:
        return f"{self.partner_id} by {self.rule_id}"


class UsageReport(Record):
    """How many units an OEM partner used in a period. A correction is a new report that takes the place of this one."""

    resource, prefix = "usage_report", "usg"

    reference = reference_field("U-")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="usage_reports")
    membership = models.ForeignKey(ProgramMembership, models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="+")
    period_start = models.DateField()
    period_end = models.DateField()
    units = models.PositiveBigIntegerField()
    note = models.CharField(max_length=300, blank=True, default="")
    reported_at = models.DateTimeField()
    reported_by = models.CharField(max_length=200, blank=True, default="")
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("membership", "product", "period_start"),
                condition=Q(superseded_at__isnull=True),
                nulls_distinct=False,
                name="usage_report_once",
            ),
            models.CheckConstraint(name="usage_report_span", condition=Q(period_end__gte=F("period_start"))),
        )

    def __str__(self) -> str:
        return self.reference


class EarningRows(PartnerQuerySet):
    """Lines. What was earned is settled: only forecasts change."""

    def forecast(self):
        return self.filter(status=LineStatus.FORECAST)

    def earned(self):
        """Forecasts and what was cancelled left out."""
        return self.filter(status__in=EARNED)

    def payable(self):
        """What a payout may hold now: what is due to the partner, and the fees that may be taken from it."""
        ways = Q(direction=Direction.PAYABLE) | Q(direction=Direction.RECEIVABLE, nets=True)
        return self.filter(ways, status=LineStatus.APPROVED)


class EarningLine(Record):
    """One amount that a partner earns, keeps or owes, with the rule's version, the inputs and the arithmetic as data.

    `amount` never changes once it is earned: what turns out otherwise is a line of its own, which names the line it
    reverses. `direction` says which way a positive amount goes.
    """

    resource, prefix = "commission", "com"

    reference = reference_field("E-")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="earning_lines")
    membership = models.ForeignKey(ProgramMembership, models.PROTECT, null=True, blank=True, related_name="+")
    entitlement = models.ForeignKey(Entitlement, models.PROTECT, null=True, blank=True, related_name="lines")
    rule = models.ForeignKey(RevenueRule, models.PROTECT, null=True, blank=True, related_name="lines")
    opportunity = models.ForeignKey(Opportunity, models.PROTECT, null=True, blank=True, related_name="earning_lines")
    revenue_event_id = models.UUIDField(null=True, blank=True)  # no foreign key: revenue is the vendor's alone
    usage_report = models.ForeignKey(UsageReport, models.PROTECT, null=True, blank=True, related_name="lines")
    reverses = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="reversals")
    turn = models.PositiveSmallIntegerField(default=0)  # of several lines about the same: 0, 1, 2 …

    kind = models.CharField(max_length=13, choices=RuleKind)
    direction = models.CharField(max_length=10, choices=Direction)
    nets = models.BooleanField(default=False)
    status = models.CharField(max_length=9, choices=LineStatus, default=LineStatus.FORECAST)
    amount = amount_field()
    currency = currency_field()
    basis_amount = amount_field(null=True, blank=True)
    rate_percent = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    occurred_on = models.DateField()  # of the win, the payment, the refund or the period's end
    inputs = models.JSONField(default=dict)  # what the sum was made from
    arithmetic = models.JSONField(default=list)  # the steps, each [words as a key, values]
    reason = models.CharField(max_length=300, blank=True, default="")  # of a negative line

    accrued_at = models.DateTimeField(null=True, blank=True)
    hold_until = models.DateField(null=True, blank=True)  # the first day on which it may be paid
    dispute_until = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    invoiced_at = models.DateTimeField(null=True, blank=True)
    cancelled_code = models.CharField(max_length=8, choices=CancelReason, blank=True, default="")

    objects = EarningRows.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("updated_at", "id"), name="earning_line_updated"),
            models.Index(fields=("partner", "status"), name="earning_line_partner"),
            models.Index(fields=("opportunity",), name="earning_line_deal"),
            models.Index(fields=("status", "hold_until"), name="earning_line_hold"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("entitlement", "revenue_event_id", "reverses", "turn"),
                condition=Q(revenue_event_id__isnull=False) & ~Q(status__in=("forecast", "cancelled")),
                nulls_distinct=False,
                name="earning_line_once",
            ),
            models.UniqueConstraint(
                fields=("usage_report", "reverses", "turn"),
                condition=Q(usage_report__isnull=False),
                nulls_distinct=False,
                name="earning_usage_line_once",
            ),
            models.UniqueConstraint(
                fields=("entitlement",), condition=Q(status="forecast"), name="earning_forecast_once"
            ),
            models.CheckConstraint(name="earning_line_not_zero", condition=~Q(amount=0)),
            models.CheckConstraint(name="earning_negative_has_reason", condition=Q(amount__gt=0) | ~Q(reason="")),
            models.CheckConstraint(
                name="earning_retained_is_not_paid",
                condition=~Q(direction="retained") | ~Q(status__in=("on_hold", "approved", "in_payout", "paid")),
            ),
            models.CheckConstraint(
                name="earning_accrued_whole",
                condition=Q(status__in=("forecast", "cancelled")) | Q(accrued_at__isnull=False),
            ),
            models.CheckConstraint(name="earning_paid_whole", condition=~Q(status="paid") | Q(paid_at__isnull=False)),
            models.CheckConstraint(
                name="earning_cancelled_has_reason", condition=~Q(status="cancelled") | ~Q(cancelled_code="")
            ),
        )

    def __str__(self) -> str:
        return self.reference


class Handover(models.Model):
    """A line that was open when its partner merged into another one: from then on it is the taker's.

    Statements tell what stood when: until then the line is in the giver's, from then on in the taker's.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")  # the taker
    giver = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    line = models.ForeignKey(EarningLine, models.PROTECT, related_name="handovers")
    at = models.DateTimeField()

    objects = PartnerQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.line_id} from {self.giver_id}"


class Dispute(Record):
    """A partner says that a line is wrong; the vendor answers within the days its program names."""

    resource, prefix = "dispute", "dsp"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    line = models.ForeignKey(EarningLine, models.PROTECT, related_name="disputes")
    status = models.CharField(max_length=7, choices=DisputeStatus, default=DisputeStatus.OPEN)
    text = models.TextField(max_length=2000)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    due_at = models.DateTimeField()
    answer = models.TextField(max_length=2000, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("line",), condition=Q(status="open"), name="dispute_open_once"),
            models.CheckConstraint(
                name="dispute_decided_whole",
                condition=Q(status="open") | Q(decided_at__isnull=False) & ~Q(answer=""),
            ),
        )

    def __str__(self) -> str:
        return f"of {self.line_id}"
