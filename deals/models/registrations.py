"""Partners' claims on deals."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.fields import amount_field, country_field, currency_field, reference_field
from core.models import Record
from core.querysets import PartnerQuerySet, VendorQuerySet
from deals import rules
from deals.enums import LIVE, PROTECTED, Motion, OwnerAnswer, RejectReason, Status, Verdict
from deals.models.opportunities import Account, Opportunity
from partners.models import Partner, Product
from tiers.models import ProgramMembership


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
    extra = models.JSONField(default=dict, blank=True)  # the program's own fields, by key without cf_
    lead = models.ForeignKey("deals.Lead", models.SET_NULL, null=True, blank=True, related_name="registrations")

    # What became of it.
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="registrations")
    opportunity = models.ForeignKey(Opportunity, models.PROTECT, null=True, blank=True, related_name="registrations")
    verdict = models.CharField(max_length=8, choices=Verdict, default=Verdict.UNKNOWN)
    submitted_at = models.DateTimeField(null=True, blank=True)  # the priority: never moves again
    confirmed_at = models.DateTimeField(null=True, blank=True)  # the partner agreed to what was written on its behalf
    steps = models.JSONField(default=list, blank=True)  # who must approve, in order, as the policy said at submission
    steps_done = models.PositiveSmallIntegerField(default=0)
    queued_behind = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="next_in_line")
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
    appealed_at = models.DateTimeField(null=True, blank=True)  # once; the appeal's words are in its event
    appeal_until = models.DateTimeField(null=True, blank=True)
    first_right_until = models.DateTimeField(null=True, blank=True)  # after a loss

    objects = RegistrationRows.as_manager()
    standing: rules.Standing | None = None  # what approval depends on, filled in by queries.with_standing

    class Meta:
        indexes = (
            models.Index(fields=("updated_at", "id"), name="registration_updated"),
            models.Index(fields=("partner", "status"), name="registration_partner"),
            models.Index(
                fields=("due_at", "id"), condition=Q(status__in=("in_review", "appealed")), name="registration_due"
            ),
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
                | Q(submitted_at__isnull=False)
                & (Q(amount__isnull=False) | Q(motion="refer"))  # what a referral is worth shows later
                & ~Q(account_name=""),
            ),
            models.CheckConstraint(
                name="registration_rejection_has_reason",
                condition=~Q(status__in=("rejected", "appealed", "refused"))
                | ~Q(rejection_code="") & ~Q(decision_reason=""),
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

    def get_protection_url(self) -> str:
        """The console's page about what follows the approval."""
        return reverse("admin:protection", args=[self.reference])


class Approval(Record):
    """One person's yes to one step of a registration's approval."""

    resource, prefix = "approval", "apr"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="approvals")
    step = models.PositiveSmallIntegerField()  # from 0
    approver = models.CharField(max_length=40)  # key of the step: manager, operations, finance, executive
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.TextField(max_length=2000, blank=True, default="")

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("registration", "step"), name="approval_step_once"),
            models.UniqueConstraint(fields=("registration", "decided_by"), name="approval_person_once"),
        )

    def __str__(self) -> str:
        return f"{self.approver} of {self.registration_id}"


class OwnerQuestion(Record):
    """Is this yours?", put to the owner of an opportunity by signed mail. Vendor only."""

    resource, prefix = "owner_question", "owq"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="owner_questions")
    opportunity = models.ForeignKey(Opportunity, models.SET_NULL, null=True, blank=True, related_name="+")
    email = models.EmailField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=8, choices=OwnerAnswer, blank=True, default="")
    note = models.TextField(max_length=2000, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = VendorQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="owner_answer_whole", condition=Q(answer="", answered_at__isnull=True) | ~Q(answer="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} about {self.registration_id}"
