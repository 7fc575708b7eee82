"""A partner's funds and what it asked for."""

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.doors import Page
from core.money import Money
from core.paging import keyset
from core.parts import Column, Pager, Row, Table
from mdf.enums import OPEN, RUNNING, RequestStatus
from mdf.models import Request
from mdf.queries import own as queries
from mdf.shown.funds import bars
from mdf.shown.words import request_tag

R = RequestStatus
_YOURS = (R.DRAFT, R.ACTION_REQUIRED, R.PARTLY_APPROVED, R.REJECTED)
_FILTERS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "all": (gettext_lazy("All"), tuple(R)),
    "you": (gettext_lazy("Waiting for you"), _YOURS),
    "us": (gettext_lazy("Waiting for us"), (R.SUBMITTED, R.IN_REVIEW)),
    "running": (gettext_lazy("Running"), RUNNING),
    "closed": (gettext_lazy("Closed"), tuple(s for s in R if s not in (*_YOURS, *OPEN, *RUNNING))),
}


class FundsPage(Page):
    """What is free, set aside, claimed and paid of each fund, and the requests, newest first."""

    def get(self, request):
        chosen = request.GET.get("show", "all")
        chosen = chosen if chosen in _FILTERS else "all"
        words = request.GET.get("q", "").strip()[:100]
        rows = queries.listed(self.actor).filter(status__in=_FILTERS[chosen][1])
        if words:
            rows = rows.filter(title__icontains=words)
        page = keyset(rows, request.GET, order=("-created_at", "-id"))
        funds = bars(queries.balances(self.actor, self.at.date()))
        context = {
            "heading": _("Market funds"),
            "funds": funds,
            "table": self._table(page) if page.rows else None,
            "filters": [(key, label, f"?{urlencode({'show': key})}") for key, (label, _s) in _FILTERS.items()],
            "chosen": chosen,
            "words": words,
            "narrowed": bool(words) or chosen != "all",
            "may_ask": bool(funds) and self.actor.can("mdf.request"),
        }
        return self.show("mdf/list.html", context)

    def _table(self, page) -> Table:
        columns = (
            Column(_("Request")), Column(_("Status"), "tag"), Column(_("Asked for"), "num"),
            Column(_("Approved"), "num"), Column(_("Begins"), "when"), Column(_("Answer due"), "when"),
        )  # fmt: skip
        pager = Pager(len(page.rows), newer=page.newer, older=page.older)
        return Table(_("Requests"), columns, [self._row(one) for one in page.rows], pager=pager)

    def _row(self, one: Request) -> Row:
        asked, approved = (_sum(getattr(one, name), one) for name in ("asked", "approved"))
        due = one.due_at if one.status in OPEN else None
        name = one.title or one.reference
        cells = (name, request_tag(one, self.actor), asked, approved, getattr(one, "starts_on", None), due)
        return Row(cells, one.get_absolute_url())


def _sum(amount: Any, one: Request) -> Money | None:
    return None if amount is None else Money(amount, one.currency)
