"""The partner company, its people, and what the vendor keeps about it."""

from collections.abc import Collection
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse

from core.actor import Reach
from core.fields import amount_field, country_field, currency_field, reference_field
from core.models import Record
from core.querysets import PartnerQuerySet, SharedQuerySet, VendorQuerySet
from partners.enums import (
    WORKING,
    InvitationStatus,
    MemberRole,
    PartnerStatus,
    PortalAccess,
    ProgramStatus,
)


class Program(Record):
    """A channel program. Its terms (`policy`) are data: clocks, protection, capacity."""

    resource, prefix = "program", "prg"

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    program_type = models.CharField(max_length=40, default="partner")
    status = models.CharField(max_length=8, choices=ProgramStatus, default=ProgramStatus.DRAFT)
    currency = currency_field(default="USD")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    policy = models.JSONField(default=dict, blank=True)
    lifecycle = models.JSONField(default=dict, blank=True)  # partners.lifecycle: joining, checklists, what counts

    objects = SharedQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class Product(Record):
    """What the vendor sells."""

    resource, prefix = "product", "prd"

    sku = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    family = models.CharField(max_length=60, blank=True, default="")
    list_price = amount_field(null=True, blank=True)
    currency = currency_field(default="USD")
    is_active = models.BooleanField(default=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="product_price_not_negative", condition=Q(list_price__isnull=True) | Q(list_price__gte=0)
            ),
        )

    def __str__(self) -> str:
        return self.name


class PartnerRows(PartnerQuerySet):
    partner_path = "id"

    def of_partners(self, partner_ids):
        return self.filter(pk__in=partner_ids)

    def looked_after(self, regions: Collection[str], people: Collection[UUID]):
        """Partners in one of the regions, or with one of the people as manager or backup."""
        return self.filter(Q(region__in=regions) | Q(manager__in=people) | Q(backup__in=people))

    def reached(self, reach: Reach):
        return self.looked_after(reach.regions, reach.people)

    def working(self):
        return self.filter(status__in=WORKING)


class Partner(Record):
    """A company that sells with, for or through the vendor."""

    resource, prefix = "partner", "ptr"

    reference = reference_field("P-")
    name = models.CharField(max_length=200)
    legal_name = models.CharField(max_length=200, blank=True, default="")
    status = models.CharField(max_length=12, choices=PartnerStatus, default=PartnerStatus.CANDIDATE)
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="managed_partners"
    )
    backup = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="backed_partners"
    )
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children")
    website = models.CharField(max_length=255, blank=True, default="")
    domain = models.CharField(max_length=255, blank=True, default="")
    country = country_field(blank=True, default="")
    region = models.CharField(max_length=60, blank=True, default="")
    territories = models.JSONField(default=list, blank=True)
    industries = models.JSONField(default=list, blank=True)
    specialisations = models.JSONField(default=list, blank=True)
    description = models.TextField(max_length=2000, blank=True, default="")
    employee_count = models.PositiveIntegerField(null=True, blank=True)
    tax_id = models.CharField(max_length=40, blank=True, default="")
    default_currency = currency_field(default="USD")
    time_zone = models.CharField(max_length=64, default="UTC")
    joined_on = models.DateField(null=True, blank=True)
    is_listed = models.BooleanField(default=False)
    is_direct = models.BooleanField(default=False)  # our own people in an imported pipeline
    logo = models.ForeignKey("core.StoredFile", models.SET_NULL, null=True, blank=True, related_name="+")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    last_commercial_at = models.DateTimeField(null=True, blank=True, editable=False)
    quiet_told_at = models.DateTimeField(null=True, blank=True, editable=False)  # when it was told that it is quiet
    unvetted_since = models.DateTimeField(null=True, blank=True, editable=False)  # joined alone; money and leads wait
    suspended_from = models.CharField(max_length=12, blank=True, default="", editable=False)  # the state to go back to

    objects = PartnerRows.as_manager()

    class Meta:
        indexes = (
            models.Index(Lower("name"), name="partner_name"),
            models.Index(fields=("updated_at", "id"), name="partner_updated"),
            models.Index(fields=("status", "last_commercial_at"), name="partner_activity"),
        )
        constraints = (
            models.CheckConstraint(
                name="partner_backup_is_another", condition=Q(backup__isnull=True) | ~Q(backup=F("manager"))
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_console_url(self) -> str:
        return reverse("admin:partner", args=[self.reference])

    def get_lifecycle_url(self) -> str:
        return reverse("admin:partner_lifecycle", args=[self.reference])

    @property
    def partner_id(self) -> UUID:
        """Who may read the events about it: the partner itself."""
        return self.pk


class Member(Record):
    """A person's work for a partner: with which role, until when."""

    resource, prefix = "member", "mbr"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=MemberRole)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            # One company at a time: a role at one must never reach into another.
            models.UniqueConstraint(fields=("user",), condition=Q(ended_at__isnull=True), name="member_once"),
        )

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class Invitation(Record):
    """An e-mail that lets somebody join a partner. Only the hash of its token is kept."""

    resource, prefix = "invitation", "inv"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=MemberRole)
    status = models.CharField(max_length=8, choices=InvitationStatus, default=InvitationStatus.SENT)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint("partner", Lower("email"), condition=Q(status="sent"), name="invitation_open_once"),
        )

    def __str__(self) -> str:
        return self.email


class Contact(Record):
    """A person at a partner whom we know; needs no sign-in."""

    resource, prefix = "contact", "con"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="contacts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    first_name = models.CharField(max_length=80, blank=True, default="")
    last_name = models.CharField(max_length=80)
    email = models.EmailField()
    phone = models.CharField(max_length=20, blank=True, default="")
    job_title = models.CharField(max_length=120, blank=True, default="")
    roles = models.JSONField(default=list, blank=True)
    is_primary = models.BooleanField(default=False)
    locale = models.CharField(max_length=12, blank=True, default="")
    time_zone = models.CharField(max_length=64, blank=True, default="")
    portal_access = models.CharField(max_length=8, choices=PortalAccess, default=PortalAccess.NONE)
    consent = models.JSONField(default=dict, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "partner", Lower("email"), condition=Q(deleted_at__isnull=True), name="contact_email_once"
            ),
        )
        indexes = (models.Index(fields=("updated_at", "id"), name="contact_updated"),)

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Note(Record):
    """What the vendor's people write about a partner for themselves. Never reaches the partner."""

    resource, prefix = "note", "not"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    text = models.TextField(max_length=5000)
    at = models.DateTimeField()

    objects = VendorQuerySet.as_manager()

    def __str__(self) -> str:
        return self.text[:60]


class Agreement(Record):
    """A contract text that a partner signed: which version, who, when, from where."""

    resource, prefix = "agreement", "agr"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="agreements")
    title = models.CharField(max_length=120)
    text_version = models.CharField(max_length=20)
    signed_at = models.DateTimeField()
    signed_by = models.CharField(max_length=150)
    ip = models.GenericIPAddressField(null=True, blank=True)
    text = models.ForeignKey(  # what was clicked; none of what was signed on paper
        "AgreementText", models.PROTECT, null=True, blank=True, related_name="signed"
    )
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )  # fmt: skip

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("partner", "text"), condition=Q(text__isnull=False, deleted_at__isnull=True),
                name="agreement_signed_once",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.title} {self.text_version}"


class ApiKey(Record):
    """Lets a program in; of its token only the SHA-256 is kept. Bound to a partner it sees that one alone."""

    resource, prefix = "api_key", "key"

    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="api_keys")
    name = models.CharField(max_length=120)
    hint = models.CharField(max_length=16, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PartnerQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"
