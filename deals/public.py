"""The page behind the link by which the owner of an opportunity says whether a deal is theirs."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from core import links
from core.actor import Actor
from core.clock import now
from core.errors import Refused, Stale
from core.scope import elevated
from deals import forms, queries, rules, services, shown
from deals.models import OwnerQuestion

_LINK_LIVES = timedelta(days=60)  # the question's own end is sooner


class OwnersAnswer(View):
    """GET shows what is asked; POST answers, once. A mail scanner that follows the link changes nothing."""

    def dispatch(self, request, token: str):
        self.at, found = now(), links.read("owner", token, _LINK_LIVES)
        with elevated():  # whoever holds the link may read what it asks, and no more
            question = queries.owner_question(found[0]) if found else None
            if question is None:
                return self.gone(_("This link doesn't work. Ask the channel manager for a new one."), 404)
            self.question: OwnerQuestion = question
            return super().dispatch(request)

    def get(self, request):
        if self.question.answer:
            return self.gone(_("This question was answered already. Thank you."), 410)
        if self.at >= self._until(self.question):
            return self.gone(_("The time for this answer has ended. Write to the channel manager instead."), 410)
        return self.page(forms.OwnersAnswer())

    def post(self, request):
        form = forms.OwnersAnswer(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        owner = Actor(label=self.question.email, kind="link")
        try:
            services.answer_owner(self.question, form.particulars(), by=owner, at=self.at)
        except Stale as late:
            return self.gone(late.reason, 409)
        except Refused as refusal:
            return self.gone(refusal.reason, 410)
        return self.gone(_("Your answer has reached the channel manager. Thank you."), 200)

    def _until(self, question: OwnerQuestion):
        return rules.owner_answer_ends(question.asked_at, question.registration.partner.time_zone)

    def page(self, form: forms.OwnersAnswer, status: int = 200) -> HttpResponse:
        deal = self.question.registration
        context = {
            "heading": _("Is %s yours?") % deal,
            "facts": shown.owner_facts(self.question),
            "asker": self.question.asked_by,
            "until": self._until(self.question),
            "form": form,
        }
        return render(self.request, "deals/owner.html", context, status=status)

    def gone(self, reason: str, status: int) -> HttpResponse:
        return render(self.request, "deals/owner_gone.html", {"heading": _("Answer"), "reason": reason}, status=status)
