"""The console's list of requests for market funds."""

from django.utils.translation import gettext as _

from core.console import ConsolePage
from core.paging import keyset
from core.parts import Column, Pager, Row, Table
from mdf.admin import cards, words
from mdf.admin.filters import RequestFilters, narrowed_requests
from mdf.admin.pages import chips
from mdf.models import Request


class Requests(ConsolePage):
    """Every request for market funds, the newest first."""

    def get(self, request):
        filters = RequestFilters(request.GET)
        chosen = filters.chosen()
        rows = narrowed_requests(self.actor, chosen)
        page = keyset(rows.prefetch_related("activities"), request.GET, order=("-created_at", "-id"))
        context = {
            "heading": _("Market funds"),
            "lead": _("Requests of partners, and what was decided."),
            "chips": chips(self.actor, "mdf_request_changelist"),
            "filters": filters,
            "active": len(chosen),
            "decides": self.actor.can("mdf.decide"),
            "table": self._table(page, rows.count()) if page.rows else None,
        }
        return self.show("mdf/console/requests.html", context)

    def _table(self, page, total: int) -> Table:
        columns = (
            Column(_("Request")), Column(_("Partner")), Column(_("Status"), "tag"),
            Column(_("Asked"), "num"), Column(_("Approved"), "num"), Column(_("Return"), "tag"),
            Column(_("Due"), "when"),
        )  # fmt: skip
        pager = Pager(len(page.rows), total, page.newer, page.older)
        return Table(_("Requests for market funds"), columns, [self._row(one) for one in page.rows], pager=pager)

    def _row(self, one: Request) -> Row:
        cells = (
            str(one), one.partner.name, words.status_tag(one), words.asked(one), words.approved(one),
            cards.return_tag(one), one.due_at,
        )  # fmt: skip
        return Row(cells, one.get_console_url(), one.reference)
