"""Two claims on one customer."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.actor import Reach
from core.fields import reference_field
from core.models import Record
from core.querysets import VendorQuerySet
from deals.enums import CaseOutcome, CaseStatus, Side, Verdict
from deals.models.opportunities import Account, Opportunity
from deals.models.registrations import Registration
from partners.models import Partner


class CaseRows(VendorQuerySet):
    def reached(self, reach: Reach):
        """Both sides are read on one page: a case is for who may read either."""
        within = Registration.objects.all().reached(reach).values("pk")
        return super().reached(reach).filter(Q(other_registration=None) | Q(other_registration__in=within))


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
    outcome = models.CharField(max_length=15, choices=CaseOutcome, blank=True, default="")
    reason = models.TextField(max_length=2000, blank=True, default="")  # for the vendor's records
    winner = models.CharField(max_length=5, choices=Side, blank=True, default="")  # of first_wins, customer_choice
    share_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)  # ours, of a split
    ours_told = models.TextField(max_length=2000, blank=True, default="")  # what each side reads, and no more
    other_told = models.TextField(max_length=2000, blank=True, default="")
    letter = models.TextField(max_length=2000, blank=True, default="")  # the customer's choice: who wrote what, when
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = CaseRows.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="conflict_resolved_whole",
                condition=Q(status="open") | ~Q(outcome="") & ~Q(reason="") & Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="conflict_has_winner",
                condition=~Q(outcome__in=("first_wins", "customer_choice")) | ~Q(winner=""),
            ),
            models.CheckConstraint(
                name="conflict_split_has_share",
                condition=~Q(outcome="split") | Q(share_percent__gt=0, share_percent__lt=100),
            ),
            models.CheckConstraint(
                name="conflict_is_with_another",
                condition=Q(other_registration__isnull=True) | ~Q(other_registration=F("registration")),
            ),
        )

    def __str__(self) -> str:
        return self.reference
