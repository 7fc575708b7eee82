"""The vendor's people register a deal for a partner, who confirms it."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core.console import ConsolePage
from core.doors import one_or_404
from core.errors import Forbidden, Refused
from core.ids import uuid7
from core.parts import Crumb
from deals import forms, queries, services
from deals.forms.registering import asked_by_program
from deals.models import Registration
from partners.models import Partner


class RegisterFor(ConsolePage):
    """The partner's form in the vendor's hands. The draft's id is in the form, so a second click finds the first."""

    permission = "deal.register"

    def get(self, request, reference: str):
        chosen = {name: request.GET[name] for name in ("motion", "membership") if request.GET.get(name)}
        partner = self._partner(reference)
        return self._page(partner, self._form(partner, initial={"draft": uuid7(), "country": partner.country} | chosen))

    def post(self, request, reference: str):
        partner = self._partner(reference)
        form = self._form(partner, request.POST)
        if not form.is_valid():
            return self._page(partner, form, 422)
        sent = queries.find_own(self.actor, form.cleaned_data["draft"])
        if sent:
            return redirect(sent.get_console_url())
        try:
            deal = self._send(form)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self._page(partner, form, 422)
        messages.success(request, _("Sent. The partner is asked to confirm it."))
        return redirect(deal.get_console_url())

    def _send(self, form: forms.Registration) -> Registration:
        with transaction.atomic():
            pk = form.cleaned_data["draft"]
            draft = services.register(form.particulars(), by=self.actor, at=self.at, pk=pk)
            return services.submit(draft, by=self.actor, at=self.at)

    def _partner(self, reference: str) -> Partner:
        return one_or_404(Partner.objects.visible_to(self.actor), reference=reference)

    def _form(self, partner: Partner, data=None, initial=None) -> forms.Registration:
        found = queries.memberships([partner.pk])
        if not found:
            raise Forbidden(_("This partner isn't in a program yet. Enrol it first."))
        return forms.Registration(data, initial=initial, memberships=found, today=self.at.date())

    def _page(self, partner: Partner, form: forms.Registration, status: int = 200) -> HttpResponse:
        context = {
            "heading": _("Register a deal for %s") % partner,
            "crumbs": [Crumb(str(partner), partner.get_console_url())],
            "partner": partner,
            "form": form,
            **asked_by_program(form),
        }
        return self.show("deals/register_for.html", context, status)
