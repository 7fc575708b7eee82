"""What figures have to say on pages over many apps: the partner's own numbers, and the deals behind its tier."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.actor import Actor
from core.money import Money
from deals.enums import OpportunityKind, Stage
from deals.models import Opportunity, OpportunityPartner, Registration
from metrics.models import Scorecard
from metrics.services.facts import credits
from metrics.windows import local_day, trailing
from partners.models import Partner
from tiers.models import ProgramMembership
from tiers.queries import CountedRow, CountedRows
from tiers.windows import falls_out_on

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
    window = trailing(local_day(at))
    closed = _closed(actor, subject).order_by("-closed_on", "-id")
    roles = [role for program, role, credit in credits() if program == subject.program_id and credit > 0]
    credited = Q(stage=Stage.WON, kind__in=(OpportunityKind.NEW, OpportunityKind.EXPANSION)) & Q(
        _has_role(subject, roles)
    )
    inside = closed.filter(credited, closed_on__range=(window.first, window.last))
    counted = list(inside[:LISTED])
    rest = closed.exclude(pk__in=inside.values("pk"))[:LISTED]
    more = inside.count() - len(counted) if len(counted) == LISTED else 0
    return CountedRows(
        "closed_deals_12m",
        [_row(deal, falls_out=falls_out_on(deal.closed_on)) for deal in counted],  # type: ignore[arg-type]
        [_row(deal, why=_why_not(deal, window.first, window.last)) for deal in rest],
        more,
    )


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


def _why_not(deal: Opportunity, first: date, last: date) -> str:
    if deal.stage == Stage.LOST:
        return _("Lost")
    if deal.kind == OpportunityKind.RENEWAL:
        return _("Renewals don't count")
    if deal.closed_on < first:  # type: ignore[operator]
        return _("Before %s") % date_format(first, "j M Y")
    return _("After today") if deal.closed_on > last else _("Your role in it doesn't count")  # type: ignore[operator]


def _row(deal: Opportunity, *, falls_out: date | None = None, why: str = "") -> CountedRow:
    registration = next(iter(deal.own_registrations), None)  # type: ignore[attr-defined]
    return CountedRow(
        what=deal.account.name if deal.account else deal.name or deal.reference,
        href=reverse("portal:deal", args=[registration.reference]) if registration else "",
        day=deal.closed_on,
        amount=None if deal.amount is None else Money(deal.amount, deal.currency),
        falls_out_on=falls_out,
        why_not=why,
    )
