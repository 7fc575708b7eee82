"""The vendor's people write a request for a partner, who confirms it."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core.actor import Actor
from core.console import ConsolePage
from core.doors import one_or_404
from core.errors import Refused
from core.ids import uuid7
from core.parts import Crumb
from mdf.forms import requesting as forms
from mdf.forms.typed import Typed, changed, read
from mdf.models import Request
from mdf.queries import own
from mdf.services import holding, requests
from partners.models import Partner


class RequestFor(ConsolePage):
    """The partner's form in the vendor's hands. The request's id is in the form, so a second click finds the first."""

    permission = "mdf.request"

    def get(self, request, reference: str):
        partner = self._partner(reference)
        sources = self._sources(partner)
        return self._page(partner, self._form(partner, forms.fresh(uuid7())) if sources else None)

    def post(self, request, reference: str):
        partner, typed, do = self._partner(reference), read(request.POST, forms.REQUEST), request.POST.get("do", "")
        if do.startswith(("add:", "drop:")):
            return self._page(partner, self._form(partner, changed(typed, do, forms.REQUEST)), focus=do)
        form = self._form(partner, typed, bound=True)
        if not form.is_valid():
            return self._page(partner, form, 422)
        try:
            sent = self._send(form)
        except Refused as refusal:
            form.said.append(refusal.reason)
            return self._page(partner, form, 422)
        messages.success(request, _("Sent. The partner is asked to confirm it."))
        return redirect(sent.get_console_url())

    def _send(self, form: forms.RequestForm) -> Request:
        with transaction.atomic():
            if form.draft is None:
                raise Refused(_("Load the page again, then send."))
            holding.form(form.draft)
            if known := own.find_own(self.actor, form.draft):
                return known
            draft = requests.draft(form.plan(), by=self.actor, at=self.at, pk=form.draft)
            return requests.submit(draft, by=self.actor, at=self.at)

    def _partner(self, reference: str) -> Partner:
        return one_or_404(Partner.objects.visible_to(self.actor), reference=reference)

    def _form(self, partner: Partner, typed: Typed, *, bound: bool = False) -> forms.RequestForm:
        sources = self._sources(partner)
        if not sources:
            raise Refused(_("This partner has no market funds now. Give it a part of a budget first."), code="no_funds")
        return forms.RequestForm(typed, sources=sources, today=self.at.date(), bound=bound)

    def _sources(self, partner: Partner) -> list[own.Source]:
        return own.sources(Actor(kind="partner", partner_ids=frozenset({partner.pk})), self.at.date())

    def _page(
        self, partner: Partner, form: forms.RequestForm | None, status: int = 200, focus: str = ""
    ) -> HttpResponse:
        context = {
            "heading": _("Ask for market funds for %s") % partner,
            "crumbs": [Crumb(str(partner), partner.get_console_url())],
            "lead": _("The partner confirms it; somebody else decides it."),
            "form": form,
            "segments": form.source.terms.segments if form else (),
            "late": form is not None and form.is_bound and form.is_late,
            "focus": focus.removeprefix("add:") if focus.startswith("add:") else "",
        }
        return self.show("mdf/console/request_for.html", context, status)
