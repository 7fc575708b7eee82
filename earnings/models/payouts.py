"""What is paid to partners: runs, the payout of each partner in them, and where the money goes."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.fields import amount_field, country_field, currency_field, reference_field
from core.ids import uuid7
from core.models import Record
from core.querysets import PartnerQuerySet, VendorQuerySet
from earnings.enums import CarryReason, PayoutStatus, RunStatus
from earnings.models.lines import EarningLine
from partners.models import Partner


class BankDetails(Record):
    """Where a partner's money goes. A change is a new row: what was paid keeps the details it was paid to.

    `secret` holds the account, encrypted; `hint` is what pages show of it.
    """

    resource, prefix = "bank_details", "bnk"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="bank_details")
    holder = models.CharField(max_length=140)
    country = country_field()
    bank = models.CharField(max_length=140, blank=True, default="")
    secret = models.TextField()
    hint = models.CharField(max_length=30)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=200)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "bank details"
        constraints = (
            models.UniqueConstraint(fields=("partner",), condition=Q(superseded_at=None), name="bank_details_once"),
        )

    def __str__(self) -> str:
        return self.hint


class PayoutRun(Record):
    """All that is paid for a period. One person makes it, another one approves it where it is above the limit."""

    resource, prefix = "payout_run", "prn"

    reference = reference_field("R-")
    period_start = models.DateField()
    period_end = models.DateField()  # the last day, counted
    status = models.CharField(max_length=9, choices=RunStatus, default=RunStatus.OPEN)
    total = amount_field(null=True, blank=True)  # of all payouts in the reporting currency; none without a rate
    limit = amount_field()  # above it two people are needed; in the reporting currency
    currency = currency_field()  # the reporting currency
    needs_two = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by = models.UUIDField(null=True)
    made_label = models.CharField(max_length=200)
    changed_by = models.UUIDField(null=True)  # who last changed what it pays
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.UUIDField(null=True)
    reviewed_label = models.CharField(max_length=200, blank=True, default="")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.UUIDField(null=True)
    approved_label = models.CharField(max_length=200, blank=True, default="")
    sent_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, default="")  # of sending back or cancelling

    objects = VendorQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("updated_at", "id"), name="payout_run_updated"),)
        constraints = (
            models.UniqueConstraint(fields=("period_start",), condition=~Q(status="cancelled"), name="payout_run_once"),
            models.CheckConstraint(name="payout_run_span", condition=Q(period_end__gte=F("period_start"))),
            models.CheckConstraint(
                name="payout_run_four_eyes",
                condition=Q(needs_two=False)
                | Q(approved_at=None)
                | ~Q(approved_by=F("made_by")) & ~Q(approved_by=F("reviewed_by")) & ~Q(approved_by=F("changed_by")),
            ),
            models.CheckConstraint(
                name="payout_run_approved_whole",
                condition=Q(status__in=("open", "reviewed", "cancelled")) | Q(approved_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.reference

    def get_console_url(self) -> str:
        return reverse("admin:payout_run", args=[self.reference])


class PayoutRows(PartnerQuerySet):
    """Payouts; partners see them once they are approved."""

    def of_partners(self, partner_ids):
        return super().of_partners(partner_ids).exclude(status=PayoutStatus.DRAFT)


class Payout(Record):
    """What one partner gets in a run in one currency: what we owe less the fees that the agreement lets us take."""

    resource, prefix = "payout", "pay"

    reference = reference_field("PY-")
    run = models.ForeignKey(PayoutRun, models.PROTECT, related_name="payouts")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="payouts")
    period_start = models.DateField()  # of the run, which partners can't read
    period_end = models.DateField()
    currency = currency_field()
    amount = amount_field()
    owed = amount_field()
    fees = amount_field(default=0)
    lines = models.PositiveIntegerField()
    status = models.CharField(max_length=9, choices=PayoutStatus, default=PayoutStatus.DRAFT)
    carried = models.CharField(max_length=16, choices=CarryReason, blank=True, default="")
    bank = models.ForeignKey(BankDetails, models.PROTECT, null=True, blank=True, related_name="+")
    bank_reference = models.CharField(max_length=140, blank=True, default="")
    failure = models.CharField(max_length=300, blank=True, default="")
    sent_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = PayoutRows.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("updated_at", "id"), name="payout_updated"),
            models.Index(fields=("partner", "status"), name="payout_partner"),
        )
        constraints = (
            models.UniqueConstraint(fields=("run", "partner", "currency"), name="payout_once"),
            models.CheckConstraint(name="payout_sum", condition=Q(amount=F("owed") - F("fees"))),
            models.CheckConstraint(
                name="payout_not_negative", condition=Q(amount__gte=0) | Q(status__in=("carried", "cancelled"))
            ),
            models.CheckConstraint(name="payout_carried_has_reason", condition=~Q(status="carried") | ~Q(carried="")),
            models.CheckConstraint(name="payout_paid_whole", condition=~Q(status="paid") | Q(settled_at__isnull=False)),
            models.CheckConstraint(name="payout_failed_has_reason", condition=~Q(status="failed") | ~Q(failure="")),
        )

    def __str__(self) -> str:
        return self.reference

    def get_console_url(self) -> str:
        return reverse("admin:payout_run", args=[self.run.reference])


class PayoutItem(models.Model):
    """A line in a payout. A line is in one payout at a time; a released one may come into a later payout."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    payout = models.ForeignKey(Payout, models.PROTECT, related_name="items")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    line = models.ForeignKey(EarningLine, models.PROTECT, related_name="items")
    released_at = models.DateTimeField(null=True, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("line",), condition=Q(released_at=None), name="payout_item_once"),
        )
        indexes = (models.Index(fields=("payout",), name="payout_item_payout"),)

    def __str__(self) -> str:
        return f"{self.line_id} in {self.payout_id}"
