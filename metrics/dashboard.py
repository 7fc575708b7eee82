"""The executive's pages: the dashboard, one page a metric, its rows and their export."""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.console import ConsolePage
from core.paging import keyset
from core.parts import Bar, Column, Pager, Row, Series, Table, Tag
from metrics import shown
from metrics.definitions import BY_KEY, DEFINITIONS
from metrics.forms import Filters
from metrics.queries import GROUPS, breakdown, kept
from metrics.queries.dashboard import basis_of, dashboard, missed_since
from metrics.queries.figures import reading
from metrics.queries.returns import ACTIVITY_TYPE
from metrics.queries.rows import partner_address, rows
from metrics.windows import local_day
from partners.export import csv_lines
from tiers.windows import year_before


class Figures(ConsolePage):
    """What both pages share: the filters of the address and the day they are about."""

    permission = "metric.read"

    def filters(self) -> Filters:
        form = Filters(self.request.GET, local_day(self.at))
        self.cut, self.day, self.kept = form.cut(), form.day(), form.query()
        return form

    def address(self, key: str, **more: str) -> str:
        words = urlencode({**self.kept, **more})
        return reverse("metrics:metric", args=[key]) + (f"?{words}" if words else "")

    def lead(self) -> str:
        moment = self.at if self.day == local_day(self.at) else None
        day = date_format(self.day, "j M Y") + (f", {moment:%H:%M} UTC" if moment else "")
        words = _("As of %s · last 12 months, compared with the 12 before") % day
        return f"{words} · {_('only the partners you look after')}" if self.actor.reach else words


class Dashboard(Figures):
    """Seven tiles, what was won, the way from registration to win, tiers, the partners that bring most."""

    def get(self, request):
        form = self.filters()
        found = dashboard(self.actor, at=self.at, day=self.day, cut=self.cut)
        context = {
            "heading": _("Partner program"),
            "lead": self.lead(),
            "form": form,
            "clear": reverse("metrics:dashboard"),
            "tiles": [
                shown.tile(found.now[d.key], found.before[d.key], found.trend[d.key], self.address(d.key))
                for d in DEFINITIONS
            ],
            "won": _won(found.months),
            "won_labels": [date_format(end, "M Y") for end in found.months.ends],
            "unfinished": (self.day + timedelta(days=1)).month == self.day.month,
            "funnel": _funnel(found.funnel),
            "tiers": [Bar(label or _("No tier"), n, str(n)) for label, n in found.tiers],
            "top": _top(found.top),
            "missed_since": found.missed_since,
            "currency": settings.REPORTING_CURRENCY,
        }
        return self.show("metrics/dashboard.html", context)


def _won(months) -> list[Series]:
    values = {_("All closed-won"): months.whole, _("Sourced by partners"): months.sourced}
    return [Series(name, [shown.plain(v) for v in line]) for name, line in values.items()]


def _funnel(funnel) -> list[Bar]:
    names = {"registered": _("Registered"), "approved": _("Approved"), "registration_won": _("Won")}
    return [Bar(words, funnel[key], str(funnel[key])) for key, words in names.items()]


def _top(cards) -> Table | None:
    columns = (
        Column(_("Partner")), Column(_("Won, sourced"), "num"), Column(_("Deals"), "num"),
        Column(_("Open pipeline"), "num"), Column(_("Status"), "tag"),
    )  # fmt: skip
    return Table(_("Partners that sourced most"), columns, [_top_row(card) for card in cards]) if cards else None


def _top_row(card) -> Row:
    won, opened = shown.whole(card.sourced_won_reported), shown.whole(card.open_reported)
    label = Tag(card.partner.get_status_display(), "good" if card.partner.status == "active" else "")
    return Row((card.partner.name, won, card.sourced_won_count, opened, label), partner_address(card.partner))


class MetricPage(Figures):
    """One metric: its year, its breakdown, its rows page by page."""

    def get(self, request, key: str):
        if key not in BY_KEY:
            raise Http404
        form = self.filters()
        basis, ends = basis_of(self.actor, self.day, self.at, self.cut)
        now = reading(key, basis, self.day)
        trend = [reading(key, basis, end) for end in ends]
        group = request.GET.get("by") if request.GET.get("by") in GROUPS else "region"
        definition = now.definition
        context = {
            "heading": definition.name,
            "lead": self.lead(),
            "form": form,
            "clear": reverse("metrics:metric", args=[key]),
            "tile": shown.tile(now, reading(key, basis, year_before(self.day)), trend, self.address(key)),
            "now": now,
            "beside": shown.beside(now),
            "trend": [shown.trend_series(definition, trend)],
            "trend_labels": shown.month_labels(trend),
            "has_trend": any(r.value is not None for r in trend),
            "groups": [(name, label, self.address(key, by=name) + "#by") for name, label in _group_names().items()],
            "group": group,
            "bars": shown.bars(definition, breakdown(key, basis, group), _("Not given")),
            "table": self.table(now),
            "kept": _kept(basis) if key == "mdf_roi" else [],
            "export": reverse("metrics:rows", args=[key]) + (f"?{urlencode(self.kept)}" if self.kept else ""),
            "missed_since": missed_since(self.at),
        }
        return self.show("metrics/metric.html", context)

    def table(self, now) -> Table | None:
        found = rows(now, self.actor, self.cut)
        if found is None:
            return None
        page = keyset(found.queryset, self.request.GET, order=found.order)
        columns = [Column(str(label), kind) for _key, label, kind in found.columns]
        pager = Pager(len(page.rows), now.rows, page.newer, page.older)
        shown_rows = [Row(found.cells(one), found.href(one)) for one in page.rows]
        return Table(str(now.definition.name), columns, shown_rows, pager=pager) if page.rows else None


def _kept(basis) -> list[Table]:
    """Forecast against result of measured activities, by partner and by type of activity."""
    by = (("partner", _("Partner")), (ACTIVITY_TYPE, _("Type of activity")))
    return [table for group, name in by if (table := shown.kept(name, kept(basis, group)))]


class MetricRows(Figures):
    """Exactly the rows behind a metric, as CSV. `all=1` gives what it is a share of."""

    def get(self, request, key: str):
        if key not in BY_KEY:
            raise Http404
        self.filters()
        basis, _ends = basis_of(self.actor, self.day, self.at, self.cut)
        found = rows(reading(key, basis, self.day), self.actor, self.cut, whole=request.GET.get("all") == "1")
        if found is None:
            raise Http404
        response = HttpResponse("".join(csv_lines(found.columns, found.every())), "text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{key}-{self.day:%Y-%m-%d}.csv"'
        return response


def _group_names() -> dict[str, str]:
    return {
        "region": _("Region"), "type": _("Partner type"), "tier": _("Tier"), "manager": _("Manager"),
        "program": _("Program"), "partner": _("Partner"),
    }  # fmt: skip
