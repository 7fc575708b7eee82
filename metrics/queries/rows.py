"""The very rows behind a figure: the same conditions as the sums, as pages of records and as a table to export."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from core.actor import Actor
from core.money import Money
from deals.enums import TAKES_BACK, Credit, OpportunityKind, Stage
from deals.models import Attribution, ExchangeRate, Opportunity, RevenueEvent
from mdf.models import Activity
from metrics.models import ActiveSpan, Scorecard
from metrics.queries import returns
from metrics.queries.cut import Cut
from metrics.queries.figures import Reading
from partners.models import Partner
from tiers.models import ProgramMembership

EXPORTED_AT_ONCE = 2000


@dataclass(frozen=True)
class Rows:
    """Rows in an order that ends in a unique column; `columns` are (key, heading, kind of core.parts.Column)."""

    queryset: QuerySet
    order: Sequence[str]
    columns: Sequence[tuple[str, Any, str]]
    cells: Callable[[Any], Sequence[Any]]
    href: Callable[[Any], str]

    def every(self) -> Iterator[Sequence[Any]]:
        """The cells of all rows, in order, a few at a time."""
        rows = self.queryset.order_by(*self.order)
        for row in rows.iterator(chunk_size=EXPORTED_AT_ONCE):
            yield self.cells(row)


def rows(found: Reading, actor: Actor, cut: Cut, *, whole: bool = False) -> Rows | None:
    """The rows of a reading; None where there are none yet. `whole`: all that the value is a share of."""
    actor.require("metric.read")
    build = _BUILD.get(found.key)
    cut = cut.within(actor)
    return build(found, actor, cut, whole) if build else None


# --- opportunities --------------------------------------------------------------------------------------------------


def _partners(actor: Actor, cut: Cut) -> QuerySet[Partner]:
    """The partners of a cut, by the seat they have in queries.cut."""
    rows = Partner.objects.visible_to(actor).filter(is_direct=False)
    plain = {"region": cut.region, "manager_id": cut.manager, "pk": cut.partner}
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    if not (cut.partner_type or cut.tier):
        return rows
    active = ProgramMembership.objects.filter(status="active", deleted_at=None)
    seat = {name: v for name, v in (("partner_type", cut.partner_type), ("tier_id", cut.tier)) if v}
    first = active.order_by("partner_id", "starts_on", "id").distinct("partner_id")
    return rows.filter(pk__in=active.filter(pk__in=first.values("pk"), **seat).values("partner_id"))


def _credited(actor: Actor, cut: Cut, credit: str = Credit.SOURCED) -> Exists:
    credits = Attribution.objects.filter(opportunity=OuterRef("pk"), credit=credit, deleted_at=None)
    return Exists(credits.filter(partner__in=_partners(actor, cut)) if cut else credits)


def _deals(queryset: QuerySet, order: Sequence[str], rated_on: Any, credit: str = Credit.SOURCED) -> Rows:
    """`rated_on`: the day, or the column with it, whose exchange rate an amount of another currency counts at."""
    credits = Attribution.objects.filter(credit=credit, deleted_at=None).select_related("partner")
    by = {Credit.SOURCED: _("Sourced by"), Credit.INFLUENCED: _("Influenced by")}[Credit(credit)]
    rates = ExchangeRate.objects.filter(currency=OuterRef("currency"), day__lte=rated_on).order_by("-day")
    shown = queryset.select_related("account").annotate(rate=Subquery(rates.values("rate")[:1]))
    columns = (
        ("reference", _("Opportunity"), "text"), ("customer", _("Customer"), "text"),
        ("partner", by, "text"), ("opened_on", _("Opened"), "when"), ("closed_on", _("Closed"), "when"),
        ("amount", _("Amount"), "num"), ("reported", _("In %s") % settings.REPORTING_CURRENCY, "num"),
        ("estimated", _("Estimated"), "text"),
    )  # fmt: skip
    shown = shown.prefetch_related(Prefetch("attributions", credits, "credited"))
    return Rows(shown, order, columns, _deal_cells, lambda deal: address("admin:deals_opportunity_change", deal.pk))


def _deal_cells(deal: Any) -> Sequence[Any]:
    return (
        deal.reference,
        deal.account.name if deal.account else "",
        ", ".join(credit.partner.name for credit in deal.credited),
        deal.opened_on,
        deal.closed_on if deal.stage != Stage.OPEN else None,
        None if deal.amount is None else Money(deal.amount, deal.currency),
        _reported(deal),
        _("Estimated") if deal.amount_estimated else "",
    )


def _reported(deal: Any) -> Money | None:
    """The amount in the reporting currency; None where the amount or the rate is missing."""
    return _in_home(None if deal.amount is None else Money(deal.amount, deal.currency), deal.rate)


def _in_home(money: Money | None, rate: Decimal | None) -> Money | None:
    home = settings.REPORTING_CURRENCY
    if money is None or (rate is None and money.currency != home):
        return None
    return Money(money.amount, home).times(rate if rate is not None and money.currency != home else Decimal(1))


def _open_deals(found: Reading, actor: Actor, cut: Cut, whole: bool) -> Rows:
    day = found.as_of
    still = Q(stage=Stage.OPEN) | Q(closed_on__gt=day)
    deals = Opportunity.objects.visible_to(actor).filter(
        _credited(actor, cut), still, deleted_at=None, opened_on__lte=day
    )
    return _deals(deals.exclude(kind=OpportunityKind.RENEWAL), ("-opened_on", "-id"), day)


def _influenced_deals(found: Reading, actor: Actor, cut: Cut, whole: bool) -> Rows:
    day = found.as_of
    still = Q(stage=Stage.OPEN) | Q(closed_on__gt=day)
    touched = _credited(actor, cut, Credit.INFLUENCED) & ~_credited(actor, Cut())
    deals = Opportunity.objects.visible_to(actor).filter(touched, still, deleted_at=None, opened_on__lte=day)
    return _deals(deals.exclude(kind=OpportunityKind.RENEWAL), ("-opened_on", "-id"), day, Credit.INFLUENCED)


def _won_deals(found: Reading, actor: Actor, cut: Cut, whole: bool) -> Rows:
    """What was won in the period, and what of it or of earlier deals went back in it."""
    period = (found.period.first, found.period.last)
    back = RevenueEvent.objects.filter(kind__in=TAKES_BACK, deleted_at=None, occurred_on__range=period)
    sums = back.filter(opportunity=OuterRef("pk")).order_by().values("opportunity").annotate(sum=Sum("amount"))
    deals = Opportunity.objects.visible_to(actor).filter(stage=Stage.WON, deleted_at=None)
    deals = deals.filter(Q(closed_on__range=period) | Q(Exists(back.filter(opportunity=OuterRef("pk")))))
    deals = deals.annotate(back=Subquery(sums.values("sum")))
    deals = deals if whole else deals.filter(_credited(actor, cut))
    shown = _deals(deals, ("-closed_on", "-id"), OuterRef("closed_on"))
    columns = (*shown.columns[:6], ("refunded", _("Refunded"), "num"), *shown.columns[6:])
    return replace(shown, columns=columns, cells=lambda deal: _won_cells(deal, period))


def _won_cells(deal: Any, period: tuple[date, date]) -> Sequence[Any]:
    cells = _deal_cells(deal)
    back = Money(deal.back or Decimal(0), deal.currency)
    won = deal.amount if period[0] <= deal.closed_on <= period[1] else Decimal(0)
    counted = None if deal.amount is None else Money(won, deal.currency) - back
    return (*cells[:6], -back if back else None, _in_home(counted, deal.rate), *cells[7:])


# --- partners -------------------------------------------------------------------------------------------------------


def _active_partners(found: Reading, actor: Actor, cut: Cut, whole: bool) -> Rows:
    spans = ActiveSpan.objects.visible_to(actor).filter(partner__in=_partners(actor, cut))
    spans = spans.filter(starts_at__lte=found.at, ends_at__gt=found.at).select_related("partner__manager")
    columns = (
        ("partner", _("Partner"), "text"), ("region", _("Region"), "text"), ("manager", _("Manager"), "text"),
        ("active_since", _("Active since"), "when"), ("active_until", _("Active until"), "when"),
    )  # fmt: skip
    return Rows(spans, ("-ends_at", "-id"), columns, _span_cells, lambda span: partner_address(span.partner))


def _span_cells(span: ActiveSpan) -> Sequence[Any]:
    partner = span.partner
    return partner.name, partner.region, str(partner.manager or ""), span.starts_at, span.ends_at


def _first_deals(found: Reading, actor: Actor, cut: Cut, whole: bool) -> Rows:
    cards = Scorecard.objects.visible_to(actor).filter(partner__in=_partners(actor, cut), agreement_on__lte=found.as_of)
    columns = (
        ("partner", _("Partner"), "text"), ("agreement_on", _("Agreement"), "when"),
        ("first_registration_on", _("First registration"), "when"), ("first_deal_on", _("First deal"), "when"),
        ("days", _("Days"), "num"),
    )  # fmt: skip
    return Rows(
        cards.select_related("partner"), ("-agreement_on", "-partner_id"), columns,
        lambda card: _card_cells(card, found), lambda card: partner_address(card.partner),
    )  # fmt: skip


def _card_cells(card: Scorecard, found: Reading) -> Sequence[Any]:
    known = card.first_deal_on if card.first_deal_on and card.first_deal_on <= found.as_of else None
    days = card.days_to_first_deal if known else None
    return card.partner.name, card.agreement_on, card.first_registration_on, known, days


# --- funded activities ----------------------------------------------------------------------------------------------


def _activities(found: Reading, actor: Actor, cut: Cut, whole: bool) -> Rows:
    """All that ended in the period: those that count, those whose window still runs, those that were not paid."""
    span = (found.period.first - timedelta(days=1), found.period.last, found.as_of)
    figures = returns.of_activities("default", span, cut)
    rows = Activity.objects.visible_to(actor).filter(pk__in=figures).select_related("partner", "request")
    columns = (
        ("activity", _("Activity"), "text"), ("partner", _("Partner"), "text"), ("type", _("Type"), "text"),
        ("ended_on", _("Ended"), "when"), ("state", _("Counts"), "text"), ("paid", _("Paid"), "num"),
        ("pipeline", _("Pipeline"), "num"), ("won", _("Won"), "num"), ("return", _("Return"), "num"),
        ("forecast", _("Forecast"), "num"), ("leads", _("Leads"), "num"), ("opportunities", _("Opportunities"), "text"),
    )  # fmt: skip
    return Rows(
        rows, ("-ends_on", "-id"), columns, lambda one: _activity_cells(one, figures[one.pk]),
        lambda one: address("admin:mdf_request", one.request.reference),
    )  # fmt: skip


def _activity_cells(one: Activity, of: returns.OfActivity) -> Sequence[Any]:
    state = _("Yes") if of.mature and of.paid else _("Not paid") if not of.paid else _("180 days still run")
    sums = [None if value is None else Money(value, of.currency) for value in (of.paid, of.pipeline, of.won)]
    forecast = None if of.forecast is None else Money(of.forecast, of.currency)
    return (
        one.title, one.partner.name, one.get_activity_type_display(), one.ends_on, state, *sums,
        None if of.ratio is None else f"{of.ratio}", forecast, of.leads, of.evidence,
    )  # fmt: skip


_BUILD: dict[str, Callable[[Reading, Actor, Cut, bool], Rows]] = {
    "partner_sourced_pipeline": _open_deals,
    "partner_influenced_pipeline": _influenced_deals,
    "partner_sourced_revenue_percent": _won_deals,
    "active_partners_90d": _active_partners,
    "mdf_roi": _activities,
    "time_to_first_deal_days": _first_deals,
}


def address(name: str, pk: Any) -> str:
    """The address of a record's page, or nothing where there is none."""
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:
        return ""


def partner_address(partner: Partner) -> str:
    return address("admin:partner", partner.reference)


def top_partners(actor: Actor, cut: Cut, count: int = 10) -> list[Scorecard]:
    """Who sourced most of what was won in the trailing 12 months."""
    cards = Scorecard.objects.visible_to(actor).filter(sourced_won_count__gt=0).select_related("partner")
    cards = cards.filter(partner__in=_partners(actor, cut)) if cut else cards
    return list(cards.order_by(F("sourced_won_reported").desc(nulls_last=True), "partner_id")[:count])
