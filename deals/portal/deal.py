"""One deal, for its partner."""

from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from core.doors import Action, ActionPage, one_or_404
from deals import forms, queries, services, shown
from deals.enums import Status
from deals.models import Registration
from deals.workflow import REGISTRATION


class DealPage(ActionPage):
    """One deal: where it stands, what happened, what one can do."""

    actions = {
        "answer": Action(services.answer, None, gettext_lazy("Answer sent.")),
        "withdraw": Action(services.withdraw, None, gettext_lazy("Registration withdrawn.")),
        "release": Action(services.release, forms.Release, gettext_lazy("Deal released.")),
        "progress": Action(services.report_progress, forms.ReportProgress, gettext_lazy("Deal updated.")),
    }

    def subject(self) -> Registration:
        return one_or_404(queries.registrations(self.actor), reference=self.kwargs["reference"])

    def action(self, verb: str) -> Action | None:
        found = super().action(verb)
        return replace(found, form=forms.answer_form(self.subject())) if found and verb == "answer" else found

    def page(self, deal: Registration, status: int = 200, bound=None) -> HttpResponse:
        if deal.status == Status.DRAFT and self.actor.can("deal.register"):
            return redirect("portal:deal_edit", deal.reference)
        bound = bound or {}
        open_steps = {c.step.name: c for c in REGISTRATION.menu(deal, by=self.actor, at=self.at)}
        may_update = self.actor.can("deal.update") and deal.status in (Status.APPROVED, Status.EXPIRING)
        context = {
            "heading": str(deal),
            "lead": deal.reference,
            "status": shown.status_tag(deal, self.actor),
            "deal": deal,
            "clock": shown.clock(deal, self.at),
            "facts": shown.facts(deal),
            "timeline": shown.timeline(deal, self.actor),
            "answer_form": (bound.get("answer") or self._reply(deal)) if "answer" in open_steps else None,
            "withdraw": "withdraw" in open_steps,
            "release_form": (bound.get("release") or forms.Release()) if "release" in open_steps else None,
            "progress_form": (bound.get("progress") or self._progress(deal)) if may_update else None,
            "form": next(iter(bound.values()), None),
        }
        return self.show("deals/deal.html", context, status)

    def _reply(self, deal):
        return forms.answer_form(deal)(initial={name: getattr(deal, name) for name in deal.opened_fields})

    def _progress(self, deal):
        names = ("next_step", "expected_close_on", "amount")
        return forms.ReportProgress(initial={name: getattr(deal, name) for name in names})
