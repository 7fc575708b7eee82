"""End customers, the pipeline, and partners' claims on it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.fields import amount_field, country_field, currency_field, reference_field
from core.models import Record
from core.querysets import PartnerQuerySet, VendorQuerySet
from deals import rules
from deals.enums import (
    LIVE,
    PROTECTED,
    CaseOutcome,
    CaseStatus,
    Coverage,
    Credit,
    Evidence,
    Motion,
    OpportunityKind,
    PartnerRole,
    RejectReason,
    Stage,
    Status,
    VendorSource,
    Verdict,
)
from partners.models import Partner, Product
from tiers.models import ProgramMembership


class AccountRows(PartnerQuerySet):
    """An end customer is seen by the partners that work on one of its opportunities."""

    def of_partners(self, partner_ids):
        mine = OpportunityPartner.objects.filter(partner_id__in=partner_ids).values("opportunity__account_id")
        return self.filter(pk__in=mine)


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
        constraints = (
            models.UniqueConstraint(fields=("opportunity", "partner", "role"), name="opportunity_role_once"),
            models.CheckConstraint(
                name="opportunity_share", condition=Q(share_percent__isnull=True) | Q(share_percent__range=(0, 100))
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} of {self.opportunity_id}"


class RegistrationRows(PartnerQuerySet):
    def live(self):
        return self.filter(status__in=LIVE)

    def protected(self):
        return self.filter(status__in=PROTECTED)

    def in_review(self):
        return self.filter(status=Status.IN_REVIEW)


class Registration(Record):
    """A partner's claim on a deal with an end customer, under one program membership."""

    resource, prefix = "deal_registration", "dreg"

    reference = reference_field("D-")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="registrations")
    membership = models.ForeignKey(ProgramMembership, models.PROTECT, related_name="registrations")
    motion = models.CharField(max_length=7, choices=Motion, default=Motion.RESELL)
    status = models.CharField(max_length=15, choices=Status, default=Status.DRAFT)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    on_behalf = models.BooleanField(default=False)

    # What was asked.
    account_name = models.CharField(max_length=200, blank=True, default="")
    website = models.CharField(max_length=255, blank=True, default="")
    domain = models.CharField(max_length=255, blank=True, default="", db_index=True, editable=False)
    normal_name = models.CharField(max_length=200, blank=True, default="", db_index=True, editable=False)
    country = country_field(blank=True, default="")
    contact_name = models.CharField(max_length=150, blank=True, default="")
    contact_email = models.EmailField(blank=True, default="")
    contact_role = models.CharField(max_length=80, blank=True, default="")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="registrations")
    quantity = models.PositiveIntegerField(default=1)
    amount = amount_field(null=True, blank=True)
    currency = currency_field(default="USD")
    expected_close_on = models.DateField(null=True, blank=True)
    need = models.TextField(max_length=2000, blank=True, default="")
    how_found = models.CharField(max_length=200, blank=True, default="")
    competitor = models.CharField(max_length=120, blank=True, default="")
    next_step = models.CharField(max_length=300, blank=True, default="")
    extra = models.JSONField(default=dict, blank=True)  # the program's own fields, cf_…

    # What became of it.
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="registrations")
    opportunity = models.ForeignKey(Opportunity, models.PROTECT, null=True, blank=True, related_name="registrations")
    verdict = models.CharField(max_length=8, choices=Verdict, default=Verdict.UNKNOWN)
    submitted_at = models.DateTimeField(null=True, blank=True)  # the priority: never moves again
    due_at = models.DateTimeField(null=True, blank=True)  # when the vendor's answer is due
    clock_left = models.DurationField(null=True, blank=True)  # of the answer, while the clock is paused
    opened_fields = models.JSONField(default=list, blank=True)  # what the partner may change on action required
    question = models.TextField(max_length=2000, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_label = models.CharField(max_length=200, blank=True, default="")
    rejection_code = models.CharField(max_length=18, choices=RejectReason, blank=True, default="")
    decision_reason = models.TextField(max_length=2000, blank=True, default="")
    terms = models.JSONField(default=dict, blank=True)  # rule version and tier at approval
    protection_expires_at = models.DateTimeField(null=True, blank=True)
    grace_until = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = RegistrationRows.as_manager()
    standing: rules.Standing | None = None  # what approval depends on, filled in by queries.with_standing

    class Meta:
        indexes = (
            models.Index(fields=("updated_at", "id"), name="registration_updated"),
            models.Index(fields=("partner", "status"), name="registration_partner"),
            models.Index(fields=("due_at",), condition=Q(status="in_review"), name="registration_due"),
            models.Index(
                fields=("protection_expires_at",),
                condition=Q(status__in=("approved", "expiring")),
                name="registration_protection",
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="registration_amount_positive", condition=Q(amount__isnull=True) | Q(amount__gt=0)
            ),
            models.CheckConstraint(
                name="registration_decided_whole",
                condition=Q(decided_at__isnull=True) | ~Q(decided_label=""),
            ),
            models.CheckConstraint(
                name="registration_submitted_whole",
                condition=Q(status__in=("draft", "withdrawn"))
                | Q(submitted_at__isnull=False, amount__isnull=False) & ~Q(account_name=""),
            ),
            models.CheckConstraint(
                name="registration_rejection_has_reason",
                condition=~Q(status="rejected") | ~Q(rejection_code="") & ~Q(decision_reason=""),
            ),
            models.CheckConstraint(
                name="registration_approved_is_protected",
                condition=~Q(status__in=("approved", "expiring"))
                | Q(protection_expires_at__isnull=False, opportunity__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.account_name or self.reference

    def get_absolute_url(self) -> str:
        return reverse("portal:deal", args=[self.reference])

    def get_console_url(self) -> str:
        return reverse("admin:deal", args=[self.reference])


class ConflictCase(Record):
    """Somebody else is near the same customer: bars approval until a person has decided. Vendor only."""

    resource, prefix = "conflict_case", "ccs"

    reference = reference_field("C-")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    registration = models.ForeignKey(Registration, models.PROTECT, related_name="conflicts")
    other_registration = models.ForeignKey(Registration, models.PROTECT, null=True, related_name="rival_cases")
    other_account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    other_opportunity = models.ForeignKey(Opportunity, models.PROTECT, null=True, related_name="+")
    verdict = models.CharField(max_length=8, choices=Verdict)
    score = models.DecimalField(max_digits=5, decimal_places=4)
    parts = models.JSONField(default=dict)  # why they matched
    status = models.CharField(max_length=8, choices=CaseStatus, default=CaseStatus.OPEN)
    outcome = models.CharField(max_length=10, choices=CaseOutcome, blank=True, default="")
    reason = models.TextField(max_length=2000, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = VendorQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="conflict_resolved_whole",
                condition=Q(status="open") | ~Q(outcome="") & ~Q(reason="") & Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="conflict_is_with_another",
                condition=Q(other_registration__isnull=True) | ~Q(other_registration=F("registration")),
            ),
        )

    def __str__(self) -> str:
        return self.reference


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
        indexes = (models.Index(fields=("partner", "credit"), name="attribution_partner"),)

    def __str__(self) -> str:
        return f"{self.credit} {self.opportunity_id}"
