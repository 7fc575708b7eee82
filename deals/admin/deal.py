"""The decision page of one registration."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from core import addresses  # noqa: F401 - registers the converter
from core.console import ConsoleActionPage
from core.doors import Action, one_or_404
from deals import cards, forms, queries, services, shown
from deals.models import Registration
from deals.standing import with_standing
from deals.workflow import REGISTRATION

_FORMS = {"approve": forms.Approve, "ask": forms.Ask, "reject": forms.Decline}


class DealPage(ConsoleActionPage):
    """One registration with all the evidence: approve (A), ask (Q) or decline (D)."""

    actions = {
        "approve": Action(services.approve, forms.Approve, gettext_lazy("Approved.")),
        "ask": Action(services.ask, forms.Ask, gettext_lazy("Question sent.")),
        "reject": Action(services.reject, forms.Decline, gettext_lazy("Declined.")),
    }

    def subject(self) -> Registration:
        return one_or_404(queries.registrations(self.actor), reference=self.kwargs["reference"])

    def page(self, deal: Registration, status: int = 200, bound=None) -> HttpResponse:
        bound = bound or {}
        menu = {c.step.name: c for c in REGISTRATION.menu(with_standing(deal, self.actor), by=self.actor, at=self.at)}
        words, tone = shown.check_words(deal)
        context = {
            "heading": str(deal),
            "lead": f"{deal.reference} · {deal.partner}",
            "status": shown.status_tag(deal, self.actor),
            "deal": deal,
            "clock": shown.clock(deal, self.at),
            "facts": shown.facts(deal),
            "timeline": shown.timeline(deal, self.actor),
            "rivals": [shown.rival(case) for case in queries.conflicts(deal, self.actor)],
            "checks": {"words": words, "tone": tone},
            "standing": shown.standing(deal),
            "menu": menu,
            "forms": {name: bound.get(name) or form() for name, form in _FORMS.items() if name in menu},
            "opened": next(iter(bound), ""),
            "form": next(iter(bound.values()), None),
            "resolve_form": forms.Resolve() if self.actor.can("deal.decide") else None,
        }
        return self.show("deals/decide.html", context, status)

    def after(self, deal: Registration) -> str:
        """To the next registration that waits, else to the queue."""
        waiting = cards.queue(self.actor, self.actor.id, self.at)
        return waiting.items[0].url if waiting and waiting.items else reverse("admin:index")
