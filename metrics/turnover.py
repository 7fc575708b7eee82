"""A year of each partner of a program in the reporting currency: what it sold, and all that it had a part in."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db.models import Case, DecimalField, Exists, F, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from core.actor import Actor
from deals.enums import PartnerRole, Stage
from deals.models import ExchangeRate, OpportunityPartner
from metrics.windows import local_day, trailing
from partners.models import Program
from tiers.enums import MembershipStatus
from tiers.models import ProgramMembership
from tiers.previews import Turnover

_CENT = Decimal("0.01")
_WIDE = DecimalField(max_digits=38, decimal_places=10)


def program_turnover(actor: Actor, subject: Program, at: datetime) -> Turnover:
    """Deals won in the trailing 12 months, at the rates of their closing days; resale by the list value."""
    rows = _won(actor, subject, at)
    sold = rows.filter(role=PartnerRole.SELLING)
    other = OpportunityPartner.objects.filter(
        opportunity=OuterRef("opportunity"), partner=OuterRef("partner"), deleted_at=None, pk__lt=OuterRef("pk")
    )
    once = rows.exclude(Exists(other))
    unrated = rows.filter(rate=None).order_by().values_list("opportunity__currency", flat=True).distinct()
    list_value = Coalesce("opportunity__list_amount", "opportunity__amount")
    return Turnover(_by_partner(sold, list_value), _by_partner(once, F("opportunity__amount")), sorted(unrated))


def _won(actor: Actor, program: Program, at: datetime) -> QuerySet:
    window = trailing(local_day(at))
    members = ProgramMembership.objects.filter(program=program, status=MembershipStatus.ACTIVE, deleted_at=None)
    rates = ExchangeRate.objects.filter(
        currency=OuterRef("opportunity__currency"), day__lte=OuterRef("opportunity__closed_on")
    ).order_by("-day")
    own = When(opportunity__currency=settings.REPORTING_CURRENCY, then=Value(Decimal(1), output_field=_WIDE))
    won = OpportunityPartner.objects.visible_to(actor).filter(
        partner__in=members.values("partner"), deleted_at=None, opportunity__deleted_at=None,
        opportunity__stage=Stage.WON, opportunity__closed_on__range=(window.first, window.last),
    )  # fmt: skip
    return won.annotate(rate=Case(own, default=Subquery(rates.values("rate")[:1]), output_field=_WIDE))


def _by_partner(rows: QuerySet, amount) -> dict[UUID, Decimal]:
    summed = rows.order_by().values("partner").annotate(total=Sum(amount * F("rate"), output_field=_WIDE))
    return {pk: total.quantize(_CENT) for pk, total in summed.values_list("partner", "total") if total is not None}
