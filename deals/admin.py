"""The console's side of deals: the decision page, and the records."""

from django.contrib import admin
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import addresses  # noqa: F401 - registers the converter
from core.console import ConsoleActionPage, RecordAdmin
from core.doors import Action, one_or_404
from deals import cards, forms, queries, services, shown
from deals.models import Account, ConflictCase, Opportunity, Registration
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
        menu = {c.step.name: c for c in REGISTRATION.menu(queries.with_standing(deal), by=self.actor, at=self.at)}
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


class ConflictPage(ConsoleActionPage):
    """The decision about one conflict case."""

    actions = {"resolve": Action(services.resolve, forms.Resolve, gettext_lazy("Conflict decided."))}

    def subject(self) -> ConflictCase:
        cases = ConflictCase.objects.visible_to(self.actor).select_related(
            "registration__partner", "other_registration__partner", "other_account", "other_opportunity"
        )
        return one_or_404(cases, reference=self.kwargs["reference"])

    def page(self, case: ConflictCase, status: int = 200, bound=None) -> HttpResponse:
        form = (bound or {}).get("resolve") or forms.Resolve()
        context = {
            "heading": _("Who gets %s?") % case.registration,
            "lead": case.reference,
            "case": case,
            "ours": case.registration,
            "ours_value": shown.value(case.registration),
            "rival": shown.rival(case),
            "form": form if case.status == "open" and self.actor.can("deal.decide") else None,
        }
        return self.show("deals/conflict.html", context, status)

    def after(self, case: ConflictCase) -> str:
        return case.registration.get_console_url()


console_patterns = [
    path("deals/<ref:reference>/", DealPage.as_view(), name="deal"),
    path("deals/<ref:reference>/<slug:verb>/", DealPage.as_view(), name="deal_verb"),
    path("conflicts/<ref:reference>/", ConflictPage.as_view(), name="conflict"),
    path("conflicts/<ref:reference>/<slug:verb>/", ConflictPage.as_view(), name="conflict_verb"),
]


@admin.register(Registration)
class RegistrationAdmin(RecordAdmin):
    list_display = ("reference", "account_name", "partner", "status", "amount", "currency", "due_at")
    list_filter = ("status", "motion")
    search_fields = ("reference", "account_name", "partner__name")
    list_select_related = ("partner",)


@admin.register(Account)
class AccountAdmin(RecordAdmin):
    list_display = ("name", "domain", "country", "coverage", "industry")
    list_filter = ("coverage",)
    search_fields = ("name", "domain")


@admin.register(Opportunity)
class OpportunityAdmin(RecordAdmin):
    list_display = ("reference", "name", "account", "kind", "stage", "amount", "currency", "closed_on")
    list_filter = ("stage", "kind")
    search_fields = ("reference", "name", "account__name")
    list_select_related = ("account",)
