"""The deal terms of each program: read by all of the vendor's people, changed by those who edit programs."""

import yaml
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.parts import Fact
from deals import forms, rules, services, shown, term_names
from partners.models import Program


class DealTermsOfFirst(ConsolePage):
    """To the terms of the first program."""

    def get(self, request):
        first = Program.objects.visible_to(self.actor).filter(deleted_at=None).order_by("name").first()
        return redirect(reverse("admin:deal_terms", args=[first.key]) if first else reverse("admin:index"))


class DealTerms(ConsoleActionPage):
    """One program's terms, in words and as data."""

    actions = {"save": Action(services.set_terms, forms.EditTerms, gettext_lazy("Terms saved."))}

    def subject(self) -> Program:
        rows = Program.objects.visible_to(self.actor).filter(deleted_at=None)
        return one_or_404(rows, key=self.kwargs["key"])

    def page(self, program: Program, status: int = 200, bound=None) -> HttpResponse:
        policy = rules.Policy.of(program.policy)
        form = (bound or {}).get("save") or forms.EditTerms(initial={"terms": self._text(program)})
        context = {
            "heading": _("Deal terms of %s") % program,
            "program": program,
            "programs": Program.objects.visible_to(self.actor).filter(deleted_at=None).order_by("name"),
            "facts": self._facts(policy),
            "conditions": shown.conditions(policy, program.currency),
            "deciders": shown.step_words(policy, program.currency),
            "form": form if self.actor.can("program.edit") else None,
        }
        return self.show("deals/terms.html", context, status)

    def _text(self, program: Program) -> str:
        return yaml.safe_dump(program.policy, sort_keys=False, allow_unicode=True) if program.policy else ""

    def _facts(self, policy: rules.Policy) -> list[Fact]:
        hours = policy.decision_working_hours
        answer = _("%d working hours") % hours if hours else _("%d working days") % policy.decision_working_days
        return [
            Fact(_("We answer within"), answer),
            Fact(_("A referral within"), _("%d working days") % policy.referral_working_days),
            Fact(_("Protection"), _("%d days") % policy.protection_days),
            Fact(_("It counts from"), term_names.STARTS[policy.protection_starts]),
            Fact(_("Grace"), _("%d days") % policy.grace_days),
            Fact(_("Extension"), term_names.EXTENSIONS[policy.extension.mode]),
            Fact(_("When two claim one customer"), term_names.TIES[policy.tie_break]),
        ]

    def after(self, program: Program) -> str:
        return reverse("admin:deal_terms", args=[program.key])
