"""All deals of a partner."""

from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.doors import Page
from core.paging import keyset
from core.parts import Column, Pager, Row, Table
from deals import queries, shown
from deals.enums import LIVE, Status
from deals.models import Registration

_FILTERS = {
    "all": (gettext_lazy("All"), tuple(Status)),
    "you": (gettext_lazy("Waiting for you"), (Status.ACTION_REQUIRED, Status.DRAFT)),
    "us": (gettext_lazy("Waiting for us"), (Status.SUBMITTED, Status.IN_REVIEW)),
    "protected": (gettext_lazy("Protected"), (Status.APPROVED, Status.EXPIRING)),
    "closed": (gettext_lazy("Closed"), tuple(s for s in Status if s not in LIVE and s != Status.DRAFT)),
}


class DealList(Page):
    """All deals of the partner, newest first."""

    def get(self, request):
        chosen = request.GET.get("show", "all")
        states = _FILTERS.get(chosen, _FILTERS["all"])[1]
        words = request.GET.get("q", "").strip()[:100]
        rows = Registration.objects.visible_to(self.actor).filter(deleted_at=None, status__in=states)
        if words:
            rows = rows.filter(account_name__icontains=words)
        page = keyset(
            rows.select_related("partner").only(*queries.LIST_FIELDS, "partner__time_zone"),
            request.GET,
            order=("-created_at", "-id"),
        )
        context = {
            "heading": _("Deals"),
            "table": self._table(page) if page.rows else None,
            "filters": [(key, label, f"?{urlencode({'show': key})}") for key, (label, _s) in _FILTERS.items()],
            "chosen": chosen if chosen in _FILTERS else "all",
            "words": words,
            "narrowed": bool(words) or chosen not in ("all", ""),
            "may_register": self.actor.can("deal.register"),
        }
        return self.show("deals/list.html", context)

    def _table(self, page) -> Table:
        columns = (
            Column(_("Customer")), Column(_("Status"), "tag"), Column(_("Value"), "num"),
            Column(_("Expected close"), "when"), Column(_("Protected until"), "when"),
        )  # fmt: skip
        return Table(
            _("Deals"),
            columns,
            [self._row(deal) for deal in page.rows],
            pager=Pager(len(page.rows), newer=page.newer, older=page.older),
        )

    def _row(self, deal: Registration) -> Row:
        until = shown.protected_until(deal) if deal.status in (Status.APPROVED, Status.EXPIRING) else None
        cells = (str(deal), shown.status_tag(deal, self.actor), shown.value(deal), deal.expected_close_on, until)
        return Row(cells, deal.get_absolute_url())
