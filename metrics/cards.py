"""What figures have to say on pages over many apps: the partner's own numbers, and the deals behind its tier."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, Min, OuterRef, Prefetch, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.actor import Actor
from core.money import Money
from deals.enums import OpportunityKind, Stage
from deals.models import ExchangeRate, Opportunity, OpportunityPartner, Registration
from metrics.models import Scorecard
from metrics.services.facts import CREDITS, Asked, asked_by, credits, fully_refunded, too_late
from metrics.windows import BEGINNING, local_day, start_of
from partners.models import Partner
from tiers.measures import CLOSED_DEALS_12M, DEALS, MEASURES, REVENUE
from tiers.models import ProgramMembership, ProgramVersion
from tiers.particulars import TRAILING_YEAR
from tiers.queries import CountedRow, CountedRows
from tiers.windows import USUAL

LISTED = 50


@dataclass(frozen=True)
class FiguresCard:
    """A partner's own figures: open pipeline, wins of 12 months, registrations approved, how long it stays active."""

    template: ClassVar[str] = "metrics/card.html"
    column: ClassVar[str] = "side"

    pipeline: Money | None
    open_count: int
    won: Money | None
    won_count: int
    approved: str
    active_until: datetime | None
    is_active: bool


def home_card(actor: Actor, subject: Partner | None, at: datetime) -> FiguresCard | None:
    """The card of the partner's home page; nothing before its figures exist."""
    card = Scorecard.objects.visible_to(actor).filter(partner=subject).first() if subject else None
    if card is None:
        return None
    decided = card.approved_count + card.rejected_count
    approved = _("%(n)d of %(all)d") % {"n": card.approved_count, "all": decided} if decided else ""
    return FiguresCard(
        _money(card.open_reported), card.open_count, _money(card.won_reported), card.won_count, approved,
        card.active_until, card.active_until is not None and card.active_until > at,
    )  # fmt: skip


def _money(amount: Decimal | None) -> Money | None:
    return None if amount is None else Money(amount.quantize(Decimal("0.01")), settings.REPORTING_CURRENCY)


def closed_deals(actor: Actor, subject: ProgramMembership | None, at: datetime) -> CountedRows | None:
    """The deals that count for a membership's tier, and the lost, renewed and older ones that do not, with why."""
    if subject is None:
        return None
    day = local_day(at)
    return _behind(actor, subject, _asked(subject, day, DEALS) or _usual(subject), day)


def won_revenue(actor: Actor, subject: ProgramMembership | None, at: datetime) -> CountedRows | None:
    """The same behind won revenue, where the program asks for it; deals without a value or an exchange rate too."""
    asked = _asked(subject, local_day(at), REVENUE) if subject else None
    return _behind(actor, subject, asked, local_day(at)) if subject and asked else None


def _asked(membership: ProgramMembership, day: date, measure: str) -> Asked | None:
    """The first figure of a kind that the program's rules in force ask for."""
    version = ProgramVersion.objects.in_force(day).filter(program_id=membership.program_id).first()
    return next((one for one in asked_by(version) if MEASURES[one.metric] == measure), None) if version else None


def _usual(membership: ProgramMembership) -> Asked:
    return Asked(membership.program_id, CLOSED_DEALS_12M, TRAILING_YEAR, USUAL, "")


def _behind(actor: Actor, subject: ProgramMembership, asked: Asked, day: date) -> CountedRows:
    spans = asked.window.spans(day)
    first, last = min(first for first, _last in spans), max(last for _first, last in spans)
    closed = _closed(actor, subject).order_by("-closed_on", "-id")
    versions = ProgramVersion.objects.in_force(day).filter(program_id=subject.program_id)
    roles = [role for _program, role, credit in credits(versions) if credit > 0] or list(CREDITS)
    credited = Q(stage=Stage.WON, kind__in=(OpportunityKind.NEW, OpportunityKind.EXPANSION)) & Q(
        _has_role(subject, roles)
    )
    valued = _valued(asked.currency) if MEASURES[asked.metric] == REVENUE else Q()
    inside = closed.filter(credited, valued, closed_on__range=(first, last))
    back = fully_refunded(inside.order_by().values_list("pk", flat=True), day)
    back -= {deal for deal, partner in too_late(day, start_of(day)) if partner == subject.partner_id} if back else set()
    inside = inside.exclude(pk__in=back)
    counted = list(inside[:LISTED])
    rest = list(closed.exclude(pk__in=inside.values("pk"))[:LISTED])
    listed = closed.filter(pk__in=[deal.pk for deal in rest])
    worthless = set(listed.exclude(valued).values_list("pk", flat=True)) if valued else set()
    more = inside.count() - len(counted) if len(counted) == LISTED else 0
    return CountedRows(
        asked.metric,
        [_row(deal, actor, falls_out=asked.window.falls_out(deal.closed_on)) for deal in counted],  # type: ignore[arg-type]
        [_row(deal, actor, why=_refunded(deal, back) or _why_not(deal, first, last, worthless)) for deal in rest],
        more,
    )


def _refunded(deal: Opportunity, back: Collection[UUID]) -> str:
    return _("The customer had everything refunded") if deal.pk in back else ""


def _valued(currency: str) -> Q:
    """Deals whose value can be told in a currency: with a value, in it, or with dated rates on the day they closed."""
    rates = dict(ExchangeRate.objects.values_list("currency").annotate(Min("day")))
    rates[settings.REPORTING_CURRENCY] = BEGINNING
    if currency not in rates:
        return Q(amount__isnull=False, currency=currency)
    known = Q(currency=currency)
    for other, begun in rates.items():
        known |= Q(currency=other, closed_on__gte=max(begun, rates[currency]))
    return Q(amount__isnull=False) & known


def _has_role(membership: ProgramMembership, roles: Collection[str] | None = None) -> Exists:
    rows = OpportunityPartner.objects.filter(
        opportunity=OuterRef("pk"), partner_id=membership.partner_id, deleted_at=None
    )
    return Exists(rows if roles is None else rows.filter(role__in=roles))


def _closed(actor: Actor, membership: ProgramMembership) -> QuerySet[Opportunity]:
    rows = (
        Opportunity.objects.visible_to(actor).filter(_has_role(membership), deleted_at=None).exclude(stage=Stage.OPEN)
    )
    own = Registration.objects.visible_to(actor).filter(partner_id=membership.partner_id)
    return rows.select_related("account").prefetch_related(Prefetch("registrations", own, "own_registrations"))


def _why_not(deal: Opportunity, first: date, last: date, worthless: Collection[UUID]) -> str:
    if deal.stage == Stage.LOST:
        return _("Lost")
    if deal.kind == OpportunityKind.RENEWAL:
        return _("Renewals don't count")
    if deal.closed_on < first:  # type: ignore[operator]
        return _("Before %s") % date_format(first, "j M Y")
    if deal.closed_on > last:  # type: ignore[operator]
        return _("After %s") % date_format(last, "j M Y")
    if deal.pk in worthless:
        return _("No exchange rate for %s on that day") % deal.currency if deal.amount is not None else _("No value")
    return _("Your role in it doesn't count")


def _page_of(registration: Registration, actor: Actor) -> str:
    return registration.get_absolute_url() if actor.is_partner else registration.get_console_url()


def _row(deal: Opportunity, actor: Actor, *, falls_out: date | None = None, why: str = "") -> CountedRow:
    registration = next(iter(deal.own_registrations), None)  # type: ignore[attr-defined]
    return CountedRow(
        what=deal.account.name if deal.account else deal.name or deal.reference,
        href=_page_of(registration, actor) if registration else "",
        day=deal.closed_on,
        amount=None if deal.amount is None else Money(deal.amount, deal.currency),
        falls_out_on=falls_out,
        why_not=why,
    )
