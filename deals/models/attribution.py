"""Who is credited for an opportunity, and on what it rests."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.fields import reference_field
from core.models import Record
from core.querysets import PartnerQuerySet, VendorQuerySet
from deals.enums import Credit, Evidence, TouchKind, TouchStatus
from deals.models.opportunities import Opportunity, RowsOfOpportunities
from partners.models import Partner


class AttributionRule(Record):
    """One version of the rules of attribution. A change is a new version; closed opportunities keep theirs."""

    resource, prefix = "attribution_rule", "atl"

    number = models.PositiveSmallIntegerField(unique=True)
    definition = models.JSONField(default=dict)  # days by evidence, ranks, which touches count
    note = models.CharField(max_length=300, blank=True, default="")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=200, blank=True, default="")

    objects = VendorQuerySet.as_manager()

    def __str__(self) -> str:
        return f"v{self.number}"


class AttributionDecision(Record):
    """A manager's word on who sourced an opportunity: it stands above all evidence."""

    resource, prefix = "attribution_decision", "atd"

    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")  # None: nobody did
    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="attribution_decisions")
    reason = models.TextField(max_length=2000)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = RowsOfOpportunities.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("opportunity",), condition=Q(withdrawn_at__isnull=True), name="attribution_decision_once"
            ),
        )

    def __str__(self) -> str:
        return f"on {self.opportunity_id}"


class Attribution(Record):
    """The credit of a partner for an opportunity, with the evidence and the rule version it rests on."""

    resource, prefix = "attribution", "atr"

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="attributions")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="attributions")
    credit = models.CharField(max_length=10, choices=Credit)
    evidence = models.CharField(max_length=12, choices=Evidence)
    evidence_id = models.UUIDField(null=True)
    evidence_at = models.DateTimeField(null=True)
    share_percent = models.DecimalField(max_digits=5, decimal_places=2, default=100)
    rule_version = models.PositiveSmallIntegerField(default=1)
    frozen_on = models.DateField(null=True)  # set at close: later rule versions leave it alone

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("opportunity", "partner"), name="attribution_once"),)
        indexes = (
            models.Index(fields=("partner", "credit"), name="attribution_partner"),
            models.Index(fields=("updated_at", "id"), name="attribution_updated"),
        )

    def __str__(self) -> str:
        return f"{self.credit} {self.opportunity_id}"


class Touch(Record):
    """What a partner did for an opportunity. It counts once the opportunity's owner has confirmed it."""

    resource, prefix = "touch", "tch"

    reference = reference_field("X-")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="touches")
    opportunity = models.ForeignKey(Opportunity, models.PROTECT, null=True, blank=True, related_name="touches")
    account_name = models.CharField(max_length=200, blank=True, default="")  # as claimed, till it is found
    kind = models.CharField(max_length=22, choices=TouchKind)
    status = models.CharField(max_length=9, choices=TouchStatus, default=TouchStatus.CLAIMED)
    happened_on = models.DateField()
    campaign = models.CharField(max_length=16, blank=True, default="")  # tracking code of the activity it came from
    note = models.TextField(max_length=2000, blank=True, default="")
    entered_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_email = models.EmailField(blank=True, default="")  # the owner who is asked
    due_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_label = models.CharField(max_length=200, blank=True, default="")
    answer = models.CharField(max_length=1000, blank=True, default="")

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "touches"
        indexes = (
            models.Index(fields=("updated_at", "id"), name="touch_updated"),
            models.Index(fields=("opportunity", "status"), name="touch_opportunity"),
            models.Index(fields=("campaign",), condition=~Q(campaign=""), name="touch_campaign"),
        )
        constraints = (
            models.CheckConstraint(
                name="touch_answered_whole", condition=Q(status="claimed") | Q(answered_at__isnull=False)
            ),
            models.CheckConstraint(
                name="touch_counts_for_an_opportunity",
                condition=~Q(status="confirmed") | Q(opportunity__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.reference

    def get_console_url(self) -> str:
        return reverse("admin:touch", args=[self.reference])
