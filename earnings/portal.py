"""Partners' pages about what they earn."""

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.doors import Action, ActionPage, Page, one_or_404
from core.errors import Forbidden
from core.paging import keyset
from core.parts import Crumb, Pager
from earnings import forms, queries, services, shown, statements
from earnings.dossier import local_day
from earnings.enums import Direction, LineStatus
from earnings.models import EarningLine
from earnings.payout_particulars import Period
from earnings.services import payouts
from earnings.ways import ways
from earnings.words import arithmetic
from earnings.workflow import LINE
from partners.models import Partner
from partners.queries import own_company

_FILTERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "all": (gettext_lazy("All"), {}),
    "payable": (gettext_lazy("Payable"), {"status__in": queries.DUE}),
    "coming": (gettext_lazy("Coming"), {"status__in": queries.COMING}),
    "paid": (gettext_lazy("Paid"), {"status": LineStatus.PAID}),
    "kept": (gettext_lazy("Margin you keep"), {"direction": Direction.RETAINED}),
    "fees": (gettext_lazy("License fees"), {"direction": Direction.RECEIVABLE}),
}


def company(actor) -> Partner:
    """Raises Forbidden for somebody who works for no partner now."""
    partner = own_company(actor)
    if partner is None:
        raise Forbidden(_("You don't belong to a partner company now. Ask a colleague for an invitation."))
    return partner


def crumbs() -> list[Crumb]:
    return [Crumb(_("Earnings"), reverse("portal:earnings"))]


class Earnings(Page):
    """What is payable and when, what is coming and on what it waits, and every line."""

    permission = "earnings.read"

    def get(self, request):
        partner = company(self.actor)
        standing = queries.standing(self.actor, partner, self.at)
        details = queries.bank_details(self.actor, partner)
        chosen = request.GET.get("show", "all")
        rows = queries.lines(self.actor, partner).exclude(status=LineStatus.CANCELLED)
        narrowed = _FILTERS.get(chosen, _FILTERS["all"])[1]
        page = keyset(rows.filter(**narrowed), request.GET, order=("-occurred_on", "-id"))
        table = shown.line_table(page.rows, _("Lines"), "portal:earning") if page.rows else None
        context = {
            "heading": _("Earnings"),
            "lead": _("The next payout is made after %s.") % date_format(Period.of(self.at.date()).end, "j F"),
            "sums": shown.sums(standing),
            "kept": standing.sums("kept"),
            "owing": standing.sums("owing"),
            "next_release": standing.next_release,
            "waits": partner.unvetted_since is not None,
            "table": table,
            "pager": Pager(len(page.rows), newer=page.newer, older=page.older),
            "filters": [(key, label, f"?show={key}") for key, (label, _n) in _FILTERS.items()],
            "chosen": chosen if chosen in _FILTERS else "all",
            "months": queries.months(self.actor, partner, self.at),
            "books": queries.books(self.actor, partner, self.at),
            "bank": shown.bank_facts(details),
            "may_edit": self.actor.can("bank.edit"),
        }
        return self.show("earnings/page.html", context)


class WaysPage(Page):
    """By which rules the reader's company earns, and how the other types do."""

    def get(self, request):
        return self.show("earnings/ways.html", {
            "heading": _("How you earn"),
            "crumbs": crumbs() if self.actor.can("earnings.read") else [],
            "lead": _("The rules in force today. A deal keeps those of the day it was registered or won."),
            "ways": ways(self.actor, company(self.actor), local_day(self.at)),
        })  # fmt: skip


class LinePage(ActionPage):
    """One line with its arithmetic, and the way to dispute it."""

    permission = "earnings.read"
    workflow = LINE
    actions = {
        "dispute": Action(services.dispute, forms.DisputeForm, gettext_lazy("Sent. We answer within 15 days.")),
    }

    def subject(self) -> EarningLine:
        return one_or_404(queries.lines(self.actor), reference=self.kwargs["reference"])

    def page(self, line: EarningLine, status: int = 200, bound=None) -> HttpResponse:
        menu = {c.step.name: c for c in LINE.menu(line, by=self.actor, at=self.at)}
        form = (bound or {}).get("dispute")
        context = {
            "heading": statements.about(line),
            "crumbs": crumbs(),
            "lead": line.reference,
            "line": line,
            "status": shown.line_tag(line),
            "worth": shown.worth(line),
            "facts": shown.line_facts(line),
            "steps": arithmetic(line.arithmetic),
            "disputes": list(queries.disputes(self.actor).filter(line=line).order_by("-asked_at")),
            "dispute": menu.get("dispute"),
            "form": form or (forms.DisputeForm() if "dispute" in menu else None),
            "opened": bool(form),
        }
        return self.show("earnings/line.html", context, status)

    def after(self, line: EarningLine) -> str:
        return reverse("portal:earning", args=[line.reference])


def period_of(word: str) -> Period:
    """The month of an address; Http404 for anything else."""
    form = forms.PeriodForm({"period": word})
    if not form.is_valid():
        raise Http404
    return form.particulars()


def bookkeeper(actor, words: str | None) -> Partner:
    """Whose statement is asked for: one's company, or `?of=` one that became part of it."""
    own = company(actor)
    return one_or_404(queries.parts(actor, own), reference=words) if words else own


class StatementPage(Page):
    """The statement of a month."""

    permission = "earnings.read"

    def get(self, request, period: str):
        of = request.GET.get("of")
        found = statements.statement(self.actor, bookkeeper(self.actor, of), period_of(period))
        query = {"of": of} if of else None
        files = {kind: reverse("portal:statement_file", args=[period, kind], query=query) for kind in ("csv", "pdf")}
        return self.show("earnings/statement.html", {
            "heading": _("Statement for %s") % found.period,
            "crumbs": crumbs(),
            "lead": f"{found.partner.name} · {found.number}" if of else found.number,
            "accounts": [(account, statements.sections(account)) for account in found.accounts],
            **files,
        })  # fmt: skip


class StatementFile(Page):
    """The same as a file."""

    permission = "earnings.read"
    actions = ("csv", "pdf")  # what may stand in the address

    def get(self, request, period: str, verb: str):
        whose = bookkeeper(self.actor, request.GET.get("of"))
        return statement_file(statements.statement(self.actor, whose, period_of(period)), verb, self.at)


def statement_file(found: statements.Statement, verb: str, at) -> HttpResponse:
    """A statement as CSV or PDF; Http404 for another kind."""
    if verb not in StatementFile.actions:
        raise Http404
    body = statements.as_csv(found) if verb == "csv" else statements.as_pdf(found, at)
    return attachment(body, f"statement-{found.number}.{verb}")


def attachment(body: str | bytes, name: str) -> HttpResponse:
    kind = "application/pdf" if name.endswith(".pdf") else "text/csv; charset=utf-8"
    return HttpResponse(body, kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


class BankPage(ActionPage):
    """Where the money goes: masked, and changed with one's password."""

    permission = "earnings.read"
    actions = {
        "save": Action(
            payouts.set_bank_details, forms.BankForm, gettext_lazy("Saved. All your admins are told by mail.")
        ),
    }

    def subject(self) -> Partner:
        return company(self.actor)

    def bind(self, action, subject):
        self.actor.require("bank.edit")
        return forms.BankForm(self.request.POST, user=self.request.user)

    def page(self, partner: Partner, status: int = 200, bound=None) -> HttpResponse:
        details = queries.bank_details(self.actor, partner)
        initial = {"holder": partner.legal_name or partner.name, "country": partner.country}
        form = (bound or {}).get("save") or forms.BankForm(user=self.request.user, initial=initial)
        context = {
            "heading": _("Bank details"),
            "crumbs": crumbs(),
            "facts": shown.bank_facts(details),
            "form": form if self.actor.can("bank.edit") else None,
            "missing": details is None,
        }
        return self.show("earnings/bank.html", context, status)

    def after(self, subject) -> str:
        return reverse("portal:earnings")
