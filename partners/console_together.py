"""The console's pages about integrations, mutual value, calls and plans of one partner."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import re_path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.errors import Refused, Stale
from core.ids import parse_public_id
from core.parts import Action as Button
from partners import queries, services, shown_together
from partners.console import REFERENCE, crumbs, one_partner
from partners.forms import together as forms
from partners.models import Call, Integration, MutualValue
from partners.shown_together import us
from partners.workflow import INTEGRATION


class PartnerForm(ConsolePage):
    """A page with one form about a partner: shows it, and hands what was sent to a service."""

    permission = "partner.edit"
    heading: Any = ""
    save: Any = ""
    said: Any = ""

    def blank(self):
        """The form as it is first shown."""
        raise NotImplementedError

    def filled(self, data):
        raise NotImplementedError

    def run(self, form) -> None:
        raise NotImplementedError

    def dispatch(self, request, *args, **kwargs):
        self.kwargs = kwargs
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, **_places):
        self.partner = one_partner(self.actor, self.kwargs["reference"])
        return self.page(self.blank())

    def post(self, request, **_places):
        self.partner = one_partner(self.actor, self.kwargs["reference"])
        form = self.filled(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            self.run(form)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self.page(form, 422)
        except Stale as stale:
            form.add_error(None, stale.reason)
            return self.page(form, 409)
        messages.success(request, self.said)
        return redirect(self.partner.get_console_url())

    def page(self, form, status: int = 200) -> HttpResponse:
        context = {
            "heading": self.heading, "crumbs": crumbs(self.partner), "partner": self.partner, "form": form,
            "save": self.save,
        }  # fmt: skip
        return self.show("partners/console_form.html", context, status)


class IntegrationNew(PartnerForm):
    heading = gettext_lazy("Add an integration")
    save = gettext_lazy("Add integration")
    said = gettext_lazy("Integration added.")

    def blank(self):
        return forms.IntegrationForm()

    def filled(self, data):
        return forms.IntegrationForm(data)

    def run(self, form):
        services.add_integration(self.partner, form.particulars(), by=self.actor, at=self.at)


class IntegrationPage(ConsoleActionPage):
    """One integration: what is known, and what becomes of it."""

    permission = "partner.edit"
    workflow = INTEGRATION
    actions = {
        "edit": Action(services.edit_integration, forms.IntegrationForm, gettext_lazy("Saved.")),
        "try_out": Action(services.try_out, None, gettext_lazy("It is in beta now.")),
        "go_live": Action(services.go_live, None, gettext_lazy("It is live now.")),
        "retire": Action(services.retire, None, gettext_lazy("Retired. It left the directory.")),
        "plan_again": Action(services.plan_again, None, gettext_lazy("It is planned again.")),
    }

    def subject(self) -> Integration:
        self.partner = one_partner(self.actor, self.kwargs["reference"])
        rows = queries.integrations(self.actor, self.partner)
        return one_or_404(rows, pk=parse_public_id(Integration.prefix, self.kwargs["integration"]))

    def page(self, row: Integration, status: int = 200, bound=None) -> HttpResponse:
        menu = INTEGRATION.menu(row, by=self.actor, at=self.at)
        context = {
            "heading": row.name,
            "status": shown_together.state(row),
            "crumbs": crumbs(self.partner),
            "here": self.after(row),
            "facts": shown_together.facts(row, self.partner, us()),
            "steps": [(c.step.name, Button(c.step.label, barred=c.barred)) for c in menu],
            "form": (bound or {}).get("edit") or forms.IntegrationForm.showing(row),
        }
        return self.show("partners/console_integration.html", context, status)

    def after(self, row: Integration) -> str:
        return reverse("admin:integration", args=[self.partner.reference, row.public_id])


class WorthNew(PartnerForm):
    heading = gettext_lazy("What each side gives")
    save = gettext_lazy("Keep it")
    said = gettext_lazy("Kept. The partner reads it in the portal.")

    def blank(self):
        return forms.WorthForm(actor=self.actor, partner=self.partner, initial={"agreed_on": self.at.date()})

    def filled(self, data):
        return forms.WorthForm(data, actor=self.actor, partner=self.partner)

    def run(self, form):
        services.agree_on_value(self.partner, form.particulars(), by=self.actor, at=self.at)


class WorthEdit(WorthNew):
    def row(self) -> MutualValue:
        rows = queries.mutual_values(self.actor, self.partner)
        return one_or_404(rows, pk=parse_public_id(MutualValue.prefix, self.kwargs["value"]))

    def blank(self):
        return forms.WorthForm(
            actor=self.actor, partner=self.partner, initial=forms.WorthForm.values_of(self.row())
        )  # fmt: skip

    def filled(self, data):
        self.row()
        return super().filled(data)

    def run(self, form):
        services.edit_value(self.row(), form.particulars(), by=self.actor, at=self.at)


class CallNew(PartnerForm):
    permission = "note.write"
    heading = gettext_lazy("Log a call")
    save = gettext_lazy("Keep it")
    said = gettext_lazy("Kept. Only your colleagues see it.")

    def blank(self):
        return forms.CallForm(initial={"at": self.at})

    def filled(self, data):
        return forms.CallForm(data)

    def run(self, form):
        services.log_call(self.partner, form.particulars(), by=self.actor, at=self.at)


class CallDone(ConsoleActionPage):
    """The next step of a call is done."""

    permission = "note.write"
    actions = {"done": Action(services.do_next_step, None, gettext_lazy("Done."))}

    def subject(self) -> Call:
        self.partner = one_partner(self.actor, self.kwargs["reference"])
        return one_or_404(
            queries.calls(self.actor, self.partner), pk=parse_public_id(Call.prefix, self.kwargs["call"])
        )  # fmt: skip

    def page(self, row: Call, status: int = 200, bound=None) -> HttpResponse:
        return redirect(self.after(row))

    def after(self, row: Call) -> str:
        return self.partner.get_console_url()


class PlanEdit(PartnerForm):
    """The plan of a year; the partner reads the same page in the portal."""

    save = gettext_lazy("Save the plan")
    said = gettext_lazy("Plan saved. The partner reads it in the portal.")

    @property
    def year(self) -> int:
        return int(self.kwargs["year"])

    @property
    def heading(self):
        return _("Plan for %d") % self.year

    def terms(self) -> dict:
        return {"year": self.year, "currency": self.partner.default_currency}

    def blank(self):
        row = queries.plan_of(self.actor, self.partner, self.year)
        version = {"version": row.version} if row else {}
        return forms.PlanForm(initial=forms.PlanForm.values_of(row) | version, **self.terms())

    def filled(self, data):
        return forms.PlanForm(data, **self.terms())

    def run(self, form):
        services.plan_year(self.partner, form.particulars(), by=self.actor, at=self.at)


console_patterns = [
    re_path(REFERENCE + r"integrations/new/$", IntegrationNew.as_view(), name="integration_new"),
    re_path(REFERENCE + r"integrations/(?P<integration>\w+)/$", IntegrationPage.as_view(), name="integration"),
    re_path(
        REFERENCE + r"integrations/(?P<integration>\w+)/(?P<verb>\w+)/$", IntegrationPage.as_view(),
        name="integration_verb",
    ),
    re_path(REFERENCE + r"value/new/$", WorthNew.as_view(), name="value_new"),
    re_path(REFERENCE + r"value/(?P<value>\w+)/$", WorthEdit.as_view(), name="value"),
    re_path(REFERENCE + r"calls/new/$", CallNew.as_view(), name="call_new"),
    re_path(REFERENCE + r"calls/(?P<call>\w+)/(?P<verb>\w+)/$", CallDone.as_view(), name="call_verb"),
    re_path(REFERENCE + r"plan/(?P<year>20\d\d)/$", PlanEdit.as_view(), name="plan"),
]  # fmt: skip
