"""The console's pages about payouts: runs, one partner's payout, bank details and statements of a partner."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.errors import Refused
from core.money import Money
from core.paging import keyset
from core.parts import Column, Crumb, Fact, Pager, Row, Table
from earnings import bankfile, forms, journal, queries, shown
from earnings.enums import RunStatus
from earnings.models import EarningLine, Payout, PayoutRun
from earnings.payout_particulars import Period
from earnings.portal import attachment, period_of
from earnings.rules.payouts import not_by
from earnings.services import payouts
from earnings.workflow import PAYOUT, RUN

RUNS_SHOWN = 24


def last_month(at) -> Period:
    """The last month that has ended."""
    return Period.of(at.date().replace(day=1) - timedelta(days=1))


def run_crumbs() -> list[Crumb]:
    return [Crumb(_("Payouts"), reverse("admin:payout_runs"))]


class Runs(ConsoleActionPage):
    """Every run, what we owe at the end of the month, and the button that makes the next run."""

    permission = "payout.prepare"
    actions = {"prepare": Action(payouts.prepare, forms.PeriodForm, gettext_lazy("Counted. Review it, then approve."))}

    def subject(self) -> None:
        return None

    def run(self, action, subject, form):
        self.made = payouts.prepare(form.particulars(), by=self.actor, at=self.at)
        return self.made

    def page(self, subject, status: int = 200, bound=None) -> HttpResponse:
        month = last_month(self.at)
        rows = list(queries.runs(self.actor).order_by("-period_start", "-made_at")[:RUNS_SHOWN])
        context = {
            "heading": _("Payouts"),
            "lead": _("One run a month: counted, reviewed, approved, sent, settled."),
            "table": _runs_table(rows) if rows else None,
            "month": month,
            "liability": _liability(self.actor, month),
            "form": (bound or {}).get("prepare") or forms.PeriodForm(initial={"period": month.key}),
        }
        return self.show("earnings/runs.html", context, status)

    def after(self, subject) -> str:
        return self.made.get_console_url()


def _runs_table(rows: list[PayoutRun]) -> Table:
    columns = (Column(_("For")), Column(_("Run")), Column(_("Status"), "tag"), Column(_("Made by")),
               Column(_("Approved by")), Column(_("Total"), "num"))  # fmt: skip
    return Table(_("Runs"), columns, [
        Row((str(Period(run.period_start)), run.reference, shown.run_tag(run), run.made_label, run.approved_label,
             Money(run.total, run.currency) if run.total is not None else None), run.get_console_url())
        for run in rows
    ])  # fmt: skip


def _liability(actor, month: Period) -> Table | None:
    columns = (Column(_("Currency")), Column(_("We owe partners"), "num"), Column(_("Partners owe us"), "num"))
    found = journal.liability(actor, month)
    rows = [Row((one.currency, Money(one.owed, one.currency), Money(one.claimed, one.currency))) for one in found]
    return Table(_("What stands at the end of %s") % month, columns, rows) if rows else None


class JournalFile(ConsolePage):
    """The journal of a month as a file."""

    permission = "payout.prepare"

    def get(self, request, period: str):
        month = period_of(period)
        return attachment(journal.as_csv(self.actor, month), f"journal-{month.key}.csv")


class RunPage(ConsoleActionPage):
    """One run: what it pays to whom, what it carries over and why, and what can be done with it now."""

    permission = "earnings.read"
    workflow = RUN
    actions = {
        "review": Action(payouts.review, None, gettext_lazy("Reviewed.")),
        "approve": Action(payouts.approve, None, gettext_lazy("Approved. Send the bank file, then mark it as sent.")),
        "send_back": Action(payouts.send_back, forms.ReasonForm, gettext_lazy("Sent back.")),
        "recount": Action(payouts.recount, None, gettext_lazy("Counted anew."), step="cancel"),
        "cancel": Action(payouts.cancel, forms.ReasonForm, gettext_lazy("Cancelled. Its lines wait for another run.")),
        "export": Action(payouts.export_for_bank, None, step=""),
        "send": Action(payouts.send, None, gettext_lazy("The bank has it.")),
        "answers": Action(payouts.reconcile, forms.AnswersForm, gettext_lazy("Answers taken in."), step=""),
        "retry": Action(payouts.retry, None, gettext_lazy("Ready for another approval.")),
    }

    def subject(self) -> PayoutRun:
        return one_or_404(queries.runs(self.actor), reference=self.kwargs["reference"])

    def post(self, request, *args, verb: str = "", **kwargs):
        return self.bank_file() if verb == "export" else super().post(request, *args, verb=verb, **kwargs)

    def bank_file(self) -> HttpResponse:
        run = self.subject()
        try:
            rows = payouts.export_for_bank(run, by=self.actor, at=self.at)
        except Refused as refusal:
            return self.refused(run, "export", None, refusal)
        return attachment(bankfile.as_csv(rows), f"payouts-{run.reference}.csv")

    def run(self, action, subject, form):
        result = super().run(action, subject, form)
        self.result = result
        return result

    def page(self, run: PayoutRun, status: int = 200, bound=None) -> HttpResponse:
        bound = bound or {}
        rows = run.payouts.select_related("partner")
        page = keyset(rows, self.request.GET, order=("status", "-amount", "id"), size=50)
        table = shown.payout_table(page.rows, _("Payouts")) if page.rows else None
        context = {
            "heading": _("Payouts of %s") % Period(run.period_start),
            "crumbs": run_crumbs(),
            "lead": run.reference,
            "run": run,
            "status": shown.run_tag(run),
            "sums": _sums_table(run),
            "facts": _run_facts(run),
            "table": table,
            "pager": Pager(len(page.rows), newer=page.newer, older=page.older),
            "menu": {c.step.name: c for c in RUN.menu(run, by=self.actor, at=self.at)},
            "not_by_you": not_by(run, self.actor) if run.status == RunStatus.REVIEWED else None,
            "moved_on": payouts.moved_on(run) if run.status == RunStatus.REVIEWED else None,
            "exports": run.status in (RunStatus.APPROVED, RunStatus.SENT) and self.actor.can("payout.approve"),
            "answers": bound.get("answers") or forms.AnswersForm() if run.status == RunStatus.SENT else None,
            "reasons": {name: bound.get(name) or forms.ReasonForm() for name in ("send_back", "cancel")},
            "opened": next(iter(bound), ""),
            "form": next(iter(bound.values()), None),
        }
        return self.show("earnings/run.html", context, status)

    def after(self, run: PayoutRun) -> str:
        newer = getattr(self, "result", None)
        return newer.get_console_url() if isinstance(newer, PayoutRun) else run.get_console_url()


def _sums_table(run: PayoutRun) -> Table:
    columns = (Column(_("Currency")), Column(_("Payouts"), "num"), Column(_("Pays"), "num"),
               Column(_("Carried over"), "num"), Column(_("Carries"), "num"))  # fmt: skip
    return Table(_("Sums"), columns, [
        Row((one.currency, one.payouts, Money(one.paid, one.currency), one.carries, Money(one.carried, one.currency)))
        for one in queries.run_sums(run)
    ])  # fmt: skip


def _run_facts(run: PayoutRun) -> list[Fact]:
    two = _("Two people") if run.needs_two else _("One person")
    limit = _("needed to approve; the limit is %(limit)s %(currency)s")
    known = (
        Fact(_("Total"), Money(run.total, run.currency) if run.total is not None else _("No rate known for all of it")),
        Fact(two, limit % {"limit": f"{run.limit:,.2f}", "currency": run.currency}),
        Fact(_("Made"), run.made_at, hint=run.made_label),
        Fact(_("Reviewed"), run.reviewed_at, hint=run.reviewed_label),
        Fact(_("Approved"), run.approved_at, hint=run.approved_label),
        Fact(_("Sent"), run.sent_at),
        Fact(_("Closed"), run.closed_at),
        Fact(_("Reason"), run.reason),
    )
    return [fact for fact in known if fact.value not in (None, "")]


class PayoutPage(ConsoleActionPage):
    """One partner's payout with its lines; it can be left out of the run."""

    permission = "earnings.read"
    workflow = PAYOUT
    actions = {"release": Action(payouts.leave_out, forms.ReasonForm, gettext_lazy("Left out. A later run takes it."))}

    def subject(self) -> Payout:
        rows = queries.payouts(self.actor).select_related("run", "partner", "bank")
        return one_or_404(rows, reference=self.kwargs["reference"])

    def page(self, one: Payout, status: int = 200, bound=None) -> HttpResponse:
        held = EarningLine.objects.visible_to(self.actor).filter(items__payout=one)
        rows = held.select_related("partner", "opportunity__account", "rule").order_by("occurred_on", "id")[:200]
        menu = {c.step.name: c for c in PAYOUT.menu(one, by=self.actor, at=self.at)}
        form = (bound or {}).get("release")
        context = {
            "heading": one.partner.name,
            "crumbs": [*run_crumbs(), Crumb(one.run.reference, one.run.get_console_url())],
            "lead": one.reference,
            "payout": one,
            "status": shown.payout_tag(one),
            "money": Money(one.amount, one.currency),
            "facts": [*shown.bank_facts(one.bank), *_answers(one)],
            "table": shown.line_table(list(rows), _("Lines"), "admin:earning") if rows else None,
            "form": (form or forms.ReasonForm()) if "release" in menu else None,
            "opened": bool(form),
        }
        return self.show("earnings/payout.html", context, status)

    def after(self, one: Payout) -> str:
        return one.run.get_console_url()


def _answers(one: Payout) -> list[Fact]:
    known = (
        Fact(_("Reference of the bank"), one.bank_reference),
        Fact(_("Why it came back"), one.failure),
        Fact(_("Settled"), one.settled_at),
        Fact(_("Fees taken from it"), Money(one.fees, one.currency) if one.fees else None),
    )
    return [fact for fact in known if fact.value]


class Receivables(ConsoleActionPage):
    """Fees that wait for an invoice, and the files of those that were handed over."""

    permission = "payout.prepare"
    actions = {"hand_over": Action(payouts.hand_over, None, step="")}

    def subject(self) -> None:
        return None

    def run(self, action, subject, form):
        made = payouts.hand_over(by=self.actor, at=self.at)
        messages.success(self.request, _("Handed over: %d. Download the file below.") % len(made))
        return made

    def page(self, subject, status: int = 200, bound=None) -> HttpResponse:
        waiting = queries.to_invoice(self.actor)
        table = (
            shown.line_table(list(waiting[:200]), _("Waiting"), "admin:earning", with_partner=True) if waiting else None
        )
        return self.show("earnings/receivables.html", {
            "heading": _("License fees to invoice"),
            "crumbs": run_crumbs(),
            "table": table,
            "handed": queries.handed_over(self.actor),
        }, status)  # fmt: skip

    def after(self, subject) -> str:
        return reverse("admin:receivables")


class ReceivablesFile(ConsolePage):
    """The fees that were handed over on a day, for the invoicing system."""

    permission = "payout.prepare"

    def get(self, request, day: str):
        rows = queries.handed_over_on(self.actor, day)
        if not rows:
            raise Http404
        return attachment(bankfile.invoices(rows), f"license-fees-{day}.csv")


console_patterns = [
    path("payouts/", Runs.as_view(), name="payout_runs"),
    path("payouts/do/<slug:verb>/", Runs.as_view(), name="payout_runs_verb"),
    path("payouts/journal/<str:period>/", JournalFile.as_view(), name="journal"),
    path("payouts/fees/", Receivables.as_view(), name="receivables"),
    path("payouts/fees/do/<slug:verb>/", Receivables.as_view(), name="receivables_verb"),
    path("payouts/fees/<str:day>/", ReceivablesFile.as_view(), name="receivables_file"),
    path("payouts/to/<str:reference>/", PayoutPage.as_view(), name="payout"),
    path("payouts/to/<str:reference>/<slug:verb>/", PayoutPage.as_view(), name="payout_verb"),
    path("payouts/runs/<str:reference>/", RunPage.as_view(), name="payout_run"),
    path("payouts/runs/<str:reference>/<slug:verb>/", RunPage.as_view(), name="payout_run_verb"),
]
