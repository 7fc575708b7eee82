"""Partners that become one, and what is taken out of the house."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.actor import Reach
from core.models import Record
from core.querysets import VendorQuerySet
from partners.enums import ExportStatus, MergeStatus
from partners.models.company import Partner


class MergeRows(VendorQuerySet):
    def reached(self, reach: Reach):
        """Both companies are read on one page."""
        within = Partner.objects.all().reached(reach).values("pk")
        return self.filter(winner__in=within, loser__in=within)


class Merge(Record):
    """One company under two names: `loser` goes into `winner` when a second person agrees."""

    resource, prefix = "merge", "mrg"

    winner = models.ForeignKey(Partner, models.PROTECT, related_name="merges")
    loser = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    status = models.CharField(max_length=8, choices=MergeStatus, default=MergeStatus.PROPOSED)
    reason = models.TextField(max_length=1000)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    moved = models.JSONField(default=dict, editable=False)  # what moved, by kind

    objects = MergeRows.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(name="merge_of_two", condition=~Q(winner=F("loser"))),
            models.CheckConstraint(
                name="merge_by_two_people", condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by"))
            ),
            models.UniqueConstraint(fields=("loser",), condition=Q(status__in=("proposed", "done")), name="merge_once"),
        )

    def __str__(self) -> str:
        return f"{self.loser} into {self.winner}"


class PartnerExport(Record):
    """All rows of one partner as a file, made by the worker and kept for a few days."""

    resource, prefix = "partner_export", "pex"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="exports")
    status = models.CharField(max_length=7, choices=ExportStatus, default=ExportStatus.WAITING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    file = models.ForeignKey("core.StoredFile", models.SET_NULL, null=True, blank=True, related_name="+")

    objects = VendorQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("partner",), condition=Q(status="waiting"), name="partner_export_waits_once"
            ),
        )

    def __str__(self) -> str:
        return f"of {self.partner}"
