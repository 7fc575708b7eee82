"""Where the money comes from: budgets, and what of them stands at a partner's disposal."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.fields import amount_field, currency_field, reference_field
from core.models import Record
from core.querysets import PartnerQuerySet, SharedQuerySet, VendorQuerySet
from mdf.enums import AllocationKind, BudgetStatus, ChangeStatus
from partners.models import Partner, Program


class FundTerms(Record):
    """What a program grants and asks, as data. See mdf.rules.Terms."""

    resource, prefix = "mdf_terms", "mft"

    program = models.OneToOneField(Program, models.PROTECT, related_name="fund_terms")
    data = models.JSONField(default=dict, blank=True)

    objects = SharedQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.program)


class Budget(Record):
    """Money for a program or region over a period, in one currency. What is left stands on the ledger."""

    resource, prefix = "mdf_budget", "mbg"

    reference = reference_field("B-")
    program = models.ForeignKey(Program, models.PROTECT, related_name="mdf_budgets")
    name = models.CharField(max_length=120)
    region = models.CharField(max_length=60, blank=True, default="")
    status = models.CharField(max_length=6, choices=BudgetStatus, default=BudgetStatus.DRAFT)
    amount = amount_field(default=0)
    currency = currency_field()
    period_start = models.DateField()
    period_end = models.DateField()

    objects = VendorQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(name="mdf_budget_amount", condition=Q(amount__gte=0)),
            models.CheckConstraint(name="mdf_budget_period", condition=Q(period_end__gte=F("period_start"))),
        )

    def __str__(self) -> str:
        return self.name

    def get_console_url(self) -> str:
        return reverse("admin:mdf_budget", args=[self.reference])


class BudgetChange(Record):
    """More or less money for a budget: asked for by one person, granted by another."""

    resource, prefix = "mdf_budget_change", "mbc"

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="changes")
    status = models.CharField(max_length=9, choices=ChangeStatus, default=ChangeStatus.REQUESTED)
    amount = amount_field()  # below zero: less
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = VendorQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(name="mdf_change_moves", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="mdf_change_four_eyes", condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount} for {self.budget_id}"


class Allocation(Record):
    """A partner's share of a budget; requests draw on it."""

    resource, prefix = "mdf_allocation", "mal"

    reference = reference_field("F-")
    budget = models.ForeignKey(Budget, models.PROTECT, related_name="allocations")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="mdf_allocations")
    kind = models.CharField(max_length=13, choices=AllocationKind, default=AllocationKind.DISCRETIONARY)
    amount = amount_field(default=0)
    currency = currency_field()
    period_start = models.DateField()  # those of the budget: partners don't see it
    period_end = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    period_key = models.CharField(max_length=40, blank=True, default="")  # of an accrual run: once per period
    unfunded = amount_field(default=0)  # what accrued and the budget could not give yet
    arithmetic = models.JSONField(default=dict, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("partner", "period_key"), condition=~Q(period_key=""), name="accrued_once"),
            models.CheckConstraint(name="mdf_allocation_amount", condition=Q(amount__gte=0, unfunded__gte=0)),
        )
        indexes = (models.Index(fields=("updated_at", "id"), name="mdf_allocation_updated"),)

    def __str__(self) -> str:
        return self.reference
