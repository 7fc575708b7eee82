"""The decision page of one conflict."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsoleActionPage
from core.doors import Action, one_or_404
from deals import forms, queries, rules, services, shown
from deals.enums import CaseStatus
from deals.models import ConflictCase


class ConflictPage(ConsoleActionPage):
    """Both sides beside each other, what the rules propose, and the decision."""

    actions = {"resolve": Action(services.resolve, forms.Resolve, gettext_lazy("Conflict decided."))}

    def subject(self) -> ConflictCase:
        return one_or_404(queries.cases(self.actor), reference=self.kwargs["reference"])

    def bind(self, action: Action, subject: ConflictCase) -> forms.Resolve:
        return self._form(subject, self.request.POST)

    def page(self, case: ConflictCase, status: int = 200, bound=None) -> HttpResponse:
        proposal = rules.propose(shown.dispute(case, *queries.ground_of(case)))
        form = (bound or {}).get("resolve") or self._form(case, initial=shown.preset(proposal, case))
        may_decide = case.status == CaseStatus.OPEN and self.actor.can("deal.decide")
        context = {
            "heading": _("Who gets %s?") % case.registration,
            "lead": case.reference,
            "case": case,
            "ours": case.registration,
            "rival": shown.rival(case),
            "compared": shown.comparison(case, proposal),
            "form": form if may_decide else None,
        }
        return self.show("deals/conflict.html", context, status)

    def _form(self, case: ConflictCase, data=None, initial=None) -> forms.Resolve:
        other = case.other_registration
        names = {("other_told", case.registration.partner.name)} | (
            {("ours_told", other.partner.name)} if other else set()
        )
        return forms.Resolve(data, initial=initial, names=frozenset(names), has_other_partner=other is not None)

    def after(self, case: ConflictCase) -> str:
        return case.registration.get_console_url()
