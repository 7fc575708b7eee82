"""The console's pages about what one partner earns: lines, statements, bank details."""

from django.db.models import Q
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.paging import keyset
from core.parts import Crumb, Pager
from earnings import forms, queries, shown, statements
from earnings.portal import period_of, statement_file
from earnings.services import payouts
from earnings.words import arithmetic, rule_words
from partners.enums import PartnerType
from partners.models import Partner
from partners.queries import companies


def one_partner(actor, reference: str) -> Partner:
    return one_or_404(companies(actor), reference=reference)


def bookkeeper(actor, reference: str) -> Partner:
    """A partner, or a company that became part of one: its statements stay as they were."""
    rows = Partner.objects.visible_to(actor).filter(Q(deleted_at=None) | Q(merged_into__isnull=False))
    return one_or_404(rows.select_related("merged_into"), reference=reference)


class PartnerEarnings(ConsolePage):
    """Everything one partner earned, and its statements."""

    permission = "earnings.read"

    def get(self, request, reference: str):
        partner = one_partner(self.actor, reference)
        page = keyset(queries.lines(self.actor, partner), request.GET, order=("-occurred_on", "-id"), size=50)
        latest = list(queries.payouts(self.actor, partner).order_by("-created_at", "-id")[:12])
        return self.show("earnings/partner.html", {
            "heading": _("Earnings of %s") % partner,
            "crumbs": [Crumb(partner.name, partner.get_console_url())],
            "partner": partner,
            "table": shown.line_table(page.rows, _("Lines"), "admin:earning") if page.rows else None,
            "pager": Pager(len(page.rows), newer=page.newer, older=page.older),
            "payouts": shown.payout_table(latest, _("Payouts"), lead="run") if latest else None,
            "months": queries.months(self.actor, partner, self.at),
            "books": queries.books(self.actor, partner, self.at),
        })  # fmt: skip


class LineView(ConsolePage):
    """One line with its arithmetic, as its partner sees it."""

    permission = "earnings.read"

    def get(self, request, reference: str):
        line = one_or_404(queries.lines(self.actor), reference=reference)
        return self.show("earnings/line_console.html", {
            "heading": statements.about(line),
            "crumbs": [Crumb(line.partner.name, reverse("admin:partner_earnings", args=[line.partner.reference]))],
            "lead": f"{line.partner.name} · {line.reference}",
            "status": shown.line_tag(line),
            "worth": shown.worth(line),
            "facts": shown.line_facts(line),
            "steps": arithmetic(line.arithmetic),
        })  # fmt: skip


class Types(ConsolePage):
    """What each type of partner earns by which rules, and the latest line that came of them."""

    permission = "earnings.read"

    def get(self, request):
        rules, latest = queries.rules_now(self.actor, self.at.date()), queries.latest_by_type(self.actor)
        back = queries.latest_taken_back(self.actor)
        return self.show("earnings/types.html", {
            "heading": _("What partners earn"),
            "lead": _("By type: the rules in force, and the latest line with its sum."),
            "types": [
                {"label": label, "rules": [(str(rule), rule_words(rule)) for rule in rules.get(kind, ())],
                 "line": shown.told(latest[kind]) if kind in latest else None}
                for kind, label in PartnerType.choices
            ],
            "back": shown.told(back) if back else None,
        })  # fmt: skip


class PartnerStatement(ConsolePage):
    permission = "earnings.read"

    def get(self, request, reference: str, period: str):
        partner = bookkeeper(self.actor, reference)
        found = statements.statement(self.actor, partner, period_of(period))
        files = {
            kind: reverse("admin:partner_statement_file", args=[reference, period, kind]) for kind in ("csv", "pdf")
        }
        return self.show("earnings/statement.html", {
            "heading": _("Statement for %s") % found.period,
            "crumbs": [Crumb((partner.merged_into or partner).name, partner.get_console_url())],
            "lead": f"{partner.name} · {found.number}",
            "accounts": [(account, statements.sections(account)) for account in found.accounts],
            **files,
        })  # fmt: skip


class PartnerStatementFile(ConsolePage):
    permission = "earnings.read"
    actions = ("csv", "pdf")  # what may stand in the address

    def get(self, request, reference: str, period: str, verb: str):
        found = statements.statement(self.actor, bookkeeper(self.actor, reference), period_of(period))
        return statement_file(found, verb, self.at)


class PartnerBank(ConsoleActionPage):
    """Finance enters a partner's bank details; the partner's admins are told."""

    permission = "bank.edit"
    actions = {
        "save": Action(payouts.set_bank_details, forms.BankForm, gettext_lazy("Saved. The partner's admins are told.")),
    }

    def subject(self) -> Partner:
        return one_partner(self.actor, self.kwargs["reference"])

    def bind(self, action, subject):
        return forms.BankForm(self.request.POST, user=self.request.user)

    def page(self, partner: Partner, status: int = 200, bound=None) -> HttpResponse:
        details = queries.bank_details(self.actor, partner)
        initial = {"holder": partner.legal_name or partner.name, "country": partner.country}
        return self.show("earnings/bank.html", {
            "heading": _("Bank details of %s") % partner,
            "crumbs": [Crumb(partner.name, partner.get_console_url())],
            "facts": shown.bank_facts(details),
            "form": (bound or {}).get("save") or forms.BankForm(user=self.request.user, initial=initial),
            "missing": details is None,
            "action": reverse("admin:partner_bank_verb", args=[partner.reference, "save"]),
        }, status)  # fmt: skip

    def after(self, partner: Partner) -> str:
        return partner.get_console_url()


_PARTNER = "partners/<str:reference>/earnings/"
partner_patterns = [
    path("earnings/lines/<str:reference>/", LineView.as_view(), name="earning"),
    path("earnings/types/", Types.as_view(), name="earning_types"),
    path(_PARTNER, PartnerEarnings.as_view(), name="partner_earnings"),
    path(f"{_PARTNER}bank/", PartnerBank.as_view(), name="partner_bank"),
    path(f"{_PARTNER}bank/<slug:verb>/", PartnerBank.as_view(), name="partner_bank_verb"),
    path(f"{_PARTNER}statements/<str:period>/", PartnerStatement.as_view(), name="partner_statement"),
    path(f"{_PARTNER}statements/<str:period>/<slug:verb>/", PartnerStatementFile.as_view(),
         name="partner_statement_file"),
]  # fmt: skip
