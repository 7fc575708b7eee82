"""Leads that the vendor hands to partners."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.actor import Reach
from core.fields import amount_field, country_field, currency_field, reference_field
from core.models import Record
from core.querysets import PartnerQuerySet, VendorQuerySet
from deals.enums import (
    DeclineReason,
    DisqualifyReason,
    LeadSource,
    LeadStatus,
    OfferStatus,
    RoutingMode,
    Temperature,
)
from partners.models import Partner, Product
from tiers.models import ProgramMembership


class Lead(Record):
    """A person at a company that may buy. Its partner sees it from the moment it accepted, nobody else's ever does."""

    resource, prefix = "lead", "lead"

    reference = reference_field("L-")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="leads")
    membership = models.ForeignKey(ProgramMembership, models.PROTECT, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=12, choices=LeadStatus, default=LeadStatus.NEW)
    source = models.CharField(max_length=9, choices=LeadSource, default=LeadSource.INBOUND)
    source_detail = models.CharField(max_length=200, blank=True, default="")
    campaign = models.CharField(max_length=16, blank=True, default="")  # tracking code of the activity it came from
    temperature = models.CharField(max_length=4, choices=Temperature, default=Temperature.WARM)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    account_name = models.CharField(max_length=200)
    website = models.CharField(max_length=255, blank=True, default="")
    domain = models.CharField(max_length=255, blank=True, default="", db_index=True, editable=False)
    normal_name = models.CharField(max_length=200, blank=True, default="", db_index=True, editable=False)
    country = country_field(blank=True, default="")
    region = models.CharField(max_length=60, blank=True, default="")
    industry = models.CharField(max_length=80, blank=True, default="")
    employee_count = models.PositiveIntegerField(null=True, blank=True)
    contact_name = models.CharField(max_length=150, blank=True, default="")
    contact_email = models.EmailField(blank=True, default="")
    contact_phone = models.CharField(max_length=40, blank=True, default="")
    contact_role = models.CharField(max_length=80, blank=True, default="")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="+")
    amount = amount_field(null=True, blank=True)
    currency = currency_field(default="USD")
    need = models.TextField(max_length=2000, blank=True, default="")

    received_at = models.DateTimeField()
    qualified_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    first_contact_at = models.DateTimeField(null=True, blank=True)
    last_update_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)  # of what is awaited next: answer, first contact, update
    closed_at = models.DateTimeField(null=True, blank=True)
    next_step = models.CharField(max_length=300, blank=True, default="")
    disqualified_code = models.CharField(max_length=10, choices=DisqualifyReason, blank=True, default="")
    disqualified_reason = models.CharField(max_length=1000, blank=True, default="")

    objects = PartnerQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("updated_at", "id"), name="lead_updated"),
            models.Index(fields=("partner", "status"), name="lead_partner"),
            models.Index(fields=("campaign",), condition=~Q(campaign=""), name="lead_campaign"),
        )
        constraints = (
            models.CheckConstraint(name="lead_amount_positive", condition=Q(amount__isnull=True) | Q(amount__gt=0)),
            models.CheckConstraint(
                name="lead_with_a_partner_is_accepted",
                condition=Q(partner__isnull=True) | Q(accepted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="lead_worked_has_partner",
                condition=~Q(status__in=("accepted", "working", "stale", "converted")) | Q(partner__isnull=False),
            ),
            models.CheckConstraint(
                name="lead_disqualified_has_reason",
                condition=~Q(status="disqualified") | ~Q(disqualified_code=""),
            ),
        )

    def __str__(self) -> str:
        return self.account_name or self.reference

    def get_absolute_url(self) -> str:
        return reverse("portal:lead", args=[self.reference])

    def get_console_url(self) -> str:
        return reverse("admin:lead", args=[self.reference])


class LeadOffer(Record):
    """A lead put to one partner. It holds all that the partner may know before it accepts: no name, no address."""

    resource, prefix = "lead_offer", "lof"

    reference = reference_field("F-")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="lead_offers")
    membership = models.ForeignKey(ProgramMembership, models.PROTECT, related_name="+")
    lead_id = models.UUIDField(db_index=True)  # no foreign key: the partner may not see the lead yet
    status = models.CharField(max_length=9, choices=OfferStatus, default=OfferStatus.OFFERED)
    teaser = models.JSONField(default=dict)  # country, region, industry, size, product, need in brief, temperature
    rank = models.PositiveSmallIntegerField(default=1)
    score = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    offered_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_label = models.CharField(max_length=200, blank=True, default="")
    decline_code = models.CharField(max_length=14, choices=DeclineReason, blank=True, default="")
    decline_reason = models.CharField(max_length=1000, blank=True, default="")

    objects = PartnerQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("updated_at", "id"), name="lead_offer_updated"),)
        constraints = (
            models.UniqueConstraint(fields=("lead_id",), condition=Q(status="offered"), name="lead_offered_once"),
            models.UniqueConstraint(fields=("lead_id",), condition=Q(status="accepted"), name="lead_accepted_once"),
            models.CheckConstraint(
                name="lead_offer_answered_whole", condition=Q(status="offered") | Q(answered_at__isnull=False)
            ),
            models.CheckConstraint(
                name="lead_offer_declined_has_reason", condition=~Q(status="declined") | ~Q(decline_code="")
            ),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("portal:lead_offer", args=[self.reference])


class RankingRows(VendorQuerySet):
    def reached(self, reach: Reach):
        return self.filter(lead__in=Lead.objects.all().reached(reach).values("pk"))


class LeadRanking(Record):
    """Who was considered for a lead and why, with the arithmetic; kept as it was when the offer was made."""

    resource, prefix = "lead_ranking", "lrk"

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="rankings")
    rule = models.ForeignKey("deals.RoutingRule", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    rows = models.JSONField(default=list)  # [{partner, name, score, parts: {territory: [points, why]}, barred}]

    objects = RankingRows.as_manager()

    def __str__(self) -> str:
        return f"of {self.lead_id}"


class RoutingRule(Record):
    """Where leads of one kind go: the first active rule that fits decides."""

    resource, prefix = "routing_rule", "rtr"

    name = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=100)  # lower first
    is_active = models.BooleanField(default=True)
    match = models.JSONField(default=dict, blank=True)  # {countries, regions, products, temperatures, sources, minimum}
    mode = models.CharField(max_length=6, choices=RoutingMode, default=RoutingMode.RANKED)
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    weights = models.JSONField(default=dict, blank=True)  # criterion: points at most
    answer_hours = models.PositiveSmallIntegerField(default=24)  # working hours; a hot lead has 4
    offers = models.PositiveSmallIntegerField(default=3)  # how many partners are asked before it comes back

    objects = VendorQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="routing_direct_has_partner", condition=~Q(mode="direct") | Q(partner__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return self.name
