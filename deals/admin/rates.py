"""The console's page of exchange rates: what stands, and a file that brings more."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.console import ConsoleActionPage
from core.doors import Action
from core.paging import keyset
from core.parts import Column, Pager, Row, Table
from deals import services
from deals.forms.rates import RatesForm
from deals.models import ExchangeRate


class Rates(ConsoleActionPage):
    """Dated rates. One holds from its day on until the next of its currency."""

    permission = "rate.edit"
    actions = {"load": Action(services.load_rates, RatesForm, step="")}

    def subject(self) -> None:
        return None

    def run(self, action, subject, form):
        rates, source = form.particulars()
        count = services.load_rates(rates, source, by=self.actor, at=self.at)
        words = ngettext("%d rate is in force from its day on.", "%d rates are in force from their days on.", count)
        messages.success(self.request, words % count)

    def page(self, subject, status: int = 200, bound=None) -> HttpResponse:
        rows = ExchangeRate.objects.visible_to(self.actor)
        page = keyset(rows, self.request.GET, order=("-day", "currency", "id"), size=50)
        columns = (Column(_("Currency")), Column(_("From"), "when"), Column(_("Rate"), "num"), Column(_("Source")))
        table = Table(_("Rates"), columns, [
            Row((one.currency, one.day, f"{one.rate.normalize():f}", one.source)) for one in page.rows
        ])  # fmt: skip
        return self.show("deals/rates.html", {
            "heading": _("Exchange rates"),
            "lead": _("A rate holds from its day on, until the next one. What was reckoned keeps its rate."),
            "table": table if page.rows else None,
            "pager": Pager(len(page.rows), newer=page.newer, older=page.older),
            "form": (bound or {}).get("load") or RatesForm(),
        }, status)  # fmt: skip

    def after(self, subject) -> str:
        return reverse("admin:rates")
