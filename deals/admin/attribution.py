"""Credit in the console: why an opportunity is credited as it is, a decision above it, and the rules themselves."""

import yaml
from django.contrib import admin
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsoleActionPage, RecordAdmin
from core.doors import Action, one_or_404
from core.parts import Column, Row, Table
from deals.attribution import version_on
from deals.attribution.why import why
from deals.forms.touches import DecideSourcing, DraftRules, PublishRules, WithdrawDecision
from deals.models import AttributionDecision, AttributionRule, Opportunity, Touch
from deals.services import attributions
from deals.shown import attribution as shown
from deals.shown import rules as shown_rules
from partners.models import Partner


class OpportunityWhy(ConsoleActionPage):
    """Every piece of evidence with its dates and what speaks against it, the rules, the sum; and a manager's word."""

    actions = {
        "decide": Action(attributions.decide, None, gettext_lazy("Decided. The figures follow in a moment.")),
        "withdraw": Action(
            attributions.withdraw_decision, WithdrawDecision, gettext_lazy("Withdrawn. The evidence decides again.")
        ),
    }

    def subject(self) -> Opportunity:
        rows = Opportunity.objects.visible_to(self.actor).filter(deleted_at=None).select_related("account")
        return one_or_404(rows, reference=self.kwargs["reference"])

    def action(self, verb: str) -> Action | None:
        found = super().action(verb)
        return Action(found.service, self.decide_form, found.said) if found and verb == "decide" else found  # type: ignore[arg-type]

    def decide_form(self, *args) -> DecideSourcing:
        partners = Partner.objects.visible_to(self.actor).filter(deleted_at=None, is_direct=False).order_by("name")
        return DecideSourcing(*args, partners=list(partners))

    def run(self, action, subject, form):
        if action.form is not WithdrawDecision:
            return super().run(action, subject, form)
        rows = AttributionDecision.objects.visible_to(self.actor)
        return super().run(action, one_or_404(rows, opportunity=subject, withdrawn_at=None), form)

    def page(self, opportunity: Opportunity, status: int = 200, bound=None) -> HttpResponse:
        bound, found = bound or {}, why(opportunity, self.actor)
        may = self.actor.can("attribution.decide") and not found.incomplete
        context = {
            "heading": _("Credit for %s") % opportunity,
            "lead": opportunity.reference,
            "opportunity": opportunity,
            "why": shown.why(found, self.actor),
            "decide_form": (bound.get("decide") or self.decide_form()) if may else None,
            "withdraw_form": (bound.get("withdraw") or WithdrawDecision()) if may and found.decision else None,
            "opened": next(iter(bound), ""),
            "form": next(iter(bound.values()), None),
            "may_enter": self.actor.can("touch.confirm"),
            "rules_href": reverse("admin:attribution_rules") if self.actor.can("attribution.decide") else "",
        }
        return self.show("deals/attribution/why.html", context, status)

    def after(self, opportunity: Opportunity) -> str:
        return opportunity.get_console_url()


class Rules(ConsoleActionPage):
    """The rules of attribution: every version, the draft of the next one, and what it would change."""

    permission = "attribution.decide"
    actions = {
        "draft": Action(attributions.draft_rules, DraftRules, gettext_lazy("Draft saved. Now run the dry run.")),
        "try": Action(attributions.try_rules, None, gettext_lazy("Dry run done. Nothing was changed.")),
        "publish": Action(
            attributions.publish_rules, PublishRules, gettext_lazy("Published. Open opportunities are judged anew.")
        ),
    }

    def subject(self) -> AttributionRule | None:
        return AttributionRule.objects.visible_to(self.actor).filter(published_at=None).first()

    def action(self, verb: str) -> Action | None:
        return super().action(verb) if verb == "draft" or self.subject() is not None else None

    def run(self, action, subject, form):
        if action.form is DraftRules:
            return attributions.draft_rules(form.particulars(), by=self.actor, at=self.at)
        return super().run(action, subject, form)

    def page(self, draft: AttributionRule | None, status: int = 200, bound=None) -> HttpResponse:
        bound = bound or {}
        context = {
            "heading": _("Rules of attribution"),
            "draft": draft,
            "versions": self._versions(),
            "tried": shown_rules.dry_run(draft) if draft else None,
            "draft_form": bound.get("draft") or DraftRules(initial=self._initial(draft)),
            "publish_form": bound.get("publish") or PublishRules(),
            "form": next(iter(bound.values()), None),
        }
        return self.show("deals/attribution/rules.html", context, status)

    def _initial(self, draft: AttributionRule | None) -> dict[str, str]:
        definition = draft.definition if draft else version_on(None).terms.definition()
        words = yaml.safe_dump(definition, sort_keys=False, allow_unicode=True)
        return {"definition": words, "note": draft.note if draft else ""}

    def _versions(self) -> Table:
        rows = AttributionRule.objects.visible_to(self.actor).filter(published_at__isnull=False).order_by("-number")
        columns = (Column(_("Version")), Column(_("Published"), "when"), Column(_("By")), Column(_("What changed")))
        found = [Row((str(one), one.published_at, one.published_by, one.note)) for one in rows]
        if not any(one.number == 1 for one in rows):
            found.append(Row(("v1", None, "", _("As it comes"))))
        return Table(_("Versions"), columns, found)

    def after(self, draft) -> str:
        return reverse("admin:attribution_rules")


@admin.register(Touch)
class TouchAdmin(RecordAdmin):
    list_display = ("reference", "partner", "opportunity", "account_name", "kind", "happened_on", "status", "due_at")
    list_filter = ("status", "kind")
    search_fields = ("reference", "partner__name", "account_name", "opportunity__name")
    list_select_related = ("partner", "opportunity")
