"""One deal, for its partner."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from core.doors import Action, ActionPage, one_or_404
from deals import forms, protected, queries, services, shown
from deals.enums import PROTECTED, Status
from deals.models import Registration
from deals.portal import reviewing
from deals.workflow import REGISTRATION


class DealPage(ActionPage):
    """One deal: where it stands, what happened, what one can do."""

    workflow = REGISTRATION
    actions = {
        "answer": Action(services.answer, None, gettext_lazy("Answer sent.")),
        "confirm": Action(services.confirm, None, gettext_lazy("Confirmed. We decide now.")),
        "appeal": Action(services.appeal, forms.Appeal, gettext_lazy("Appeal sent. Another person decides.")),
        "withdraw": Action(services.withdraw, None, gettext_lazy("Registration withdrawn.")),
        "release": Action(services.release, forms.Release, gettext_lazy("Deal released.")),
        "progress": Action(services.report_progress, forms.ReportProgress, gettext_lazy("Deal updated.")),
        "extend": Action(
            services.request_extension, forms.AskExtension, gettext_lazy("Asked. We answer soon."), step=""
        ),
        "transfer": Action(services.offer_transfer, forms.OfferTransfer, gettext_lazy("Offered."), step=""),
        "order": Action(services.propose_win, forms.ProposeWin, gettext_lazy("Order sent. We check it and close.")),
    }

    def subject(self) -> Registration:
        return one_or_404(queries.registrations(self.actor), reference=self.kwargs["reference"])

    def action(self, verb: str) -> Action | None:
        found = super().action(verb)
        return replace(found, form=forms.answer_form(self.subject())) if found and verb == "answer" else found

    def page(self, deal: Registration, status: int = 200, bound=None) -> HttpResponse:
        if status == 200 and deal.status == Status.DRAFT and self.actor.can("deal.register"):
            return redirect("portal:deal_edit", deal.reference)
        bound = bound or {}
        steps = {choice.step.name for choice in REGISTRATION.menu(deal, by=self.actor, at=self.at)}
        offered = {verb: make for verb, make in _FORMS.items() if verb in self._open(deal, steps)}
        context = {
            "heading": str(deal),
            "lead": deal.reference,
            "status": shown.status_tag(deal, self.actor),
            "deal": deal,
            "clock": shown.clock(deal, self.at),
            "facts": [*shown.facts(deal), *shown.answers(deal)],
            "timeline": shown.timeline(deal, self.actor),
            "withdraw": "withdraw" in steps,
            "form": next(iter(bound.values()), None),
            "opened": next(iter(bound), ""),
            **{f"{verb}_form": bound.get(verb) or make(deal) for verb, make in offered.items()},
            **reviewing.of(deal, self.actor, bound, self.at),
            **self._since_approval(deal),
        }
        return self.show("deals/deal.html", context, status)

    def _open(self, deal: Registration, steps: set[str]) -> set[str]:
        """The verbs with a form that this reader may use now."""
        found = steps & {"answer", "release"}
        if "release" in steps:
            found.add("transfer")
        if not self.actor.can("deal.update"):
            return found
        if deal.status in PROTECTED:
            found.add("progress")
        if deal.status in (*PROTECTED, Status.EXPIRED):
            found |= {"order"} if deal.opportunity_id else set()
            found |= {"extend"} if services.no_extension(deal, self.at) is None else set()
        return found

    def _since_approval(self, deal: Registration) -> dict[str, Any]:
        """What was asked, offered and found since the deal is protected; nothing before."""
        if deal.decided_at is None:
            return {}
        return {
            "order": protected.proposed_win(deal) if deal.status in (*PROTECTED, Status.EXPIRED) else None,
            "extensions": shown.extensions(protected.extensions(self.actor).filter(registration=deal, automatic=False)),
            "transfers": shown.transfers(protected.transfers(self.actor).filter(registration=deal)),
            "breaches": shown.breaches(protected.breaches(self.actor).filter(registration=deal)),
        }


def _reply(deal: Registration) -> Form:
    return forms.answer_form(deal)(initial=forms.answer_initial(deal))


def _filled(verb: str, form: type[Form], *names: str) -> Callable[[Registration], Form]:
    return lambda deal: forms.again(form, {name: getattr(deal, name) for name in names}, verb)


_FORMS: dict[str, Callable[[Registration], Form]] = {
    "answer": _reply,
    "release": _filled("release", forms.Release),
    "progress": _filled("progress", forms.ReportProgress, "next_step", "expected_close_on", "amount"),
    "extend": _filled("extend", forms.AskExtension),
    "transfer": _filled("transfer", forms.OfferTransfer),
    "order": _filled("order", forms.ProposeWin, "amount"),
}
