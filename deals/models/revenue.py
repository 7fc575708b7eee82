"""Money that moved between the vendor and the end customer, and what currencies are worth."""

from django.db import models
from django.db.models import F, Q

from core.fields import amount_field, currency_field
from core.models import Record
from core.querysets import SharedQuerySet
from deals.enums import RevenueKind
from deals.models.opportunities import Opportunity, RowsOfOpportunities


class RevenueEvent(Record):
    """An invoice, payment, refund or credit about an opportunity. The vendor's alone. `amount` is above zero for all
    kinds, net of tax and freight, in the currency of the opportunity. A refund or credit may name the invoice or
    payment that it is `about`."""

    resource, prefix = "revenue_event", "rev"

    opportunity = models.ForeignKey(Opportunity, models.PROTECT, related_name="revenue_events")
    kind = models.CharField(max_length=7, choices=RevenueKind)
    occurred_on = models.DateField()
    service_start = models.DateField(null=True, blank=True)
    service_end = models.DateField(null=True, blank=True)
    amount = amount_field()
    currency = currency_field(default="USD")
    about = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="returns")

    objects = RowsOfOpportunities.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("updated_at", "id"), name="revenue_event_updated"),
            models.Index(fields=("opportunity", "occurred_on"), name="revenue_event_deal"),
            models.Index(fields=("occurred_on",), name="revenue_event_day"),
        )
        constraints = (
            models.CheckConstraint(name="revenue_event_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="revenue_event_service_span",
                condition=Q(service_end__isnull=True)
                | Q(service_start__isnull=False, service_end__gte=F("service_start")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.opportunity_id}"


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in the reporting currency, from a day on until the next rate."""

    currency = currency_field()
    day = models.DateField()
    rate = models.DecimalField(max_digits=20, decimal_places=10)
    source = models.CharField(max_length=80)

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("currency", "day"), name="exchange_rate_once"),
            models.CheckConstraint(name="exchange_rate_positive", condition=Q(rate__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.currency} {self.day}: {self.rate}"
