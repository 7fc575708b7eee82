"""The partner's page about its tier."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from core import slots
from core.doors import Page
from core.parts import Column, Row, Table
from tiers import queries
from tiers.words import metric_name


class TierPage(Page):
    """Where the partner stands, which rows count and which do not, and what comes next."""

    def get(self, request):
        membership = queries.memberships(self.actor).first()
        card = queries.progress(membership, self.at) if membership else None
        behind = slots.ask("fact_rows", self.actor, membership, at=self.at) if card else []
        context = {
            "heading": card.title if card else _("Your tier"),
            "lead": _lead(card) if card else "",
            "card": card,
            "behind": [_shown(rows) for rows in behind],
            "tiers": queries.compared(membership) if card else [],
            "history": queries.history(membership) if card else [],
        }
        return self.show("tiers/page.html", context)


def _lead(card: queries.Progress) -> str:
    return f"{card.membership.program.name} · {card.tier}" if card.tier else card.membership.program.name


def _last_day(row: queries.CountedRow) -> date | None:
    return row.falls_out_on - timedelta(days=1) if row.falls_out_on else None


def _shown(rows: queries.CountedRows) -> dict:
    name = metric_name(rows.metric)
    counted = [Row((r.what, r.day, _last_day(r), r.amount), r.href) for r in rows.counted]
    left_out = [Row((r.what, r.day, r.why_not, r.amount), r.href) for r in rows.left_out]
    what, closed, value = Column(_("What")), Column(_("Closed"), "when"), Column(_("Value"), "num")
    return {
        "id": rows.metric,
        "name": name,
        "counted": Table(name, (what, closed, Column(_("Counts until"), "when"), value), counted),
        "left_out": Table(_("Not counted: %s") % name, (what, closed, Column(_("Why")), value), left_out),
        "more": rows.more,
    }
