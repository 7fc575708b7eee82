"""The decision page of one conflict."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import addresses  # noqa: F401 - registers the converter
from core.console import ConsoleActionPage
from core.doors import Action, one_or_404
from deals import forms, services, shown
from deals.models import ConflictCase


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
