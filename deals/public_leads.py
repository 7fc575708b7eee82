"""The page behind the link of an offer's mail: a partner's person accepts or declines without signing in."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from core.clock import now
from core.doors import one_or_404
from core.errors import Forbidden, Refused, Stale
from core.scope import scope
from deals import lead_links
from deals import lead_queries as queries
from deals.forms import leads as forms
from deals.services import offers
from deals.shown import leads as shown


class OfferAnswer(View):
    """GET shows what may be known; POST answers as the person the mail went to, if that person still may.

    A mail scanner that follows the link changes nothing.
    """

    def dispatch(self, request, token: str):
        self.at, found = now(), lead_links.read(token)
        if found is None:
            return self.gone(_("This link doesn't work. Sign in to see your leads."), 404)
        self.actor, pk = found
        with scope(self.actor):  # the rows of this person's company, as if signed in
            offer = queries.offers(self.actor).filter(pk=pk).first()
            if offer is None or not self.actor.can("lead.answer"):
                return self.gone(_("This link doesn't work any more. Ask a colleague in sales."), 404)
            self.offer = offer
            return super().dispatch(request)

    def get(self, request):
        if self.offer.status != "offered" or self.at >= self.offer.due_at:
            return self.gone(shown.outcome(self.offer), 410)
        return self.page(forms.Decline())

    def post(self, request):
        declines = request.POST.get("answer") == "decline"
        form = forms.Decline(request.POST) if declines else None
        if form is not None and not form.is_valid():
            return self.page(form, 422)
        try:
            self._answer(form)
        except (Stale, Refused):
            return self.gone(self._what_happened(), 409)
        except Forbidden as refusal:
            return self.gone(refusal.reason, 403)
        return self.done(accepted=not declines)

    def _answer(self, form: forms.Decline | None) -> None:
        if form is None:
            offers.accept(self.offer, by=self.actor, at=self.at)
        else:
            offers.decline(self.offer, form.particulars(), by=self.actor, at=self.at)

    def _what_happened(self) -> str:
        return shown.outcome(one_or_404(queries.offers(self.actor), pk=self.offer.pk))

    def done(self, *, accepted: bool) -> HttpResponse:
        lead = queries.lead_behind(self.actor, self.offer) if accepted else None
        context = {
            "heading": _("Lead accepted") if accepted else _("Lead declined"),
            "lead_url": lead.get_absolute_url() if lead else "",
            "due": lead.due_at if lead else None,
        }
        return self.draw("deals/leads/answered.html", context)

    def page(self, form: forms.Decline, status: int = 200) -> HttpResponse:
        context = {
            "heading": shown.offer_title(self.offer),
            "clock": shown.offer_clock(self.offer, self.at),
            "facts": shown.teaser(self.offer),
            "partner": self.offer.partner,
            "who": self.actor.label,
            "form": form,
        }
        return self.draw("deals/leads/answer.html", context, status)

    def gone(self, reason: str, status: int) -> HttpResponse:
        return self.draw("deals/leads/gone.html", {"heading": _("Lead"), "reason": reason}, status)

    def draw(self, template: str, context: dict, status: int = 200) -> HttpResponse:
        response = render(self.request, template, context, status=status)
        response.headers["Cache-Control"] = "no-store"
        return response
