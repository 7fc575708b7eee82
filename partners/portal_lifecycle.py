"""Partners' pages about their own life with the vendor: terms, checklist, people who ask to join."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import files
from core.doors import Action, ActionPage, Page, one_or_404
from core.files import pdf
from core.ids import parse_public_id
from core.parts import Crumb
from partners import queries, services, terms
from partners import queries_lifecycle as lifecycle
from partners import shown_lifecycle as shown
from partners.enums import DoneBy
from partners.forms import lifecycle as forms
from partners.models import Agreement, AgreementText, Application, OnboardingAction
from partners.particulars import Click
from partners.portal import own_company
from partners.workflow import APPLICATION, ONBOARDING


class Agreements(Page):
    """What is to be accepted, and what was."""

    def get(self, request):
        partner = own_company(self.actor)
        owed = terms.outstanding(partner, self.at)
        context = {
            "heading": _("Agreements"),
            "lead": _("The terms between your company and us."),
            "owed": [(text, reverse("portal:agreement_text", args=[text.public_id])) for text in owed],
            "may_sign": self.actor.can("agreement.sign"),
            "table": shown.signed(queries.agreements(self.actor, partner)),
        }
        return self.show("partners/agreements.html", context)


class TextPage(ActionPage):
    """One text in force, to read and accept."""

    actions = {"accept": Action(services.sign, forms.AcceptForm, gettext_lazy("Accepted. You can load it as a PDF."))}

    def subject(self) -> AgreementText:
        texts = AgreementText.objects.visible_to(self.actor).filter(deleted_at=None)
        text = one_or_404(texts, pk=parse_public_id(AgreementText.prefix, self.kwargs["text"]))
        self.partner = own_company(self.actor)
        if text not in terms.in_force(self.partner, self.at):
            raise Http404
        return text

    def run(self, action: Action, subject: AgreementText, form: Any) -> Any:
        click = Click(subject, get_adapter().get_client_ip(self.request))
        return services.sign(self.partner, click, by=self.actor, at=self.at)

    def page(self, text: AgreementText, status: int = 200, bound=None) -> HttpResponse:
        owed = text in terms.outstanding(self.partner, self.at)
        may = owed and self.actor.can("agreement.sign")
        context = {
            "heading": text.title,
            "lead": _("Version %s") % text.text_version,
            "crumbs": [Crumb(_("Agreements"), self.after(text))],
            "paragraphs": text.paragraphs,
            "here": reverse("portal:agreement_text", args=[text.public_id]),
            "owed": owed,
            "form": ((bound or {}).get("accept") or forms.AcceptForm()) if may else None,
        }
        return self.show("partners/agreement_text.html", context, status)

    def after(self, text: AgreementText) -> str:
        return reverse("portal:agreements")


class AgreementPaper(Page):
    """An accepted text as PDF: the words, who accepted them, when and from where."""

    def get(self, request, agreement: str) -> HttpResponse:
        rows = Agreement.objects.visible_to(self.actor).filter(deleted_at=None).select_related("text", "partner")
        row = one_or_404(rows, pk=parse_public_id(Agreement.prefix, agreement))
        html = render_to_string("partners/agreement_paper.html", shown.paper(row, row.partner.time_zone))
        name = {"Content-Disposition": f'attachment; filename="agreement-{row.public_id}.pdf"'}
        return HttpResponse(pdf.render(html), "application/pdf", headers=name)


class Checklist(Page):
    """What a new partner does."""

    def get(self, request):
        partner = own_company(self.actor)
        actions = list(lifecycle.checklist(self.actor, partner))
        lines = [shown.line(action) for action in actions]
        done = sum(not line.open for line in lines)
        context = {
            "heading": _("Your first steps"),
            "lead": _("%(done)d of %(all)d done. Most partners finish in 20 minutes.")
            % {"done": done, "all": len(lines)},
            "lines": lines,
            "done": done,
        }
        return self.show("partners/checklist.html", context)


class ActionPageOfList(ActionPage):
    """One line of the checklist: what is asked, and what was sent."""

    workflow = ONBOARDING
    actions = {
        "hand_in": Action(
            services.hand_in, forms.HandInForm, gettext_lazy("Sent. We look at it within 2 working days.")
        )
    }

    def subject(self) -> OnboardingAction:
        rows = OnboardingAction.objects.visible_to(self.actor).select_related("partner")
        return one_or_404(rows, pk=parse_public_id(OnboardingAction.prefix, self.kwargs["action"]))

    def bind(self, action: Action, subject: OnboardingAction):
        return forms.HandInForm.of(subject, self.request.POST, self.request.FILES)

    def page(self, action: OnboardingAction, status: int = 200, bound=None) -> HttpResponse:
        by_hand = action.done_by in (DoneBy.DOCUMENT, DoneBy.APPROVAL)
        open_steps = [c.step.name for c in ONBOARDING.menu(action, by=self.actor, at=self.at)]
        may = by_hand and "hand_in" in open_steps
        context = {
            "heading": action.title,
            "lead": shown.why(action),
            "status": shown.action_tag(action),
            "crumbs": [Crumb(_("Your first steps"), reverse("portal:onboarding"))],
            "action": action,
            "files": shown.crumbs_of(files.of(self.actor, [action])),
            "here": action.get_absolute_url(),
            "way": "" if by_hand else shown.way_to(action),
            "form": ((bound or {}).get("hand_in") or forms.HandInForm.of(action)) if may else None,
        }
        return self.show("partners/onboarding_action.html", context, status)


class JoinRequest(ActionPage):
    """Somebody with an address of the company wants to work here."""

    permission = "application.answer"
    workflow = APPLICATION
    actions = {
        "take_in": Action(services.take_in, None, gettext_lazy("Invited. Choose their role in the team.")),
        "turn_away": Action(services.turn_away, None, gettext_lazy("Declined. We told them.")),
    }

    def subject(self) -> Application:
        rows = Application.objects.visible_to(self.actor).select_related("partner", "program")
        return one_or_404(rows, pk=parse_public_id(Application.prefix, self.kwargs["application"]))

    def page(self, row: Application, status: int = 200, bound=None) -> HttpResponse:
        context = {
            "heading": _("%s wants to join you") % row.name,
            "lead": row.email,
            "status": None,
            "crumbs": [Crumb(_("Team"), self.after(row))],
            "facts": shown.application(row),
            "here": shown.request_url(row),
            "open": [c.step.name for c in APPLICATION.menu(row, by=self.actor, at=self.at)],
        }
        return self.show("partners/join_request.html", context, status)

    def after(self, row: Application) -> str:
        return reverse("portal:team")


portal_patterns = [
    path("agreements/", Agreements.as_view(), name="agreements"),
    path("agreements/texts/<str:text>/", TextPage.as_view(), name="agreement_text"),
    path("agreements/texts/<str:text>/<slug:verb>/", TextPage.as_view(), name="agreement_text_verb"),
    path("agreements/<str:agreement>/pdf/", AgreementPaper.as_view(), name="agreement_pdf"),
    path("onboarding/", Checklist.as_view(), name="onboarding"),
    path("onboarding/<str:action>/", ActionPageOfList.as_view(), name="onboarding_action"),
    path("onboarding/<str:action>/<slug:verb>/", ActionPageOfList.as_view(), name="onboarding_action_verb"),
    path("team/requests/<str:application>/", JoinRequest.as_view(), name="join_request"),
    path("team/requests/<str:application>/<slug:verb>/", JoinRequest.as_view(), name="join_request_verb"),
]
