"""The partner's page about what both sides do together."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import slots
from core.doors import Action, ActionPage, Page, one_or_404
from core.errors import Refused
from core.ids import parse_public_id
from core.parts import Action as Button
from core.parts import Crumb
from partners import queries, services, shown_together
from partners.forms import together as forms
from partners.models import Integration
from partners.portal import own_company
from partners.shown_together import us


class Together(Page):
    """Integrations, what each side gives, and the plan of the year."""

    def get(self, request):
        partner = own_company(self.actor)
        year = self.year(partner)
        row = queries.plan_of(self.actor, partner, year)
        reached = dict(slots.ask("plan_reached", self.actor, (partner, year), at=self.at)) if row else {}
        edits = self.actor.can("profile.edit")
        add = Button(_("Add an integration"), href=reverse("portal:integration_new"), icon="plus")
        context = {
            "heading": _("Together with %s") % us(),
            "lead": _("What our products do together, what each of us gives, and what we want this year."),
            "primary": add if edits else None,
            "plan": shown_together.plan(row, reached) if row else None,
            "us": us(),
            "partner": partner,
            "year": year,
            "years": [y for y in queries.years(self.actor, partner) if y != year],
            "table": shown_together.integrations(queries.integrations(self.actor, partner), self.link),
            "exchanges": shown_together.exchanges(queries.mutual_values(self.actor, partner)),
        }
        return self.show("partners/together.html", context)

    def year(self, partner) -> int:
        """The year asked for, else this one."""
        asked = self.request.GET.get("year", "")
        return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 else self.at.year

    def link(self, row: Integration) -> str:
        return reverse("portal:integration", args=[row.public_id])


class IntegrationNew(Page):
    """A partner's admin tells of an integration; the vendor says when it is live."""

    permission = "profile.edit"

    def get(self, request):
        return self.page(forms.IntegrationForm())

    def post(self, request):
        form = forms.IntegrationForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            services.add_integration(own_company(self.actor), form.particulars(), by=self.actor, at=self.at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self.page(form, 422)
        messages.success(request, _("Integration added. Your channel manager marks it as live."))
        return redirect("portal:together")

    def page(self, form, status: int = 200) -> HttpResponse:
        context = {"heading": _("Add an integration"), "crumbs": _crumbs(), "form": form}
        return self.show("partners/integration_form.html", context, status)


class IntegrationPage(ActionPage):
    """One integration, and the form that changes what is known of it."""

    actions = {"edit": Action(services.edit_integration, forms.IntegrationForm, gettext_lazy("Saved."))}

    def subject(self) -> Integration:
        rows = queries.integrations(self.actor, own_company(self.actor))
        return one_or_404(rows, pk=parse_public_id(Integration.prefix, self.kwargs["integration"]))

    def page(self, row: Integration, status: int = 200, bound=None) -> HttpResponse:
        edits = self.actor.can("profile.edit")
        context = {
            "heading": row.name,
            "status": shown_together.state(row),
            "crumbs": _crumbs(),
            "here": self.after(row),
            "facts": shown_together.facts(row, own_company(self.actor), us()),
            "form": (bound or {}).get("edit") or (forms.IntegrationForm.showing(row) if edits else None),
        }
        return self.show("partners/integration.html", context, status)

    def after(self, row: Integration) -> str:
        return reverse("portal:integration", args=[row.public_id])


def _crumbs() -> list[Crumb]:
    return [Crumb(_("Together with %s") % us(), reverse("portal:together"))]


portal_patterns = [
    path("together/", Together.as_view(), name="together"),
    path("together/integrations/new/", IntegrationNew.as_view(), name="integration_new"),
    path("together/integrations/<str:integration>/", IntegrationPage.as_view(), name="integration"),
    path("together/integrations/<str:integration>/<slug:verb>/", IntegrationPage.as_view(), name="integration_verb"),
]
