"""End customers, the pipeline, and who works on it."""

from functools import reduce
from operator import or_

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from core.actor import Reach
from core.fields import amount_field, country_field, currency_field, reference_field
from core.models import Record
from core.querysets import PartnerQuerySet, VendorQuerySet
from deals.enums import Coverage, OpportunityKind, PartnerRole, Stage, VendorSource
from partners.models import Partner, Product
from tiers.models import ProgramMembership


def _named(reach: Reach, *ways: tuple[str, str]) -> Q:
    """The rows named in a column of records of the partners within reach."""
    rows = ((apps.get_model("deals", model).objects.all(), column) for model, column in ways)
    return reduce(or_, (Q(Exists(every.reached(reach).filter(**{column: OuterRef("pk")}))) for every, column in rows))


class AccountRows(PartnerQuerySet):
    """An end customer is seen by the partners that work on one of its opportunities."""

    def of_partners(self, partner_ids):
        mine = OpportunityPartner.objects.filter(partner_id__in=partner_ids).values("opportunity__account_id")
        return self.filter(pk__in=mine)

    def reached(self, reach: Reach):
        ways = ("Opportunity", "account_id"), ("Registration", "account_id"), ("ConflictCase", "other_account_id")
        return self.filter(_named(reach, *ways))


class Account(Record):
    """The end customer: whom both sides sell to, and who may."""

    resource, prefix = "account", "acc"

    name = models.CharField(max_length=200)
    normal_name = models.CharField(max_length=200, db_index=True, editable=False, default="")
    domain = models.CharField(max_length=255, blank=True, default="", db_index=True)  # registrable domain
    country = country_field(blank=True, default="")
    industry = models.CharField(max_length=80, blank=True, default="")
    employee_count = models.PositiveIntegerField(null=True, blank=True)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="subsidiaries")
    owner_partner = models.ForeignKey(Partner, models.SET_NULL, null=True, blank=True, related_name="owned_accounts")
    coverage = models.CharField(max_length=14, choices=Coverage, default=Coverage.OPEN)
    coverage_reason = models.CharField(max_length=300, blank=True, default="")
    coverage_until = models.DateField(null=True, blank=True)
    customer_since = models.DateField(null=True, blank=True)
    last_vendor_contact_on = models.DateField(null=True, blank=True)
    uses = models.JSONField(default=list, blank=True)  # products used beside ours

    objects = AccountRows.as_manager()

    class Meta:
        indexes = (models.Index(fields=("updated_at", "id"), name="account_updated"),)

    def __str__(self) -> str:
        return self.name


class OpportunityRows(PartnerQuerySet):
    """An opportunity is seen by the partners that have a role in it."""

    def of_partners(self, partner_ids):
        mine = OpportunityPartner.objects.filter(partner_id__in=partner_ids).values("opportunity_id")
        return self.filter(pk__in=mine)

    def reached(self, reach: Reach):
        """Also a direct one that stands against a partner's claim, or that a partner says it worked on."""
        names = ("OpportunityPartner", "Registration", "Attribution", "Breach", "Touch", "OwnerQuestion")
        ours = _named(reach, *((name, "opportunity_id") for name in names))
        return self.filter(ours | _named(reach, ("ConflictCase", "other_opportunity_id")))

    def open(self):
        return self.filter(stage=Stage.OPEN)

    def won(self):
        return self.filter(stage=Stage.WON)


class Opportunity(Record):
    """A pipeline record, a partner's or direct. `amount` = first-year value net to the vendor."""

    resource, prefix = "opportunity", "opp"

    reference = reference_field("O-")
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="opportunities")
    name = models.CharField(max_length=200, blank=True, default="")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="opportunities")
    kind = models.CharField(max_length=9, choices=OpportunityKind, default=OpportunityKind.NEW)
    stage = models.CharField(max_length=4, choices=Stage, default=Stage.OPEN)
    crm_stage = models.CharField(max_length=60, blank=True, default="")
    amount = amount_field(null=True, blank=True)
    amount_estimated = models.BooleanField(default=False)
    list_amount = amount_field(null=True, blank=True)
    currency = currency_field(default="USD")
    opened_on = models.DateField(null=True, blank=True)
    close_on = models.DateField(null=True, blank=True)  # expected
    closed_on = models.DateField(null=True, blank=True)
    probability_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    forecast_category = models.CharField(max_length=40, blank=True, default="")
    vendor_source = models.CharField(max_length=14, choices=VendorSource, default=VendorSource.NONE)
    owner_email = models.EmailField(blank=True, default="")

    objects = OpportunityRows.as_manager()

    class Meta:
        verbose_name_plural = "opportunities"
        indexes = (
            models.Index(fields=("updated_at", "id"), name="opportunity_updated"),
            models.Index(fields=("stage", "closed_on"), name="opportunity_closed"),
        )
        constraints = (
            models.CheckConstraint(
                name="opportunity_amount_not_negative", condition=Q(amount__isnull=True) | Q(amount__gte=0)
            ),
            models.CheckConstraint(
                name="opportunity_closed_has_date", condition=Q(stage="open") | Q(closed_on__isnull=False)
            ),
            models.CheckConstraint(
                name="opportunity_probability",
                condition=Q(probability_percent__isnull=True) | Q(probability_percent__range=(0, 100)),
            ),
        )

    def __str__(self) -> str:
        return self.name or self.reference

    def get_console_url(self) -> str:
        return reverse("admin:opportunity_why", args=[self.reference])


class RowsOfOpportunities(VendorQuerySet):
    """What the vendor writes down about an opportunity is read by who reads that one."""

    def reached(self, reach: Reach):
        return self.filter(opportunity__in=Opportunity.objects.all().reached(reach).values("pk"))


class OpportunityPartner(Record):
    """A partner's role in an opportunity and, for sourcing, its share of it."""

    resource, prefix = "opportunity_partner", "opr"

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="partners")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="opportunity_roles")
    membership = models.ForeignKey(ProgramMembership, models.PROTECT, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=12, choices=PartnerRole)
    share_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("updated_at", "id"), name="opportunity_partner_updated"),)
        constraints = (
            models.UniqueConstraint(fields=("opportunity", "partner", "role"), name="opportunity_role_once"),
            models.CheckConstraint(
                name="opportunity_share", condition=Q(share_percent__isnull=True) | Q(share_percent__range=(0, 100))
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} of {self.opportunity_id}"
