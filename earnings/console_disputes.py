"""The console's pages about disputed lines."""

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.ids import parse_public_id
from core.paging import keyset
from core.parts import Column, Crumb, Pager, Row, Table, Tag
from earnings import forms, queries, services, shown
from earnings.enums import DisputeStatus
from earnings.models import Dispute
from earnings.words import arithmetic
from earnings.workflow import DISPUTE

_TONES: dict[str, str] = {DisputeStatus.OPEN: "warn", DisputeStatus.UPHELD: "good"}


class Disputes(ConsolePage):
    """Every disputed line, open ones first."""

    permission = "earnings.read"

    def get(self, request):
        page = keyset(queries.disputes(self.actor), request.GET, order=("-asked_at", "-id"), size=50)
        columns = (Column(_("Partner")), Column(_("Line")), Column(_("Status"), "tag"), Column(_("Asked"), "when"),
                   Column(_("Answer due"), "when"), Column(_("Amount"), "num"))  # fmt: skip
        rows = [
            Row((one.partner.name, one.line.reference, _tag(one), one.asked_at, one.due_at, shown.worth(one.line)),
                reverse("admin:dispute", args=[one.public_id]))
            for one in page.rows
        ]  # fmt: skip
        return self.show("earnings/disputes.html", {
            "heading": _("Disputes"),
            "table": Table(_("Disputes"), columns, rows) if rows else None,
            "pager": Pager(len(page.rows), newer=page.newer, older=page.older),
        })  # fmt: skip


def _tag(one: Dispute) -> Tag:
    return Tag(one.get_status_display(), _TONES.get(one.status, ""))


class DisputePage(ConsoleActionPage):
    """One dispute beside the line it is about."""

    permission = "earnings.read"
    workflow = DISPUTE
    actions = {
        "uphold": Action(services.uphold, forms.UpholdForm, gettext_lazy("Answered. The line is put right.")),
        "refuse": Action(services.refuse_dispute, forms.VerdictForm, gettext_lazy("Answered. The line stands.")),
    }

    def subject(self) -> Dispute:
        rows = queries.disputes(self.actor)
        return one_or_404(rows, pk=parse_public_id(Dispute.prefix, self.kwargs["dispute"]))

    def page(self, one: Dispute, status: int = 200, bound=None) -> HttpResponse:
        bound = bound or {}
        menu = {c.step.name for c in DISPUTE.menu(one, by=self.actor, at=self.at)}
        context = {
            "heading": _("%(partner)s disputes %(line)s") % {"partner": one.partner, "line": one.line},
            "crumbs": [Crumb(_("Disputes"), reverse("admin:disputes"))],
            "dispute": one,
            "status": _tag(one),
            "worth": shown.worth(one.line),
            "facts": shown.line_facts(one.line),
            "steps": arithmetic(one.line.arithmetic),
            "forms": {n: bound.get(n) or self.actions[n].form() for n in self.actions if n in menu},  # type: ignore[misc]
            "opened": next(iter(bound), ""),
            "form": next(iter(bound.values()), None),
        }
        return self.show("earnings/dispute.html", context, status)

    def after(self, one: Dispute) -> str:
        return reverse("admin:dispute", args=[one.public_id])


dispute_patterns = [
    path("earnings/disputes/", Disputes.as_view(), name="disputes"),
    path("earnings/disputes/<str:dispute>/", DisputePage.as_view(), name="dispute"),
    path("earnings/disputes/<str:dispute>/<slug:verb>/", DisputePage.as_view(), name="dispute_verb"),
]
