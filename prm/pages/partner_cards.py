"""What the page of one partner in the console shows of programs and deals: answers to the slot `partner_tab`."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from core.actor import Actor
from core.money import Money
from core.parts import Column, Crumb, Row, Table
from deals import shown
from deals.enums import LIVE, PartnerRole, Stage
from deals.models import Opportunity, OpportunityPartner, Registration
from partners.models import Partner
from tiers import queries as tiers

DEALS_SHOWN = 10
COUNTED = (PartnerRole.SELLING, PartnerRole.SOURCING)


@dataclass(frozen=True)
class TableCard:
    """A table under a heading, or why it is empty."""

    id: str
    title: str
    table: Table | None
    empty: str
    column: str = "main"
    template: str = "pages/table_card.html"
    link: Crumb | None = None


def programs(actor: Actor, partner: Partner, at: datetime) -> TableCard:
    """Where the partner stands in each program."""
    columns = (Column(_("Program")), Column(_("As")), Column(_("Tier")), Column(_("Since"), "when"))
    rows = [
        Row(
            (str(m.program), m.get_partner_type_display(), str(m.tier or ""), m.tier_since or m.starts_on),
            reverse("admin:standing", args=[m.public_id]),
        )
        for m in tiers.memberships(actor, partner)
    ]
    table = Table(_("Programs"), columns, rows) if rows else None
    return TableCard("programs", _("Programs"), table, _("In no program yet."))


def deals(actor: Actor, partner: Partner, at: datetime) -> TableCard:
    """The partner's live registrations, the newest first."""
    live = Registration.objects.visible_to(actor).filter(partner=partner, status__in=LIVE, deleted_at=None)
    columns = (Column(_("Customer")), Column(_("Status"), "tag"), Column(_("Value"), "num"))
    rows = [
        Row((str(deal), shown.status_tag(deal, actor), shown.value(deal)), deal.get_console_url())
        for deal in live.order_by("-created_at", "-id")[:DEALS_SHOWN]
    ]
    table = Table(_("Live deals"), columns, rows) if rows else None
    register = Crumb(_("Register a deal"), reverse("admin:deal_register", args=[partner.reference]))
    may = register if actor.can("deal.register") else None
    return TableCard("deals", _("Live deals"), table, _("No live deals."), link=may)


def deals_reached(actor: Actor, subject: tuple[Partner, int], at: datetime) -> tuple[str, int]:
    """How many deals the partner closed in a year, beside what its plan wants."""
    partner, year = subject
    return "deals", won_in(actor, partner, year).count()


def revenue_reached(actor: Actor, subject: tuple[Partner, int], at: datetime) -> tuple[str, Money]:
    """What those deals bring, in the partner's currency alone."""
    partner, year = subject
    same = won_in(actor, partner, year).filter(currency=partner.default_currency)
    return "revenue", Money(same.aggregate(sum=Sum("amount"))["sum"] or Decimal(0), partner.default_currency)


def won_in(actor: Actor, partner: Partner, year: int) -> QuerySet[Opportunity]:
    """Deals of a calendar year in which the partner had a role that counts."""
    roles = OpportunityPartner.objects.visible_to(actor).filter(partner=partner, role__in=COUNTED, deleted_at=None)
    rows = Opportunity.objects.visible_to(actor).filter(pk__in=roles.values("opportunity_id"), deleted_at=None)
    return rows.filter(stage=Stage.WON, closed_on__year=year)
