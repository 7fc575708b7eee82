"""The partner's pages about its tier: where it stands, what it has by it, what it asks for."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.doors import Action, ActionPage, Page, one_or_404
from core.errors import Refused
from core.ids import parse_public_id
from core.parts import Crumb, Fact
from tiers import forms, queries, services, shown
from tiers.enums import BenefitKind
from tiers.models import BenefitRequest, ProgramMembership
from tiers.progress import Progress, progress
from tiers.services.benefit_requests import why_not
from tiers.workflow import BENEFIT


def one_membership(page: Page, chosen: str = "") -> tuple[ProgramMembership | None, list[ProgramMembership]]:
    """The membership that `?in=` names, else the oldest; and all of them."""
    found = list(queries.standings(page.actor, page.at))
    wanted = parse_public_id(ProgramMembership.prefix, chosen) if chosen else None
    return next((m for m in found if m.pk == wanted), found[0] if found else None), found


class TierPage(Page):
    """Where the partner stands, which rows count and which do not, and what comes next."""

    def get(self, request):
        member, every = one_membership(self, request.GET.get("in", ""))
        card = progress(member, self.at, request.GET.get("aim", "")) if member else None
        context = {
            "heading": card.title if card else _("Your tier"),
            "lead": _lead(card) if card else "",
            "member": member,
            "others": [m for m in every if m != member],
            "asks": self.actor.can("benefit.request"),
            **(shown.standing(self.actor, member, card, self.at) if member else {}),
        }
        return self.show("tiers/page.html", context)


def _lead(card: Progress) -> str:
    return f"{card.membership.program.name} · {card.tier}" if card.tier else card.membership.program.name


class BenefitNew(Page):
    """Asks for something that the tier or the type grants."""

    permission = "benefit.request"

    def get(self, request, kind: str):
        return self.page(kind, forms.AskFor())

    def post(self, request, kind: str):
        member, form = self.member(), forms.AskFor(request.POST)
        if not form.is_valid():
            return self.page(kind, form, 422)
        try:
            made = services.ask_for(member, form.wish(kind), by=self.actor, at=self.at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self.page(kind, form, 422)
        return redirect(made.get_absolute_url())

    def member(self) -> ProgramMembership:
        member, _every = one_membership(self, self.request.GET.get("in", ""))
        if member is None:
            raise Http404
        return member

    def page(self, kind: str, form, status: int = 200) -> HttpResponse:
        if kind not in BenefitKind:
            raise Http404
        barred = why_not(self.member(), kind, at=self.at)
        context = {
            "heading": _("Ask a question") if kind == BenefitKind.QUESTION else BenefitKind(kind).label,
            "crumbs": [Crumb(_("Your tier"), reverse("portal:tier"))],
            "barred": barred,
            "form": form,
        }
        return self.show("tiers/ask.html", context, status)


class BenefitPage(ActionPage):
    """One request, and what became of it."""

    workflow = BENEFIT
    actions = {"withdraw": Action(services.withdraw_request, None, gettext_lazy("Withdrawn."))}

    def subject(self) -> BenefitRequest:
        return one_or_404(queries.requests(self.actor), reference=self.kwargs["reference"])

    def page(self, request: BenefitRequest, status: int = 200, bound=None) -> HttpResponse:
        context = {
            "heading": request.get_kind_display(),
            "lead": request.reference,
            "status": shown.status_tag(request),
            "crumbs": [Crumb(_("Your tier"), reverse("portal:tier"))],
            "request_shown": request,
            "facts": request_facts(request),
            "menu": BENEFIT.menu(request, by=self.actor, at=self.at),
        }
        return self.show("tiers/request.html", context, status)


def request_facts(request: BenefitRequest) -> list[Fact]:
    """What is known of a request, without the words of either side."""
    owner = str(request.owner) if request.owner else None
    facts = [
        Fact(_("Asked"), request.asked_at),
        Fact(_("Answer due"), request.due_at if request.status == "asked" else None),
        Fact(_("Who looks after it"), owner),
        Fact(_("Sponsor"), request.sponsor),
        Fact(_("Next date"), request.next_on),
        Fact(_("Answered"), request.answered_at),
    ]
    return [fact for fact in facts if fact.value]
