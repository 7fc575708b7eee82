"""What partners plan with the vendor's money, and what was decided."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.fields import amount_field, currency_field, reference_field
from core.models import Record
from core.querysets import PartnerQuerySet
from mdf.enums import ActivityStatus, ActivityType, RequestStatus
from mdf.models.budgets import Allocation
from mdf.rules import Terms
from partners.models import Partner
from tiers.models import ProgramMembership


class Request(Record):
    """A partner's request for market funds: one or more activities, decided one by one."""

    resource, prefix = "mdf_request", "mrq"

    reference = reference_field("M-")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="mdf_requests")
    membership = models.ForeignKey(ProgramMembership, models.PROTECT, related_name="mdf_requests")
    allocation = models.ForeignKey(Allocation, models.PROTECT, null=True, blank=True, related_name="requests")
    # of a changed part: the request it was agreed in
    changed_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    title = models.CharField(max_length=160, blank=True, default="")
    status = models.CharField(max_length=15, choices=RequestStatus, default=RequestStatus.DRAFT)
    currency = currency_field(default="USD")
    late_reason = models.TextField(max_length=1000, blank=True, default="")  # why it comes so close to the start
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    on_behalf = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)  # when the vendor's answer is due
    clock_left = models.DurationField(null=True, blank=True)
    question = models.TextField(max_length=2000, blank=True, default="")
    steps = models.JSONField(default=list, blank=True)  # who must say yes, in order, fixed at submission
    steps_done = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=0)  # how often it was taken up: earlier steps don't count
    terms = models.JSONField(default=dict, blank=True)  # the program's terms and the share, fixed at approval
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_label = models.CharField(max_length=200, blank=True, default="")
    decision_reason = models.TextField(max_length=2000, blank=True, default="")
    accept_by = models.DateTimeField(null=True, blank=True)  # of a partial approval
    typed = models.JSONField(default=dict, blank=True)  # a draft's form word for word, what does not fit yet included

    objects = PartnerQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("updated_at", "id"), name="mdf_request_updated"),
            models.Index(fields=("partner", "status"), name="mdf_request_partner"),
            models.Index(fields=("due_at", "id"), condition=Q(status="in_review"), name="mdf_request_due"),
        )
        constraints = (
            models.CheckConstraint(
                name="mdf_request_submitted_whole",
                condition=Q(status__in=("draft", "withdrawn"))
                | Q(submitted_at__isnull=False, allocation__isnull=False),
            ),
            models.CheckConstraint(
                name="mdf_request_refusal_has_reason",
                condition=~Q(status__in=("rejected", "declined")) | ~Q(decision_reason=""),
            ),
            # who asked on behalf of the partner never decides
            models.CheckConstraint(
                name="mdf_request_four_eyes",
                condition=Q(decided_by__isnull=True) | Q(created_by__isnull=True) | ~Q(decided_by=F("created_by")),
            ),
        )

    def __str__(self) -> str:
        return self.title or self.reference

    @property
    def fund_terms(self) -> Terms:
        """What the program grants and asks: as fixed at approval, before as it stands."""
        if self.terms:
            return Terms.of(self.terms["data"])
        own = getattr(self.membership.program, "fund_terms", None)
        return Terms.of(own.data if own else {})

    @property
    def share_percent(self) -> Decimal:
        """Percent of the cost that we give back: as fixed at approval, before by the tier."""
        if self.terms:
            return Decimal(self.terms["share_percent"])
        tier = self.membership.tier
        return self.fund_terms.share_of(tier.key if tier else "")

    def get_absolute_url(self) -> str:
        return reverse("portal:mdf_request", args=[self.reference])

    def get_console_url(self) -> str:
        return reverse("admin:mdf_request", args=[self.reference])


class Activity(Record):
    """One thing that is planned: what, when, for whom, what it costs, what it should bring."""

    resource, prefix = "mdf_activity", "mac"

    request = models.ForeignKey(Request, models.CASCADE, related_name="activities")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    place_in_request = models.PositiveSmallIntegerField(default=0)
    activity_type = models.CharField(max_length=8, choices=ActivityType)
    title = models.CharField(max_length=160)
    description = models.TextField(max_length=4000, blank=True, default="")
    starts_on = models.DateField()
    ends_on = models.DateField()
    place = models.CharField(max_length=160, blank=True, default="")  # empty: online
    target_segment = models.CharField(max_length=200, blank=True, default="")
    audience_size = models.PositiveIntegerField(null=True, blank=True)
    target_leads = models.PositiveIntegerField(null=True, blank=True)
    expected_pipeline = amount_field(null=True, blank=True)
    total_cost = amount_field()
    asked_amount = amount_field()
    currency = currency_field()
    measurement = models.JSONField(default=dict, blank=True)  # metric, target, how it is captured, report date
    verdicts = models.JSONField(default=dict, blank=True)  # criterion → {"met": bool, "reason": words} of who decided
    status = models.CharField(max_length=8, choices=ActivityStatus, default=ActivityStatus.ASKED)
    approved_amount = amount_field(null=True, blank=True)
    decision_reason = models.TextField(max_length=2000, blank=True, default="")
    proofs = models.JSONField(default=list, blank=True)  # what must be shown, frozen at approval
    claim_due_on = models.DateField(null=True, blank=True)
    claim_extended = models.BooleanField(default=False)
    extension_asked_at = models.DateTimeField(null=True, blank=True)  # the partner wants more time for its claim
    extension_reason = models.TextField(max_length=1000, blank=True, default="")
    tracking_code = models.CharField(max_length=16, blank=True, default="")
    results = models.JSONField(default=dict, blank=True)  # "30" → {"leads", "pipeline", "won", "at"}

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "activities"
        indexes = (models.Index(fields=("updated_at", "id"), name="mdf_activity_updated"),)
        constraints = (
            models.UniqueConstraint(fields=("request", "place_in_request"), name="mdf_activity_place"),
            models.UniqueConstraint(
                fields=("tracking_code",), condition=~Q(tracking_code=""), name="mdf_tracking_code_once"
            ),
            models.CheckConstraint(
                name="mdf_activity_amounts",
                condition=Q(total_cost__gt=0, asked_amount__gt=0, asked_amount__lte=F("total_cost"))
                & (Q(approved_amount=None) | Q(approved_amount__gte=0, approved_amount__lte=F("asked_amount"))),
            ),
            models.CheckConstraint(name="mdf_activity_days", condition=Q(ends_on__gte=F("starts_on"))),
        )

    def __str__(self) -> str:
        return self.title


class BudgetLine(Record):
    """What one part of an activity costs."""

    resource, prefix = "mdf_budget_line", "mbl"

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="lines")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(max_length=160)
    cost = amount_field()

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("activity", "place"), name="mdf_line_place"),
            models.CheckConstraint(name="mdf_line_cost", condition=Q(cost__gt=0)),
        )

    def __str__(self) -> str:
        return self.label


class StepTaken(Record):
    """One yes of the vendor to a request; the steps of one request are taken by different people."""

    resource, prefix = "mdf_step", "mst"

    request = models.ForeignKey(Request, models.CASCADE, related_name="steps_taken")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(default=0)
    step = models.PositiveSmallIntegerField()
    approver = models.CharField(max_length=20)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField()
    note = models.TextField(max_length=2000, blank=True, default="")

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("request", "round", "step"), name="mdf_step_once"),
            models.UniqueConstraint(fields=("request", "round", "decided_by"), name="mdf_steps_by_different_people"),
        )

    def __str__(self) -> str:
        return f"{self.approver} of {self.request_id}"
