"""What happens to a protected deal: it is extended, revoked, handed over, or broken."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.actor import Reach
from core.models import Record
from core.querysets import PartnerQuerySet, VendorQuerySet
from deals.enums import BreachOutcome, RequestStatus, TransferBasis
from deals.models.registrations import Registration
from partners.models import Partner
from tiers.models import ProgramMembership

_DECIDED = Q(status="requested") | Q(decided_at__isnull=False)


class Extension(Record):
    """More days of protection: asked for, or given by the rules where there was customer activity."""

    resource, prefix = "extension", "ext"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="extensions")
    status = models.CharField(max_length=9, choices=RequestStatus, default=RequestStatus.REQUESTED)
    automatic = models.BooleanField(default=False)
    days = models.PositiveSmallIntegerField()
    reason = models.TextField(max_length=2000, blank=True, default="")
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    due_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    answer = models.TextField(max_length=2000, blank=True, default="")

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(name="extension_decided_whole", condition=_DECIDED),
            models.UniqueConstraint(
                fields=("registration",), condition=Q(status="requested"), name="extension_asked_once"
            ),
            models.UniqueConstraint(
                fields=("registration",), condition=Q(automatic=True), name="extension_automatic_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.days} days for {self.registration_id}"


class Revocation(Record):
    """Taking a protection back: proposed by one of the vendor's people, carried out by another."""

    resource, prefix = "revocation", "rvc"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="revocations")
    status = models.CharField(max_length=9, choices=RequestStatus, default=RequestStatus.REQUESTED)
    reason = models.TextField(max_length=2000)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = VendorQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(name="revocation_decided_whole", condition=_DECIDED),
            models.CheckConstraint(
                name="revocation_four_eyes",
                condition=~Q(status="granted") | ~Q(decided_by=F("requested_by")),
            ),
            models.UniqueConstraint(
                fields=("registration",), condition=Q(status="requested"), name="revocation_open_once"
            ),
        )

    def __str__(self) -> str:
        return f"of {self.registration_id}"


class TransferRows(PartnerQuerySet):
    """Both partners see a transfer between them."""

    def of_partners(self, partner_ids):
        return self.filter(Q(partner_id__in=partner_ids) | Q(to_partner_id__in=partner_ids))

    def reached(self, reach: Reach):
        """Both sides are read on one page: a transfer is for who may read either."""
        return super().reached(reach).filter(to_partner_id__in=reach.partners)


class Transfer(Record):
    """A protected deal goes to another partner: by the customer's letter, or because both agree."""

    resource, prefix = "transfer", "trf"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="transfers")
    account_name = models.CharField(max_length=200)  # what the other partner may read of the deal before it has it
    to_partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    to_membership = models.ForeignKey(ProgramMembership, models.PROTECT, related_name="+")
    successor = models.ForeignKey(Registration, models.SET_NULL, null=True, blank=True, related_name="+")
    basis = models.CharField(max_length=15, choices=TransferBasis)
    letter = models.TextField(max_length=2000, blank=True, default="")  # who wrote what, when
    status = models.CharField(max_length=9, choices=RequestStatus, default=RequestStatus.REQUESTED)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    giver_agreed_at = models.DateTimeField(null=True, blank=True)
    taker_agreed_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    answer = models.TextField(max_length=2000, blank=True, default="")

    objects = TransferRows.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(name="transfer_decided_whole", condition=_DECIDED),
            models.CheckConstraint(name="transfer_to_another", condition=~Q(to_partner=F("partner"))),
            models.CheckConstraint(
                name="transfer_has_ground",
                condition=~Q(status="granted")
                | Q(basis="customer_letter") & ~Q(letter="")
                | Q(giver_agreed_at__isnull=False, taker_agreed_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=("registration",), condition=Q(status="requested"), name="transfer_open_once"
            ),
        )

    def __str__(self) -> str:
        return f"of {self.registration_id}"


class Breach(Record):
    """A direct opportunity of the vendor's own team on a deal that it protects for a partner."""

    resource, prefix = "breach", "brc"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="breaches")
    opportunity_id = models.UUIDField()  # the direct one: the partner may know that it is there, no more
    found_at = models.DateTimeField()
    outcome = models.CharField(max_length=11, choices=BreachOutcome, blank=True, default="")
    reason = models.TextField(max_length=2000, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "breaches"
        constraints = (
            models.UniqueConstraint(fields=("registration", "opportunity_id"), name="breach_once"),
            models.CheckConstraint(
                name="breach_decided_whole",
                condition=Q(outcome="") | Q(decided_at__isnull=False) & ~Q(reason=""),
            ),
        )

    def __str__(self) -> str:
        return f"of {self.registration_id}"
