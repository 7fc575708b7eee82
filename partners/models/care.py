"""Who of the vendor looks after a partner, since when, who stands in, and what the vendor keeps to."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.models import Record
from core.querysets import PartnerQuerySet, VendorQuerySet
from partners.models.company import Partner


class ManagerTerm(Record):
    """From when until when somebody was (or will be) the channel manager of a partner."""

    resource, prefix = "manager_term", "mgt"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="manager_terms")
    manager = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    backup = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)  # the first day on which it is over
    begun_at = models.DateTimeField(null=True, blank=True, editable=False)  # None: announced

    objects = PartnerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("partner",), condition=Q(until=None, begun_at__isnull=False), name="manager_one_now"
            ),
            models.UniqueConstraint(fields=("partner",), condition=Q(begun_at=None), name="manager_one_next"),
            models.CheckConstraint(name="manager_term_order", condition=Q(until=None) | Q(until__gte=F("since"))),
        )
        indexes = (models.Index(fields=("since",), condition=Q(begun_at=None), name="manager_term_due"),)

    def __str__(self) -> str:
        return f"{self.manager} {self.since}"


class Absence(Record):
    """Somebody of the vendor is away, and somebody else decides for them."""

    resource, prefix = "absence", "abs"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="absences")
    delegate = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = VendorQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(name="absence_order", condition=Q(last_day__gte=F("first_day"))),
            models.CheckConstraint(name="absence_by_another", condition=~Q(person=F("delegate"))),
        )
        indexes = (models.Index(fields=("last_day",), name="absence_last_day"),)

    def __str__(self) -> str:
        return f"{self.person} {self.first_day}"


class ManagerRegion(models.Model):
    """A region whose partners are a channel manager's to see, where the house keeps managers to their regions."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="regions")
    region = models.CharField(max_length=60)

    objects = VendorQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("person", "region"), name="manager_region_once"),)

    def __str__(self) -> str:
        return self.region


class HouseRules(Record):
    """What the vendor decided for the whole installation. One row."""

    resource, prefix = "house_rules", "hru"

    only = models.BooleanField(default=True, unique=True, editable=False)
    keep_people_months = models.PositiveSmallIntegerField(null=True, blank=True)  # None: for ever
    managers_by_region = models.BooleanField(default=False)  # channel managers see the partners of their regions alone

    objects = VendorQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "house rules"
        constraints = (
            models.CheckConstraint(name="house_rules_one", condition=Q(only=True)),
            models.CheckConstraint(
                name="house_rules_keep", condition=Q(keep_people_months=None) | Q(keep_people_months__gte=6)
            ),
        )

    def __str__(self) -> str:
        return "house rules"
