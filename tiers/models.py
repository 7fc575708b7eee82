"""Which program a partner is in, on which tier, and why."""

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse

from core.fields import reference_field
from core.models import Record
from core.querysets import PartnerQuerySet, SharedQuerySet
from partners.enums import PartnerType
from partners.models import Partner, Program
from tiers.enums import (
    STANDING_OVERRIDES,
    UNDER_REVIEW,
    BenefitKind,
    BenefitStatus,
    MembershipStatus,
    OverrideStatus,
    ReviewStatus,
    VersionStatus,
)


class ProgramVersionRows(SharedQuerySet):
    """Versions take effect on their date; the highest number of those in effect is in force. Partners see no drafts."""

    def visible_to(self, actor):
        rows = super().visible_to(actor)
        return rows if actor.inside else rows.filter(status__in=(VersionStatus.IN_FORCE, VersionStatus.SUPERSEDED))

    def in_force(self, day):
        begun = self.model._default_manager.filter(program_id=OuterRef("program_id"), effective_from__lte=day)
        return self.filter(pk=Subquery(begun.order_by("-number").values("pk")[:1]))


class ProgramVersion(Record):
    """The rules of a program: written as a draft, published by another person from a day on, then never edited.

    Number and day (`effective_from`) are given when it is published: what has no day was never in force.
    """

    resource, prefix = "program_version", "prv"

    program = models.ForeignKey(Program, models.PROTECT, related_name="versions")
    reference = reference_field("V-")
    number = models.PositiveIntegerField(null=True, editable=False)
    status = models.CharField(max_length=10, choices=VersionStatus, default=VersionStatus.DRAFT)
    effective_from = models.DateField(null=True, blank=True)
    wanted_from = models.DateField(null=True, blank=True)  # the day that is asked for
    definition = models.JSONField()
    closing = models.JSONField(default=dict, blank=True)  # sections of other apps as they stood when it was superseded
    based_on = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=1000, blank=True, default="")
    editors = models.JSONField(default=list, blank=True)  # ids of those who wrote it: none of them publishes it
    preview = models.JSONField(default=dict, blank=True)  # the last dry run that was kept
    requested_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=1000, blank=True, default="")
    published_at = models.DateTimeField(null=True)
    published_by = models.CharField(max_length=200, blank=True, default="")

    objects = ProgramVersionRows.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("program", "number"), name="program_version_once"),
            models.UniqueConstraint(fields=("program",), condition=Q(status="in_force"), name="program_one_in_force"),
        )

    def __str__(self) -> str:
        return self.reference

    def get_console_url(self) -> str:
        return reverse("admin:program_version", args=[self.reference])


class Tier(Record):
    """A rank of a program: its name, its rule (`requires`) and what it grants."""

    resource, prefix = "tier", "tier"

    program = models.ForeignKey(Program, models.PROTECT, related_name="tiers")
    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=80)
    rank = models.PositiveSmallIntegerField()
    requires = models.JSONField(default=dict, blank=True)
    benefits = models.JSONField(default=list, blank=True)
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    mdf_accrual_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("program", "rank"), condition=Q(deleted_at=None), name="tier_rank_once"),
            models.UniqueConstraint(fields=("program", "key"), name="tier_key_once"),
            models.CheckConstraint(
                name="tier_percents",
                condition=Q(discount_percent__range=(0, 100)) & Q(mdf_accrual_percent__range=(0, 100)),
            ),
        )

    def __str__(self) -> str:
        return self.name


class ProgramMembership(Record):
    """A partner in a program, as a type, on a tier."""

    resource, prefix = "program_membership", "pmb"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="program_memberships")
    program = models.ForeignKey(Program, models.PROTECT, related_name="memberships")
    partner_type = models.CharField(max_length=12, choices=PartnerType)
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, blank=True, related_name="memberships")
    status = models.CharField(max_length=8, choices=MembershipStatus, default=MembershipStatus.ACTIVE)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    tier_since = models.DateField(null=True, blank=True)
    tier_reason = models.CharField(max_length=300, blank=True, default="")
    next_review_on = models.DateField(null=True, blank=True)
    earned_tier = models.ForeignKey(Tier, models.PROTECT, null=True, blank=True, related_name="+", editable=False)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("partner", "program", "partner_type"), condition=Q(status="active"), name="membership_once"
            ),
        )
        indexes = (models.Index(fields=("updated_at", "id"), name="membership_updated"),)

    def __str__(self) -> str:
        return f"{self.partner_id} in {self.program_id}"


class Fact(Record):
    """A number the rules read: of a membership, over a window, as of a moment; computed, or sent as a custom one."""

    resource, prefix = "custom_metric", "fct"

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+")
    membership = models.ForeignKey(ProgramMembership, models.CASCADE, related_name="facts")
    metric = models.CharField(max_length=60)
    window = models.CharField(max_length=40, default="trailing_12_months")
    value = models.DecimalField(max_digits=20, decimal_places=4)
    as_of = models.DateTimeField()
    lapses = models.JSONField(default=list, blank=True)  # days on which the value falls by one, the last ones first

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("membership", "metric", "window"), name="fact_once"),)
        indexes = (models.Index(fields=("updated_at", "id"), name="fact_updated"),)

    def __str__(self) -> str:
        return f"{self.metric} = {self.value}"


class Assessment(Record):
    """What an evaluation found, with the rule version and the numbers it read. Kept when the answer changes."""

    resource, prefix = "assessment", "asm"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    membership = models.ForeignKey(ProgramMembership, models.PROTECT, related_name="assessments")
    program_version = models.ForeignKey(ProgramVersion, models.PROTECT, related_name="+")
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    facts = models.JSONField()
    explanation = models.JSONField(default=list)

    objects = PartnerQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.membership_id} at {self.at}"


class TierReview(Record):
    """A membership whose tier is looked at: a move up, or a tier that the figures stop reaching."""

    resource, prefix = "tier_review", "trv"

    reference = reference_field("T-")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="tier_reviews")
    membership = models.ForeignKey(ProgramMembership, models.PROTECT, related_name="reviews")
    from_tier = models.ForeignKey(Tier, models.PROTECT, null=True, related_name="+")
    to_tier = models.ForeignKey(Tier, models.PROTECT, related_name="+")
    assessment = models.ForeignKey(Assessment, models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=9, choices=ReviewStatus, default=ReviewStatus.COMPLIANT)
    proposed_at = models.DateTimeField()
    due_at = models.DateTimeField()
    falls_on = models.DateField(null=True, blank=True)  # first day on which the tier is no longer reached
    forecast = models.JSONField(default=list, blank=True)  # the arithmetic of that day, like Assessment.explanation
    noticed_at = models.DateTimeField(null=True, blank=True)
    noticed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    notice_ends_at = models.DateTimeField(null=True, blank=True)
    effective_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=1000, blank=True, default="")
    deferred_until = models.DateField(null=True, blank=True)
    waived_until = models.DateField(null=True, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("membership",), condition=Q(status__in=UNDER_REVIEW), name="review_open_once"
            ),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("admin:tier_review", args=[self.reference])


class TierOverride(Record):
    """A tier by decision of two people instead of by figures, for a time."""

    resource, prefix = "tier_override", "tov"

    reference = reference_field("TO-")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    membership = models.ForeignKey(ProgramMembership, models.PROTECT, related_name="overrides")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="+")
    from_tier = models.ForeignKey(Tier, models.PROTECT, null=True, related_name="+")  # to which it goes back
    status = models.CharField(max_length=9, choices=OverrideStatus, default=OverrideStatus.REQUESTED)
    reason = models.CharField(max_length=1000)
    starts_on = models.DateField()
    until = models.DateField()
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    answer = models.CharField(max_length=1000, blank=True, default="")

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("membership",), condition=Q(status__in=STANDING_OVERRIDES), name="override_once"
            ),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("admin:tier_override", args=[self.reference])


class BenefitRequest(Record):
    """Something a partner asks for because its tier or its type grants it."""

    resource, prefix = "benefit_request", "bnr"

    reference = reference_field("B-")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    membership = models.ForeignKey(ProgramMembership, models.PROTECT, related_name="benefit_requests")
    kind = models.CharField(max_length=20, choices=BenefitKind)
    status = models.CharField(max_length=9, choices=BenefitStatus, default=BenefitStatus.ASKED)
    wanted = models.TextField(max_length=2000)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    due_at = models.DateTimeField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    sponsor = models.CharField(max_length=120, blank=True, default="")
    next_on = models.DateField(null=True, blank=True)
    outcome = models.TextField(max_length=2000, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("updated_at", "id"), name="benefit_request_updated"),)

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("portal:benefit_request", args=[self.reference])

    def get_console_url(self) -> str:
        return reverse("admin:benefit_request", args=[self.reference])
