"""How partners come, stay and go: applications, the texts they accept, a newcomer's checklist, offboarding."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from core.models import Record
from core.querysets import PartnerQuerySet, SharedQuerySet
from partners.enums import (
    ActionStatus,
    ApplicationStatus,
    DoneBy,
    OpenClaims,
    OpenDeals,
    OpenEarnings,
    OpenLeads,
    PartnerType,
    Why,
)
from partners.models.company import Partner, Program


class AgreementText(Record):
    """A version of the terms: plain paragraphs, for all or for a program or a type. The newest of each key counts."""

    resource, prefix = "agreement_text", "agt"

    key = models.SlugField(max_length=60)
    title = models.CharField(max_length=120)
    text_version = models.CharField(max_length=20)
    program = models.ForeignKey(Program, models.PROTECT, null=True, blank=True, related_name="agreement_texts")
    partner_type = models.CharField(max_length=12, choices=PartnerType, blank=True, default="")
    text = models.TextField(max_length=60_000)
    published_at = models.DateTimeField()

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("key", "text_version"), name="agreement_text_version_once"),)

    def __str__(self) -> str:
        return f"{self.title} {self.text_version}"

    @property
    def paragraphs(self) -> list[str]:
        return [part.strip() for part in self.text.split("\n\n") if part.strip()]


class Application(Record):
    """Somebody who wants to become a partner. Of the link in the mail only the hash is kept.

    `partner` is the one that came of it, or the one it was passed on to.
    """

    resource, prefix = "application", "app"

    program = models.ForeignKey(Program, models.PROTECT, related_name="applications")
    partner_type = models.CharField(max_length=12, choices=PartnerType)
    company = models.CharField(max_length=200)
    website = models.CharField(max_length=255)
    domain = models.CharField(max_length=255)
    country = models.CharField(max_length=2, blank=True, default="")
    name = models.CharField(max_length=150)
    email = models.EmailField()
    message = models.TextField(max_length=2000, blank=True, default="")
    status = models.CharField(max_length=9, choices=ApplicationStatus, default=ApplicationStatus.SENT)
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="applications")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    proved_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(Lower("email"), "sent_at", name="application_email"),
            models.Index(fields=("status", "due_at"), name="application_waiting"),
        )

    def __str__(self) -> str:
        return self.company

    def get_console_url(self) -> str:
        return self.partner.get_lifecycle_url() if self.partner else ""


class OnboardingAction(Record):
    """A line of a new partner's checklist."""

    resource, prefix = "onboarding_action", "act"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="onboarding")
    key = models.SlugField(max_length=60)
    title = models.CharField(max_length=120)
    note = models.CharField(max_length=500, blank=True, default="")
    done_by = models.CharField(max_length=10, choices=DoneBy)
    required = models.BooleanField(default=True)
    place = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=15, choices=ActionStatus, default=ActionStatus.PENDING)
    said = models.TextField(max_length=2000, blank=True, default="")  # the partner's words beside what it sent
    sent_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)  # until when we look at it
    answer = models.TextField(max_length=2000, blank=True, default="")  # why sent back or skipped
    closed_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )  # fmt: skip

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("partner", "key"), name="onboarding_action_once"),)
        indexes = (models.Index(fields=("status", "due_at"), name="onboarding_waiting"),)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("portal:onboarding_action", args=[self.public_id])


class Offboarding(Record):
    """How a partner leaves: when, why, and what becomes of what is open."""

    resource, prefix = "offboarding", "off"

    partner = models.OneToOneField(Partner, models.PROTECT, related_name="offboarding")
    effective_on = models.DateField()
    reason = models.CharField(max_length=12, choices=Why)
    text = models.TextField(max_length=2000)
    deals = models.CharField(max_length=8, choices=OpenDeals)
    claims = models.CharField(max_length=8, choices=OpenClaims)
    earnings = models.CharField(max_length=8, choices=OpenEarnings)
    leads = models.CharField(max_length=8, choices=OpenLeads)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="offboarding_in_order",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("begun_at")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.partner_id} {self.effective_on}"
