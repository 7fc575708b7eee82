"""What the page of one partner in the console shows of programs and deals: answers to the slot `partner_tab`."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from core.actor import Actor
from core.parts import Column, Crumb, Row, Table
from deals import shown
from deals.enums import LIVE
from deals.models import Registration
from partners.models import Partner
from tiers import queries as tiers

DEALS_SHOWN = 10


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
        Row((str(m.program), m.get_partner_type_display(), str(m.tier or ""), m.tier_since or m.starts_on))
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
