"""The decision page of one registration."""

from collections.abc import Mapping
from typing import Any

from django import forms as django_forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import addresses  # noqa: F401 - registers the converter
from core.console import ConsoleActionPage
from core.doors import Action, one_or_404
from deals import cards, forms, queries, rules, services, shown
from deals.enums import Motion, Status
from deals.models import Registration
from deals.standing import with_standing
from deals.workflow import REGISTRATION

_ABOUT_THE_DEAL = (forms.Approve, forms.Ask, forms.AskOwner)  # their questions depend on it
_FORMS: Mapping[str, type[django_forms.Form]] = {
    "approve": forms.Approve,
    "ask": forms.Ask,
    "research": forms.TakeTime,
    "reject": forms.Decline,
    "grant_appeal": forms.GrantAppeal,
    "refuse_appeal": forms.RefuseAppeal,
}

_IDS = {  # several forms of one page ask for words
    forms.TakeTime: "id_time_%s",
    forms.GrantAppeal: "id_grant_%s",
    forms.RefuseAppeal: "id_refuse_%s",
    forms.AskOwner: "id_asked_%s",
}


class DealPage(ConsoleActionPage):
    """One registration with all the evidence: approve (A), ask (Q) or decline (D)."""

    workflow = REGISTRATION
    actions = {
        "approve": Action(services.approve, forms.Approve, _("Approved.")),
        "ask": Action(services.ask, forms.Ask, _("Question sent.")),
        "ask_owner": Action(services.ask_owner, forms.AskOwner, _("Asked. You get a mail with the answer.")),
        "research": Action(services.research, forms.TakeTime, _("More time taken. The partner was told.")),
        "reject": Action(services.reject, forms.Decline, _("Declined.")),
        "grant_appeal": Action(services.grant_appeal, forms.GrantAppeal, _("In review again.")),
        "refuse_appeal": Action(services.refuse_appeal, forms.RefuseAppeal, _("Declined for good.")),
    }
    stays = ("ask_owner", "research", "grant_appeal")  # after these the registration still waits here

    def subject(self) -> Registration:
        return one_or_404(queries.registrations(self.actor), reference=self.kwargs["reference"])

    def bind(self, action: Action, subject: Registration):
        return self._form(action.form, subject, self.request.POST) if action.form else None

    def _form(self, kind: Any, deal: Registration, data: Any = None) -> Any:
        about = {"deal": deal} if issubclass(kind, _ABOUT_THE_DEAL) else {}
        return kind(data, auto_id=_IDS.get(kind, "id_%s"), **about)

    def page(self, deal: Registration, status: int = 200, bound=None) -> HttpResponse:
        bound = bound or {}
        with_standing(deal, self.actor)
        words, tone = shown.check_words(deal)
        context = {
            "heading": str(deal),
            "lead": f"{deal.reference} · {deal.partner}",
            "status": shown.status_tag(deal, self.actor),
            "deal": deal,
            "clock": shown.clock(deal, self.at),
            "facts": [*shown.facts(deal), *shown.answers(deal)],
            "timeline": shown.timeline(deal, self.actor),
            "rivals": [shown.rival(case) for case in queries.conflicts(deal, self.actor)],
            "checks": {"words": words, "tone": tone},
            "standing": shown.standing(deal),
            "opened": next(iter(bound), ""),
            "form": next(iter(bound.values()), None),
            **self._decision(deal, bound),
            **self._owners(deal, bound),
        }
        return self.show("deals/decide.html", context, status)

    def _decision(self, deal: Registration, bound: Mapping[str, Any]) -> dict[str, Any]:
        """The steps, the buttons that are this reader's, and all that bars them."""
        menu = {c.step.name: c for c in REGISTRATION.menu(deal, by=self.actor, at=self.at)}
        in_review = deal.status == Status.IN_REVIEW
        return {
            "menu": menu,
            "forms": {n: bound.get(n) or self._form(f, deal) for n, f in _FORMS.items() if n in menu},
            "steps": shown.steps(deal, queries.approvals(deal)) if self._in_steps(deal) else [],
            "is_last_step": rules.is_last_step(deal),
            "is_referral": deal.motion == Motion.REFER,
            "unmet": rules.unmet(deal, self.at) if in_review else [],
            "appeal": queries.appeal_text(deal) if deal.appealed_at else "",
        }

    def _in_steps(self, deal: Registration) -> bool:
        return len(rules.steps_of(deal)) > 1 and deal.status != Status.APPEALED

    def _owners(self, deal: Registration, bound: Mapping[str, Any]) -> dict[str, Any]:
        may_ask = self.actor.can("deal.decide") and deal.status in (Status.IN_REVIEW, Status.APPEALED)
        asked = shown.asked_owners(queries.owner_questions(deal, self.actor), deal.partner.time_zone, self.at)
        form = bound.get("ask_owner") or self._form(forms.AskOwner, deal) if may_ask else None
        return {"owners": asked, "owner_form": form}

    def after(self, deal: Registration) -> str:
        """To the next registration that waits, else to the queue; here where this one still waits."""
        if self.kwargs.get("verb") in self.stays:
            return deal.get_console_url()
        waiting = cards.queue(self.actor, self.actor.id, self.at)
        return waiting.items[0].url if waiting and waiting.items else reverse("admin:index")
