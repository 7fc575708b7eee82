"""What a partner and the vendor do together: integrations, what each side gives, calls, the plan of a year."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.fields import amount_field, currency_field
from core.models import Record
from core.querysets import PartnerQuerySet, VendorQuerySet
from partners.enums import Direction, IntegrationStatus, Maker
from partners.models.company import Partner


class Integration(Record):
    """Two products that work together: which, in which direction, who built and looks after it."""

    resource, prefix = "integration", "int"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="integrations")
    name = models.CharField(max_length=120)
    products = models.JSONField(default=list, blank=True)  # names of ours
    direction = models.CharField(max_length=8, choices=Direction, default=Direction.BOTH)
    built_by = models.CharField(max_length=8, choices=Maker, default=Maker.PARTNER)
    maintained_by = models.CharField(max_length=8, choices=Maker, default=Maker.PARTNER)
    status = models.CharField(max_length=8, choices=IntegrationStatus, default=IntegrationStatus.PLANNED)
    link = models.URLField(max_length=500, blank=True, default="")
    joint_customers = models.PositiveIntegerField(default=0)
    last_reviewed = models.DateField(null=True, blank=True)
    live_since = models.DateField(null=True, blank=True, editable=False)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("updated_at", "id"), name="integration_updated"),)
        constraints = (models.UniqueConstraint(fields=("partner", "name"), name="integration_name_once"),)

    def __str__(self) -> str:
        return self.name


class MutualValue(Record):
    """What each side gives the other, where no money moves; perhaps for one integration."""

    resource, prefix = "mutual_value", "mva"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="mutual_values")
    integration = models.ForeignKey(Integration, models.PROTECT, null=True, blank=True, related_name="mutual_values")
    title = models.CharField(max_length=120)
    we_give = models.TextField(max_length=1000)
    they_give = models.TextField(max_length=1000)
    agreed_on = models.DateField()
    review_on = models.DateField(null=True, blank=True)

    objects = PartnerQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title


class Call(Record):
    """A talk with a partner and the next step from it. For the vendor's own people."""

    resource, prefix = "call", "cal"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="calls")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    with_whom = models.CharField(max_length=200)
    summary = models.TextField(max_length=3000)
    next_step = models.CharField(max_length=300, blank=True, default="")
    next_step_due = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = VendorQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("partner", "at"), name="call_partner"),
            models.Index(
                fields=("next_step_due",), condition=~Q(next_step="") & Q(done_at__isnull=True), name="call_next_step"
            ),
        )

    def __str__(self) -> str:
        return self.summary[:60]


class YearPlan(Record):
    """One page about one year: what both sides want, and what each does for it. The partner reads it."""

    resource, prefix = "year_plan", "ypl"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="year_plans")
    year = models.PositiveSmallIntegerField()
    goal = models.TextField(max_length=1000)
    revenue = amount_field(null=True, blank=True)
    currency = currency_field(default="USD")
    deals = models.PositiveIntegerField(null=True, blank=True)
    certified_people = models.PositiveIntegerField(null=True, blank=True)
    campaigns = models.PositiveIntegerField(null=True, blank=True)
    we_do = models.TextField(max_length=2000, blank=True, default="")
    they_do = models.TextField(max_length=2000, blank=True, default="")

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("partner", "year"), name="year_plan_once"),
            models.CheckConstraint(name="year_plan_revenue", condition=Q(revenue=None) | Q(revenue__gt=0)),
            models.CheckConstraint(name="year_plan_year", condition=Q(year__gte=2000, year__lte=2100)),
        )

    def __str__(self) -> str:
        return str(self.year)
