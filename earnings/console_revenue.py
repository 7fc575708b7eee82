"""The console's pages where finance enters what customers were invoiced, paid and got back."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.db.models import F, Q
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import addresses  # noqa: F401 - registers the converter
from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.errors import Refused
from core.money import Money
from core.paging import keyset
from core.parts import Column, Crumb, Fact, Pager, Row, Table, Tag
from deals.enums import TAKES_BACK, Stage
from deals.models import Opportunity, RevenueEvent
from deals.services import enter_revenue
from earnings import services, shown
from earnings.models import EarningLine
from earnings.revenue_forms import RevenueForm
from earnings.words import arithmetic

FOUND, SHOWN = 20, 50


def revenue(actor):
    rows = RevenueEvent.objects.visible_to(actor).filter(deleted_at=None)
    return rows.select_related("opportunity__account", "about")


def where(deal: Opportunity) -> str:
    return reverse("admin:deal_revenue", args=[deal.reference])


def name_of(deal: Opportunity) -> str:
    return deal.account.name if deal.account else deal.name or deal.reference


class RevenueList(ConsolePage):
    """What was entered last, and the way to a deal."""

    permission = "revenue.enter"

    def get(self, request):
        words = request.GET.get("q", "").strip()[:100]
        page = keyset(revenue(self.actor), request.GET, order=("-occurred_on", "-id"), size=SHOWN)
        return self.show("earnings/revenue.html", {
            "heading": _("Revenue of deals"),
            "lead": _("Invoices, payments, refunds and credits: what partners earn follows from them."),
            "words": words,
            "found": self._found(words) if words else None,
            "table": _table(page.rows, _("Entered last"), with_deal=True) if page.rows else None,
            "pager": Pager(len(page.rows), newer=page.newer, older=page.older),
        })  # fmt: skip

    def _found(self, words: str) -> Table:
        rows = Opportunity.objects.visible_to(self.actor).filter(deleted_at=None).select_related("account")
        fits = Q(reference__iexact=words) | Q(name__icontains=words) | Q(account__name__icontains=words)
        columns = (Column(_("Deal")), Column(_("Number")), Column(_("Status"), "tag"), Column(_("Amount"), "num"))
        return Table(_("Deals"), columns, [
            Row((name_of(deal), deal.reference, stage(deal), worth(deal)), where(deal))
            for deal in rows.filter(fits).order_by(F("closed_on").desc(nulls_last=True), "-id")[:FOUND]
        ])  # fmt: skip


def stage(deal: Opportunity) -> Tag:
    return Tag(deal.get_stage_display(), "good" if deal.stage == Stage.WON else "")


def worth(deal: Opportunity) -> Money | None:
    return Money(deal.amount, deal.currency) if deal.amount is not None else None


def _table(rows: Sequence[RevenueEvent], caption: str, *, with_deal: bool = False) -> Table:
    columns = [Column(_("Day"), "when"), Column(_("Kind")), Column(_("Amount"), "num")]
    if with_deal:
        columns.insert(0, Column(_("Deal")))
    return Table(caption, columns, [
        Row((*((name_of(one.opportunity),) if with_deal else ()), one.occurred_on, _kind(one), _signed(one)),
            where(one.opportunity) if with_deal else "")
        for one in rows
    ])  # fmt: skip


def _kind(one: RevenueEvent) -> str:
    if one.about is None:
        return str(one.get_kind_display())
    told = {"kind": one.get_kind_display(), "of": one.about.get_kind_display().lower(), "day": one.about.occurred_on}
    return _("%(kind)s of the %(of)s of %(day)s") % told


def _signed(one: RevenueEvent) -> Money:
    return Money(-one.amount if one.kind in TAKES_BACK else one.amount, one.currency)


class DealRevenue(ConsoleActionPage):
    """A deal's revenue, and the two steps that enter more: looked at with what it gives, then entered."""

    permission = "revenue.enter"
    actions = {
        "check": Action(services.foretell, None),
        "enter": Action(enter_revenue, RevenueForm, gettext_lazy("Entered. The lines of earnings follow in a moment.")),
    }

    def subject(self) -> Opportunity:
        rows = Opportunity.objects.visible_to(self.actor).filter(deleted_at=None).select_related("account")
        return one_or_404(rows, reference=self.kwargs["reference"])

    def form(self, deal: Opportunity, data=None) -> RevenueForm:
        initial = {"occurred_on": self.at.date(), **self.request.GET.dict()}  # back from the check page: as it was
        mine = revenue(self.actor).filter(opportunity=deal).order_by("-occurred_on", "-id")
        return RevenueForm(data, initial=initial, events=mine, currency=deal.currency)

    def bind(self, action, subject):
        return self.form(subject, self.request.POST)

    def post(self, request, *args, verb: str = "", **kwargs):
        return self.check() if verb == "check" else super().post(request, *args, verb=verb, **kwargs)

    def check(self) -> HttpResponse:
        """The check page: what would be entered, and the lines that come of it."""
        deal = self.subject()
        form = self.form(deal, self.request.POST)
        if not form.is_valid():
            return self.page(deal, 422, {"check": form})
        try:
            lines = services.foretell(deal, form.particulars(), by=self.actor, at=self.at)
        except Refused as refusal:
            return self.refused(deal, "check", form, refusal)
        return self.show("earnings/revenue_check.html", {
            "heading": _("Check before it is entered"),
            "crumbs": [*crumbs(), Crumb(name_of(deal), where(deal))],
            "lead": f"{name_of(deal)} · {deal.reference}",
            "facts": _facts(form, deal),
            "lines": [_line(line) for line in lines],
            "hidden": [(name, self.request.POST.get(name, "")) for name in form.fields],
            "enter": reverse("admin:deal_revenue_verb", args=[deal.reference, "enter"]),
            "back": f"{where(deal)}?{urlencode([(name, self.request.POST.get(name, '')) for name in form.fields])}",
        })  # fmt: skip

    def page(self, deal: Opportunity, status: int = 200, bound=None) -> HttpResponse:
        rows = list(revenue(self.actor).filter(opportunity=deal).order_by("-occurred_on", "-id")[:SHOWN])
        form = next(iter((bound or {}).values()), None)
        return self.show("earnings/revenue_deal.html", {
            "heading": _("Revenue of %s") % name_of(deal),
            "crumbs": crumbs(),
            "lead": deal.reference,
            "status": stage(deal),
            "worth": worth(deal),
            "table": _table(rows, _("So far")) if rows else None,
            "form": form or self.form(deal),
            "check": reverse("admin:deal_revenue_verb", args=[deal.reference, "check"]),
        }, status)  # fmt: skip

    def after(self, deal: Opportunity) -> str:
        return where(deal)


def crumbs() -> list[Crumb]:
    return [Crumb(_("Revenue of deals"), reverse("admin:revenue"))]


def _facts(form: RevenueForm, deal: Opportunity) -> list[Fact]:
    told = form.particulars()
    known = (
        Fact(_("What happened"), dict(form.fields["kind"].choices)[told.kind]),  # type: ignore[attr-defined]
        Fact(_("Day"), told.occurred_on),
        Fact(_("Amount"), Money(told.amount, deal.currency)),
        Fact(_("Of"), form.fields["about"].label_from_instance(told.about) if told.about else None),  # type: ignore[attr-defined]
        Fact(_("Service from"), told.service_start),
        Fact(_("Service until"), told.service_end),
    )
    return [fact for fact in known if fact.value]


def _line(line: EarningLine) -> dict:
    return {"partner": line.partner.name, "kind": line.get_kind_display(), "status": shown.line_tag(line),
            "steps": arithmetic(line.arithmetic), "worth": shown.worth(line)}  # fmt: skip


revenue_patterns = [
    path("revenue/", RevenueList.as_view(), name="revenue"),
    path("revenue/<ref:reference>/", DealRevenue.as_view(), name="deal_revenue"),
    path("revenue/<ref:reference>/<slug:verb>/", DealRevenue.as_view(), name="deal_revenue_verb"),
]
