"""The console's pages about routing rules, and the box to try them in."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.errors import Refused
from core.ids import parse_public_id
from core.parts import Action as Button
from core.parts import Crumb, Tag
from deals import lead_queries as queries
from deals.admin.leads import crumbs, partners
from deals.candidates import route
from deals.forms import routing as forms
from deals.models import RoutingRule
from deals.rules.routing import WEIGHTS
from deals.services import routing
from deals.shown import leads as shown


class Rules(ConsolePage):
    """The rules in the order in which they are asked, and a box to try them with a lead that is stored nowhere."""

    def get(self, request):
        asked = bool(request.GET)
        form = forms.TryOut(request.GET if asked else None)
        valid = asked and form.is_valid()
        edits = self.actor.can("routing.edit")
        new = Button(_("New rule"), href=reverse("admin:routing_new"), tone="primary", icon="plus") if edits else None
        rows = list(queries.rules(self.actor))
        context = {
            "heading": _("Lead routing"),
            "lead": _("The first rule in use that fits a lead decides."),
            "crumbs": crumbs(),
            "primary": new,
            "rules": [self._row(rule, n, len(rows)) for n, rule in enumerate(rows)],
            "edits": edits,
            "try": form,
            **(self._tried(form) if valid else {}),
        }
        return self.show("deals/leads/routing.html", context, 422 if asked and not valid else 200)

    def _row(self, rule: RoutingRule, n: int, of: int) -> dict:
        return {
            "rule": rule,
            "condition": shown.rule_condition(rule),
            "goal": shown.rule_goal(rule),
            "state": Tag(_("In use"), "good") if rule.is_active else Tag(_("Off")),
            "first": n == 0,
            "last": n == of - 1,
        }

    def _tried(self, form: forms.TryOut) -> dict:
        found = route(form.wanted(), at=self.at)
        placings = queries.placings_seen(found.placings, self.actor)
        best = next((one.candidate.name for one in placings if not one.barred), "")
        return {
            "tried": True,
            "fits": found.rule,
            "passed_over": found.passed_over,
            "ranking": shown.ranking_now(placings) if placings else None,
            "best": best,
        }


class RuleForm(ConsolePage):
    """What the pages of a new and of a known rule share."""

    permission = "routing.edit"

    def form(self, data=None, initial=None) -> forms.Rule:
        return forms.Rule(data, initial=initial, partners=partners(self.actor))

    def page(self, form: forms.Rule, heading: str, status: int = 200) -> HttpResponse:
        way = [*crumbs(), Crumb(_("Lead routing"), reverse("admin:routing"))]
        return self.show("deals/leads/rule.html", {"heading": heading, "crumbs": way, "form": form}, status)

    def keep(self, form: forms.Rule, service, heading: str) -> HttpResponse:
        if not form.is_valid():
            return self.page(form, heading, 422)
        try:
            service(form.particulars())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self.page(form, heading, 422)
        return redirect("admin:routing")


class RuleNew(RuleForm):
    def get(self, request):
        return self.page(self.form(initial=WEIGHTS), _("New routing rule"))

    def post(self, request):
        def service(terms):
            return routing.add_rule(terms, by=self.actor, at=self.at)

        return self.keep(self.form(request.POST), service, _("New routing rule"))


class RuleEdit(RuleForm):
    def get(self, request, rule: str):
        known = rule_of(self.actor, rule)
        return self.page(self.form(initial=forms.Rule.values_of(known)), str(known))

    def post(self, request, rule: str):
        known = rule_of(self.actor, rule)

        def service(terms):
            return routing.edit_rule(known, terms, by=self.actor, at=self.at)

        return self.keep(self.form(request.POST), service, str(known))


class RuleMove(ConsoleActionPage):
    """Up and down in the order."""

    permission = "routing.edit"
    actions = {
        "earlier": Action(routing.earlier, None, gettext_lazy("Moved up.")),
        "later": Action(routing.later, None, gettext_lazy("Moved down.")),
    }

    def subject(self) -> RoutingRule:
        return rule_of(self.actor, self.kwargs["rule"])

    def page(self, rule: RoutingRule, status: int = 200, bound=None) -> HttpResponse:
        return redirect("admin:routing")

    def after(self, rule: RoutingRule) -> str:
        return reverse("admin:routing")


def rule_of(actor, public: str) -> RoutingRule:
    return one_or_404(queries.rules(actor), pk=parse_public_id(RoutingRule.prefix, public))
