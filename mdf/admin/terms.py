"""The terms of market funds of each program: read by all of the vendor's people, changed by those who edit programs."""

from typing import Any

import yaml
from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.parts import Fact
from mdf import services
from mdf.admin import queries, words
from mdf.admin.pages import chips, crumbs
from mdf.enums import PaymentMethod
from mdf.models import FundTerms
from mdf.rules import Terms
from partners.forms.terms import KeysField
from partners.models import Program


class EditTerms(forms.Form):
    mark_optional = False
    terms = KeysField(label=gettext_lazy("Terms"), example="share_percent: 50", rows=20)

    def particulars(self) -> dict[str, Any]:
        return self.cleaned_data["terms"]


class FundTermsOfFirst(ConsolePage):
    """To the terms of the first program."""

    def get(self, request):
        first = queries.programs(self.actor).first()
        return redirect(reverse("admin:mdf_terms", args=[first.key]) if first else reverse("admin:index"))


class FundTermsPage(ConsoleActionPage):
    """One program's terms, in words and as data."""

    actions = {"save": Action(services.terms.set_terms, EditTerms, gettext_lazy("Terms saved."))}

    def subject(self) -> Program:
        return one_or_404(queries.programs(self.actor), key=self.kwargs["key"])

    def page(self, program: Program, status: int = 200, bound=None) -> HttpResponse:
        row = FundTerms.objects.visible_to(self.actor).filter(program=program).first()
        data = row.data if row else {}
        text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True) if data else ""
        form = (bound or {}).get("save") or EditTerms(initial={"terms": text})
        context = {
            "heading": _("Market funds of %s") % program,
            "crumbs": crumbs(),
            "chips": chips(self.actor, "mdf_terms_first"),
            "program": program,
            "programs": queries.programs(self.actor),
            "facts": _facts(Terms.of(data), program.currency),
            "form": form if self.actor.can("program.edit") else None,
        }
        return self.show("mdf/console/terms.html", context, status)

    def after(self, program: Program) -> str:
        return reverse("admin:mdf_terms", args=[program.key])


def _facts(terms: Terms, currency: str) -> list[Fact]:
    by_tier = ", ".join(f"{one.tier} {one.percent.normalize():f}%" for one in terms.share_by_tier)
    limit = terms.two_payers_from
    extension = ngettext("once, by %d day", "once, by %d days", terms.claim_extension_days) % terms.claim_extension_days
    rows = [
        Fact(_("Our share of the cost"), f"{terms.share_percent.normalize():f}%", hint=by_tier),
        Fact(_("Expected return"), _("%s × or more") % f"{terms.return_multiple.normalize():f}"),
        Fact(_("Asked before the start"), _("%d working days") % terms.apply_working_days),
        Fact(_("We answer within"), _answer(terms)),
        Fact(_("Who decides"), _steps(terms, currency)),
        Fact(_("A part is accepted within"), _("%d days") % terms.accept_days),
        Fact(_("Claims"), _("within %d days of the end") % terms.claim_days),
        Fact(_("More time for a claim"), extension if terms.claim_extension_days else _("never")),
        Fact(_("We pay within"), _("%d days") % terms.pay_days),
        Fact(_("Settled by"), PaymentMethod(terms.settled_by).label),
        Fact(_("Two people pay from"), None if limit is None else f"{limit:,.2f} {currency}"),
        Fact(_("Never paid"), ", ".join(terms.ineligible)),
    ]
    return [row for row in rows if row.value not in (None, "")]


def _answer(terms: Terms) -> str:
    if terms.decision_days is not None:
        return _("%d days") % terms.decision_days
    return _("%d working days") % terms.decision_working_days


def _steps(terms: Terms, currency: str) -> str:
    """Each step with the amount from which on it is needed."""
    later = (("operations", terms.second_step_from), ("finance", terms.third_step_from))
    told = [str(words.APPROVERS["manager"])]
    told += [
        _("%(who)s from %(amount)s on") % {"who": words.APPROVERS[who], "amount": f"{amount:,.0f} {currency}"}
        for who, amount in later
        if amount is not None
    ]
    return "; ".join(told)
