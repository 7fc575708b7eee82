"""The console's pages about a partner's life: its moves, its checklist, its leaving; and the terms for all."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, re_path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import files
from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.errors import Refused
from core.ids import parse_public_id
from core.parts import Action as Button
from core.parts import Crumb
from partners import queries_lifecycle as lifecycle
from partners import services, terms
from partners import shown_lifecycle as shown
from partners.console import REFERENCE, crumbs, one_partner
from partners.enums import PartnerStatus
from partners.forms import lifecycle as forms
from partners.models import OnboardingAction, Partner
from partners.workflow import ONBOARDING, PARTNER

_STEPS = {"resume_onboarding": "resume"}  # two steps of the table are one verb here
_NOTES = {
    "approve": gettext_lazy("We invite who applied. With the terms accepted, the onboarding begins."),
    "nurture": gettext_lazy("Not now; we stay in touch."),
    "decline": gettext_lazy("Nobody of it can sign in any more. They are told, with your reason."),
    "suspend": gettext_lazy("No new registrations, market funds and leads. What is protected stays so."),
    "resume": gettext_lazy("It works with us again, where it was."),
    "offboard": gettext_lazy("Nothing new from now on. On its last day it leaves, if no money is open."),
    "leave": gettext_lazy("Everybody of it is signed out for good, and its keys are dead."),
    "vet": gettext_lazy("It is what it says. Margins, leads and market funds are open to it."),
}
_DANGER = {"decline", "suspend", "offboard", "leave"}


class LifecyclePage(ConsoleActionPage):
    """One partner's life: where it stands, what can be done, what waits."""

    workflow = PARTNER
    actions = {
        "reach_out": Action(services.reach_out, None, gettext_lazy("Noted.")),
        "evaluate": Action(services.evaluate, None, gettext_lazy("It is being evaluated.")),
        "approve": Action(services.approve, None, gettext_lazy("Approved.")),
        "nurture": Action(services.nurture, forms.BecauseForm, gettext_lazy("Put off.")),
        "decline": Action(services.decline, forms.BecauseForm, gettext_lazy("Declined.")),
        "vet": Action(services.vet, None, gettext_lazy("Checked. Margins, leads and market funds are open to it.")),
        "suspend": Action(services.suspend, forms.BecauseForm, gettext_lazy("Suspended.")),
        "resume": Action(services.resume, None, gettext_lazy("The suspension has ended."), step=""),
        "offboard": Action(services.offboard, forms.LeavingForm, gettext_lazy("The offboarding has begun.")),
        "leave": Action(services.leave, None, gettext_lazy("The partnership has ended.")),
    }

    def subject(self) -> Partner:
        return one_partner(self.actor, self.kwargs["reference"])

    def page(self, partner: Partner, status: int = 200, bound=None) -> HttpResponse:
        bound = bound or {}
        actions = list(lifecycle.checklist(self.actor, partner))
        applications = list(lifecycle.applications(self.actor, partner)[:3])
        plan = getattr(partner, "offboarding", None)
        context = {
            "heading": _("%s: life as a partner") % partner,
            "crumbs": crumbs(partner),
            "status": shown.status_tag(partner),
            "partner": partner,
            "facts": shown.standing(partner, actions, terms.outstanding(partner, self.at), self.at),
            "moves": self._moves(partner, bound),
            "applications": [shown.application(one) for one in applications],
            "lines": self._lines(actions),
            "decides": self.actor.can("onboarding.decide"),
            "plan": shown.plan(plan) if plan else None,
            "open_money": self._open_money(partner),
            "form": next(iter(bound.values()), None),
            "words": forms.WordsForm(),
        }
        return self.show("partners/console_lifecycle.html", context, status)

    def _open_money(self, partner: Partner) -> list[str]:
        return services.blockers(partner, self.at) if partner.status == PartnerStatus.OFFBOARDING else []

    def _moves(self, partner: Partner, bound: dict) -> list[dict[str, Any]]:
        """What the reader may do now, each with its form and what bars it."""
        ready = services.prepared(partner, self.at) if partner.status == PartnerStatus.OFFBOARDING else partner
        menu = PARTNER.menu(ready, by=self.actor, at=self.at)
        moves = {_STEPS.get(c.step.name, c.step.name): (c.step.label, c.barred) for c in menu if not _hidden(c)}
        if partner.unvetted_since and self.actor.can("partner.approve"):
            moves = {"vet": (_("It is checked"), None), **moves}
        return [self._move(verb, label, barred, bound) for verb, (label, barred) in moves.items()]

    def _move(self, verb: str, label: Any, barred: str | None, bound: dict) -> dict[str, Any]:
        maker = self.actions[verb].form
        form = bound.get(verb) or (maker(auto_id=f"id_{verb}_%s") if maker else None)
        return {
            "verb": verb, "note": _NOTES.get(verb, ""), "open": verb in bound, "form": None if barred else form,
            "button": Button(label, barred=barred, tone="danger" if verb in _DANGER else "primary"),
        }  # fmt: skip

    def _lines(self, actions: list[OnboardingAction]) -> list[shown.Line]:
        kept: dict[Any, list] = {}
        for file in files.of(self.actor, actions):
            kept.setdefault(file.subject_id, []).append(file)
        return [shown.line(action, kept.get(action.pk, ())) for action in actions]

    def after(self, partner: Partner) -> str:
        return partner.get_lifecycle_url()


def _hidden(choice) -> bool:
    """Of the two ways back from a suspension only the one that is open is shown."""
    return bool(choice.barred) and choice.step.name in ("resume", "resume_onboarding", "decline")


class OnboardingPage(ConsoleActionPage):
    """The verbs about one line of a checklist; its page is the partner's."""

    permission = "onboarding.decide"
    workflow = ONBOARDING
    actions = {
        "approve": Action(services.approve_action, None, gettext_lazy("Approved.")),
        "send_back": Action(services.send_back, forms.WordsForm, gettext_lazy("Sent back.")),
        "skip": Action(services.skip_action, forms.WordsForm, gettext_lazy("Skipped.")),
    }

    def subject(self) -> OnboardingAction:
        self.partner = one_partner(self.actor, self.kwargs["reference"])
        rows = lifecycle.checklist(self.actor, self.partner)
        return one_or_404(rows, pk=parse_public_id(OnboardingAction.prefix, self.kwargs["action"]))

    def page(self, action: OnboardingAction, status: int = 200, bound=None) -> HttpResponse:
        for form in (bound or {}).values():
            for errors in form.errors.values():
                messages.error(self.request, errors[0])
        return redirect(self.partner.get_lifecycle_url())

    def after(self, action: OnboardingAction) -> str:
        return self.partner.get_lifecycle_url()


class Texts(ConsolePage):
    """All terms, and the form that publishes a new version."""

    permission = "program.edit"

    def get(self, request):
        return self.page(self.form())

    def form(self, *data) -> forms.TermsForm:
        return forms.TermsForm(*data, programs=lifecycle.open_programs(self.actor))

    def post(self, request):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            services.publish_text(form.particulars(), by=self.actor, at=self.at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self.page(form, 422)
        messages.success(request, _("Published. Everybody it concerns is asked to accept it."))
        return redirect("admin:agreement_texts")

    def page(self, form, status: int = 200) -> HttpResponse:
        rows = lifecycle.agreement_texts(self.actor)[:200]
        context = {
            "heading": _("Terms"), "crumbs": [Crumb(_("My queue"), reverse("admin:index"))], "form": form,
            "lead": _("A new version asks every partner's admin again."), "table": shown.texts(rows),
        }  # fmt: skip
        return self.show("partners/console_texts.html", context, status)


console_patterns = [
    path("agreement-texts/", Texts.as_view(), name="agreement_texts"),
    re_path(REFERENCE + "life/$", LifecyclePage.as_view(), name="partner_lifecycle"),
    re_path(REFERENCE + r"life/(?P<verb>\w+)/$", LifecyclePage.as_view(), name="partner_lifecycle_verb"),
    re_path(
        REFERENCE + r"onboarding/(?P<action>\w+)/(?P<verb>\w+)/$", OnboardingPage.as_view(), name="onboarding_verb"
    ),
]
