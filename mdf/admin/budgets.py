"""Budgets: where their money stands, changes by two people, and what partners get of them."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsolePage
from core.doors import Action, one_or_404
from core.errors import Refused
from core.money import Money
from core.paging import keyset
from core.parts import Action as Button
from core.parts import Column, Crumb, Fact, Pager, Row, Table, Tag
from mdf import money, services
from mdf.admin import budget_forms, queries, standing
from mdf.admin.pages import FundPage, chips, crumbs
from mdf.enums import BudgetStatus, ChangeStatus
from mdf.models import Allocation, Budget, BudgetChange
from mdf.shown.funds import accrued_words

_TONES = {BudgetStatus.OPEN: "good", BudgetStatus.CLOSED: "", BudgetStatus.DRAFT: "info"}
_CHANGES = {ChangeStatus.REQUESTED: "info", ChangeStatus.GRANTED: "good", ChangeStatus.REFUSED: "bad"}
CHANGES_SHOWN = 50


def budget_tag(budget: Budget) -> Tag:
    return Tag(budget.get_status_display(), _TONES[BudgetStatus(budget.status)])


class Budgets(ConsolePage):
    """Every budget, the latest period first."""

    def get(self, request):
        rows = Budget.objects.visible_to(self.actor).filter(deleted_at=None).select_related("program")
        page = keyset(rows, request.GET, order=("-period_start", "-id"))
        plan = Button(_("Plan a budget"), href=reverse("admin:mdf_budget_new"), tone="primary", icon="plus")
        context = {
            "heading": _("Budgets"),
            "lead": _("Where the money for market funds comes from."),
            "primary": plan if self.actor.can("mdf.budget") else None,
            "chips": chips(self.actor, "mdf_budgets"),
            "table": self._table(page, rows.count()) if page.rows else None,
        }
        return self.show("mdf/console/budgets.html", context)

    def _table(self, page, total: int) -> Table:
        sums = standing.of_budgets(self.actor, [budget.pk for budget in page.rows])
        kinds = (money.UNDIVIDED, money.AVAILABLE, money.RESERVED, money.CLAIMED, money.PAID)
        columns = (
            Column(_("Budget")), Column(_("Program")), Column(_("Status"), "tag"), Column(_("Until"), "when"),
            Column(_("Amount"), "num"), *(Column(str(standing.WORDS[kind]), "num") for kind in kinds),
        )  # fmt: skip
        pager = Pager(len(page.rows), total, page.newer, page.older)
        rows = [
            Row(
                (
                    budget.name, str(budget.program), budget_tag(budget), budget.period_end,
                    Money(budget.amount, budget.currency),
                    *(Money(sums[budget.pk].get(kind, standing.ZERO), budget.currency) for kind in kinds),
                ),
                budget.get_console_url(),
            )
            for budget in page.rows
        ]  # fmt: skip
        return Table(_("Budgets"), columns, rows, pager=pager)


class BudgetNew(ConsolePage):
    """Plans a budget; its money is then asked for on its page."""

    permission = "mdf.budget"

    def _form(self, data=None) -> budget_forms.Budget:
        return budget_forms.Budget(data, programs=queries.programs(self.actor))

    def get(self, request):
        return self._page(self._form())

    def post(self, request):
        form = self._form(request.POST)
        if not form.is_valid():
            return self._page(form, 422)
        try:
            budget = services.budgets.plan_budget(form.particulars(), by=self.actor, at=self.at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self._page(form, 422)
        return redirect(budget.get_console_url())

    def _page(self, form: budget_forms.Budget, status: int = 200) -> HttpResponse:
        back = Crumb(_("Budgets"), reverse("admin:mdf_budgets"))
        context = {"heading": _("Plan a budget"), "crumbs": crumbs(back), "form": form}
        return self.show("mdf/console/budget_new.html", context, status)


class BudgetPage(FundPage):
    """One budget: the bar, changes that wait for another person, the partners' parts."""

    actions = {
        "ask_change": Action(
            services.budgets.ask_change, budget_forms.Change, gettext_lazy("Asked. Another person grants it.")
        ),
        "grant": Action(services.budgets.grant_change, budget_forms.Chosen, gettext_lazy("Granted.")),
        "refuse": Action(services.budgets.refuse_change, budget_forms.Chosen, gettext_lazy("Refused.")),
        "allocate": Action(services.budgets.allocate, budget_forms.Allocate, gettext_lazy("Given.")),
        "close": Action(
            services.budgets.close_budget, None, gettext_lazy("Closed. What is reserved stays and is paid.")
        ),
    }  # fmt: skip

    def subject(self) -> Budget:
        rows = Budget.objects.visible_to(self.actor).filter(deleted_at=None).select_related("program")
        return one_or_404(rows, reference=self.kwargs["reference"])

    def bind(self, action: Action, budget: Budget) -> Any:
        if action.form is budget_forms.Chosen:
            return budget_forms.Chosen(self.request.POST, changes=self._changes(budget))
        if action.form is budget_forms.Allocate:
            return budget_forms.Allocate(self.request.POST, partners=self._partners(budget))
        return super().bind(action, budget)

    def run(self, action: Action, budget: Budget, form: Any) -> Any:
        if isinstance(form, budget_forms.Chosen):
            return action.service(form.particulars(), by=self.actor, at=self.at)
        return super().run(action, budget, form)

    def _changes(self, budget: Budget) -> list[BudgetChange]:
        rows = BudgetChange.objects.visible_to(self.actor).filter(budget=budget)
        return list(rows.select_related("asked_by", "decided_by").order_by("-asked_at", "-id")[:CHANGES_SHOWN])

    def _partners(self, budget: Budget) -> list[Any]:
        return queries.in_program(self.actor, budget.program)

    def page(self, budget: Budget, status: int = 200, bound: Mapping[str, Any] | None = None) -> HttpResponse:
        bound = bound or {}
        changes = self._changes(budget)
        rows = Allocation.objects.visible_to(self.actor).filter(budget=budget, deleted_at=None)
        page = keyset(rows.select_related("partner"), self.request.GET, order=("-created_at", "-id"), size=50)
        may = {"budget": self.actor.can("mdf.budget"), "allocate": self.actor.can("mdf.allocate")}
        is_open = budget.status == BudgetStatus.OPEN
        context = {
            "heading": budget.name,
            "crumbs": crumbs(Crumb(_("Budgets"), reverse("admin:mdf_budgets"))),
            "lead": f"{budget.reference} · {budget.program}",
            "status": budget_tag(budget),
            "budget": budget,
            "facts": _facts(budget),
            "bar": standing.budget_bar(budget, standing.of_budgets(self.actor, [budget.pk])[budget.pk]),
            "waiting": [self._waiting(one) for one in changes if one.status == ChangeStatus.REQUESTED],
            "changes": _changes_table(changes) if changes else None,
            "allocations": _allocations_table(page, rows.count()) if page.rows else None,
            "change": self._form(bound, "ask_change", may["budget"] and budget.status != BudgetStatus.CLOSED),
            "allocate": self._allocate(budget, bound) if may["allocate"] and is_open else None,
            "closes": may["budget"] and is_open,
            "opened": next(iter(bound), ""),
            "form": next(iter(bound.values()), None),
        }
        return self.show("mdf/console/budget.html", context, status)

    def _form(self, bound: Mapping[str, Any], name: str, may: bool) -> Any:
        return (bound.get(name) or budget_forms.Change(auto_id="id_change_%s")) if may else None

    def _allocate(self, budget: Budget, bound: Mapping[str, Any]) -> Any:
        partners = self._partners(budget)
        return bound.get("allocate") or budget_forms.Allocate(partners=partners, auto_id="id_allocate_%s")

    def _waiting(self, change: BudgetChange) -> dict[str, Any]:
        own = change.asked_by_id is not None and change.asked_by_id == self.actor.id
        return {
            "id": change.public_id,
            "money": Money(change.amount, change.budget.currency),
            "reason": change.reason,
            "by": str(change.asked_by or ""),
            "at": change.asked_at,
            "may": self.actor.can("mdf.budget"),
            "not_you": _("You asked for this. Another person decides it.") if own else "",
        }

    def after(self, budget: Budget) -> str:
        return budget.get_console_url()


def _facts(budget: Budget) -> list[Fact]:
    found = [
        Fact(_("Amount"), Money(budget.amount, budget.currency)),
        Fact(_("From"), budget.period_start),
        Fact(_("Until"), budget.period_end),
        Fact(_("Region"), budget.region),
    ]
    return [fact for fact in found if fact.value not in (None, "")]


def _changes_table(changes: list[BudgetChange]) -> Table:
    columns = (
        Column(_("Change")), Column(_("Status"), "tag"), Column(_("Why")), Column(_("Asked by")),
        Column(_("Decided by")), Column(_("When"), "when"),
    )  # fmt: skip
    rows = [
        Row(
            (
                Money(one.amount, one.budget.currency),
                Tag(one.get_status_display(), _CHANGES[ChangeStatus(one.status)]), one.reason,
                str(one.asked_by or ""), str(one.decided_by or ""), one.decided_at or one.asked_at,
            )
        )
        for one in changes
    ]  # fmt: skip
    return Table(_("Changes"), columns, rows)


def _allocations_table(page: Any, total: int) -> Table:
    free = money.balances(money.AVAILABLE, [one.pk for one in page.rows])
    columns = (
        Column(_("Partner")), Column(_("Funds")), Column(_("Kind")), Column(_("Ends on"), "when"),
        Column(_("Given"), "num"), Column(_("Free"), "num"),
    )  # fmt: skip
    rows = [
        Row(
            (
                one.partner.name, one.reference, one.get_kind_display(), one.expires_on or one.period_end,
                Money(one.amount, one.currency), Money(free.get(one.pk, standing.ZERO), one.currency),
            ),
            reverse("admin:mdf_allocation", args=[one.reference]),
        )
        for one in page.rows
    ]  # fmt: skip
    return Table(_("Partners' funds"), columns, rows, pager=Pager(len(page.rows), total, page.newer, page.older))


class AllocationPage(FundPage):
    """A partner's part of a budget: where it stands; more for it, or back what is free."""

    actions = {"move": Action(services.budgets.raise_allocation, budget_forms.Raise, gettext_lazy("Changed."))}

    def subject(self) -> Allocation:
        rows = Allocation.objects.visible_to(self.actor).filter(deleted_at=None)
        return one_or_404(rows.select_related("partner", "budget"), reference=self.kwargs["reference"])

    def page(self, allocation: Allocation, status: int = 200, bound: Mapping[str, Any] | None = None) -> HttpResponse:
        form = (bound or {}).get("move") or budget_forms.Raise(subject=allocation)
        budget = allocation.budget
        context = {
            "heading": _("Funds of %s") % allocation.partner,
            "crumbs": crumbs(Crumb(budget.name, budget.get_console_url())),
            "lead": f"{allocation.reference} · {allocation.get_kind_display()}",
            "allocation": allocation,
            "bar": standing.allocation_bar(allocation, standing.of_allocation(self.actor, allocation)),
            "arithmetic": accrued_words(allocation),
            "unfunded": Money(allocation.unfunded, allocation.currency) if allocation.unfunded else None,
            "form": form if self.actor.can("mdf.allocate") else None,
        }
        return self.show("mdf/console/allocation.html", context, status)

    def after(self, allocation: Allocation) -> str:
        return reverse("admin:mdf_allocation", args=[allocation.reference])
