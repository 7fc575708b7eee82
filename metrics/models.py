"""Read models of the seven metrics: made anew from the records by set-based SQL, never counted up.

Amounts of the reporting currency are named `…_reported`; they are null where a dated rate is missing, and a figure that
rests on such a row says so instead of leaving it out.
"""

from django.db import models

from core.fields import currency_field
from core.querysets import PartnerQuerySet, SealedQuerySet, VendorQuerySet
from partners.models import Partner


def _amount(**options) -> models.DecimalField:
    """A sum of shares of amounts: exact, so that parts add up to the whole."""
    return models.DecimalField(max_digits=26, decimal_places=6, **options)


class Figures(models.Model):
    """What happened on a day, in one currency. Pipeline comes in when a deal opens and goes out when it closes."""

    day = models.DateField()
    currency = currency_field()
    won_count = models.IntegerField(default=0)
    won_amount = _amount(default=0)
    won_reported = _amount(null=True, default=0)
    lost_count = models.IntegerField(default=0)
    sourced_won_count = models.IntegerField(default=0)
    sourced_won_amount = _amount(default=0)
    sourced_won_reported = _amount(null=True, default=0)
    pipeline_in_count = models.IntegerField(default=0)
    pipeline_in_amount = _amount(default=0)
    pipeline_in_estimated = _amount(default=0)
    pipeline_out_count = models.IntegerField(default=0)
    pipeline_out_amount = _amount(default=0)
    pipeline_out_estimated = _amount(default=0)
    renewal_in_amount = _amount(default=0)
    renewal_out_amount = _amount(default=0)
    # Influenced by a partner, sourced by none. A partner's day counts it in full for each partner that did.
    influence_in_count = models.IntegerField(default=0)
    influence_in_amount = _amount(default=0)
    influence_in_estimated = _amount(default=0)
    influence_out_count = models.IntegerField(default=0)
    influence_out_amount = _amount(default=0)
    influence_out_estimated = _amount(default=0)
    influence_renewal_in_amount = _amount(default=0)
    influence_renewal_out_amount = _amount(default=0)
    influenced_won_count = models.IntegerField(default=0)
    influenced_won_reported = _amount(null=True, default=0)
    transacted_won_count = models.IntegerField(default=0)  # won with a selling partner, whoever sourced
    transacted_won_reported = _amount(null=True, default=0)
    registered_count = models.IntegerField(
        default=0
    )  # of registrations sent on the day: all, approved since, won since
    approved_count = models.IntegerField(default=0)
    rejected_count = models.IntegerField(default=0)
    registration_won_count = models.IntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.day} {self.currency}"


class TotalDay(Figures):
    """A day of the whole business, partners' and direct; each opportunity counts once."""

    objects = VendorQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("day", "currency"), name="total_day_once"),)


class PartnerDay(Figures):
    """A day of one partner: amounts by its share; `won` where it sold or sourced."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+")

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("partner", "day", "currency"), name="partner_day_once"),)
        indexes = (models.Index(fields=("day",), name="partner_day_day"),)


class ActiveSpan(models.Model):
    """From a commercial event until 90 × 24 hours after the last one that followed in time. The end is excluded."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("partner", "starts_at"), name="active_span_once"),)
        indexes = (models.Index(fields=("ends_at", "id"), name="active_span_end"),)

    def __str__(self) -> str:
        return f"{self.partner_id}: {self.starts_at} to {self.ends_at}"


class Scorecard(models.Model):
    """A partner's figures on one line: pipeline now, the trailing 12 months, activity, the way to the first deal."""

    partner = models.OneToOneField(Partner, models.CASCADE, primary_key=True, related_name="scorecard")
    day = models.DateField()  # of the window's end
    open_count = models.IntegerField(default=0)
    open_reported = _amount(null=True, default=0)
    won_count = models.IntegerField(default=0)
    won_reported = _amount(null=True, default=0)
    lost_count = models.IntegerField(default=0)
    sourced_won_count = models.IntegerField(default=0)
    sourced_won_reported = _amount(null=True, default=0)
    registered_count = models.IntegerField(default=0)
    approved_count = models.IntegerField(default=0)
    rejected_count = models.IntegerField(default=0)
    last_commercial_at = models.DateTimeField(null=True)
    active_until = models.DateTimeField(null=True)
    agreement_on = models.DateField(null=True)
    first_registration_on = models.DateField(null=True)
    first_deal_on = models.DateField(null=True)
    deals_before_agreement = models.IntegerField(default=0)
    left_on = models.DateField(null=True)  # offboarded or merged: no first deal can follow

    objects = PartnerQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("-sourced_won_reported",), name="scorecard_top"),
            models.Index(fields=("active_until",), name="scorecard_active"),
        )

    def __str__(self) -> str:
        return f"{self.partner_id} on {self.day}"

    @property
    def days_to_first_deal(self) -> int | None:
        return (self.first_deal_on - self.agreement_on).days if self.first_deal_on and self.agreement_on else None


class Snapshot(models.Model):
    """A metric as it was reported on a day: kept for ever, also where late changes move the figure of that day."""

    day = models.DateField()
    key = models.CharField(max_length=40)
    value = _amount(null=True)
    unit = models.CharField(max_length=12)
    numerator = _amount(null=True)
    denominator = _amount(null=True)
    rows = models.IntegerField(default=0)
    definition_version = models.PositiveSmallIntegerField(default=1)
    taken_at = models.DateTimeField()

    objects = SealedQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("key", "day"), name="snapshot_once"),)

    def __str__(self) -> str:
        return f"{self.key} on {self.day}: {self.value}"


class Run(models.Model):
    """A full recompute: when, how many rows it wrote, how long it took, and what it found wrong."""

    started_at = models.DateTimeField()
    seconds = models.DecimalField(max_digits=10, decimal_places=3)
    rows = models.BigIntegerField(default=0)
    corrected = models.BigIntegerField(default=0)  # rows that the events had left different
    error = models.TextField(blank=True, default="")

    objects = VendorQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("-started_at",), name="run_latest"),)

    def __str__(self) -> str:
        return f"{self.started_at}: {self.rows} rows in {self.seconds} s"


class Covered(models.Model):
    """An event whose effect on the figures another event's recompute has brought already."""

    event_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.event_id)
