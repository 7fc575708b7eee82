"""What partners earn by: the revenue rules of a program, and the program's terms of money."""

from django.db import models
from django.db.models import F, Q

from core.fields import amount_field, currency_field
from core.models import Record
from core.querysets import SharedQuerySet
from earnings.enums import AccruesOn, Direction, RuleKind
from partners.enums import PartnerType
from partners.models import Product, Program
from tiers.models import Tier


def _percent(**options) -> models.DecimalField:
    return models.DecimalField(max_digits=7, decimal_places=4, **options)


class EarningTerms(Record):
    """A program's terms of money: what accrues, from which amount on a payout is made and needs two people."""

    resource, prefix = "earning_terms", "ert"

    program = models.OneToOneField(Program, models.PROTECT, related_name="earning_terms")
    accrues_on = models.CharField(max_length=7, choices=AccruesOn, default=AccruesOn.PAYMENT)
    dispute_days = models.PositiveSmallIntegerField(default=15)
    minimum_payout = amount_field(default=0)  # in the program's currency; less carries over
    two_people_above = amount_field(default=10_000)  # in the program's currency

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "earning terms"
        constraints = (
            models.CheckConstraint(
                name="earning_terms_not_negative", condition=Q(minimum_payout__gte=0, two_people_above__gte=0)
            ),
        )

    def __str__(self) -> str:
        return f"of {self.program_id}"


class RevenueRule(Record):
    """One version of a revenue rule. A change is a new version from a day on: the database refuses any other edit.

    Whom it is for: `program` and `partner_type`, and where given a tier, a product or a family of products
    ("Cloud" holds "Cloud/Storage"), a territory (country or region of the customer) and a currency of the deal.
    """

    resource, prefix = "revenue_rule", "rvr"

    key = models.SlugField(max_length=60)  # the same for all versions
    number = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=120)
    program = models.ForeignKey(Program, models.PROTECT, related_name="revenue_rules")
    partner_type = models.CharField(max_length=12, choices=PartnerType)
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, blank=True, related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="+")
    family = models.CharField(max_length=60, blank=True, default="")
    territory = models.CharField(max_length=60, blank=True, default="")
    currency = currency_field(blank=True, default="")

    kind = models.CharField(max_length=13, choices=RuleKind)
    direction = models.CharField(max_length=10, choices=Direction)
    percent = _percent(null=True, blank=True)
    amount = amount_field(null=True, blank=True)  # fixed, for the whole deal; of a license fee for one unit
    registered_uplift_percent = _percent(default=0)  # on top where the deal was registered
    registered_only = models.BooleanField(default=False)
    floor = amount_field(null=True, blank=True)  # at least so much for a deal, once it earns anything
    cap = amount_field(null=True, blank=True)  # at most so much for a deal
    minimum = amount_field(null=True, blank=True)  # of a license fee, for each period
    pay_currency = currency_field(blank=True, default="")  # of fixed amounts and lines; empty: the deal's
    duration_months = models.PositiveSmallIntegerField(null=True, blank=True)  # from the close; none: once, at first
    hold_days = models.PositiveSmallIntegerField(default=30)
    clawback_days = models.PositiveSmallIntegerField(null=True, blank=True)  # after a payment; none: no end
    roles = models.JSONField(default=list, blank=True)  # in the deal; empty: as usual for the type
    split = models.JSONField(default=dict, blank=True)  # role or "vendor": percent, 100 in all
    nets = models.BooleanField(default=False)  # the agreement lets a fee be taken from what we owe

    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)  # the last day, counted
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=200, blank=True, default="")

    objects = SharedQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("program", "partner_type", "kind"), name="revenue_rule_for"),)
        constraints = (
            models.UniqueConstraint(fields=("program", "key", "number"), name="revenue_rule_version_once"),
            models.CheckConstraint(
                name="revenue_rule_gives_one_thing",
                condition=Q(percent__isnull=False, amount__isnull=True) | Q(percent__isnull=True, amount__isnull=False),
            ),
            models.CheckConstraint(
                name="revenue_rule_percents",
                condition=(Q(percent__isnull=True) | Q(percent__gt=0, percent__lte=100))
                & Q(registered_uplift_percent__range=(0, 100)),
            ),
            models.CheckConstraint(
                name="revenue_rule_amounts",
                condition=(Q(amount__isnull=True) | Q(amount__gt=0))
                & (Q(floor__isnull=True) | Q(floor__gte=0))
                & (Q(cap__isnull=True) | Q(cap__gt=0))
                & (Q(minimum__isnull=True) | Q(minimum__gte=0)),
            ),
            models.CheckConstraint(
                name="revenue_rule_floor_below_cap",
                condition=Q(floor__isnull=True) | Q(cap__isnull=True) | Q(floor__lte=F("cap")),
            ),
            models.CheckConstraint(
                name="revenue_rule_span",
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
            ),
            models.CheckConstraint(
                name="revenue_rule_amounts_have_currency",
                condition=Q(amount__isnull=True, floor__isnull=True, cap__isnull=True, minimum__isnull=True)
                | ~Q(currency="")
                | ~Q(pay_currency=""),
            ),
            models.CheckConstraint(name="revenue_rule_is_no_adjustment", condition=~Q(kind="adjustment")),
        )

    def __str__(self) -> str:
        return f"{self.name}, v{self.number}"
