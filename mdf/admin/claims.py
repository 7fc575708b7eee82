"""The decision page of one claim, and the list of claims."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsolePage
from core.doors import Action, one_or_404
from core.money import Money
from core.paging import keyset
from core.parts import Column, Crumb, Fact, Pager, Row, Table
from mdf import money, rules, services, shown
from mdf.admin import cards, claim_forms, claim_words, forms, payment_forms, words
from mdf.admin.filters import ClaimFilters, narrowed_claims
from mdf.admin.pages import FundPage, chips, crumbs, why_not
from mdf.enums import ClaimStatus
from mdf.models import Claim, InvoiceLine, Proof
from mdf.queries import own
from mdf.services import accepted
from mdf.workflow import CLAIM

_OWED = (ClaimStatus.PAYABLE, ClaimStatus.PAID, ClaimStatus.RECONCILED, ClaimStatus.CLAWED_BACK)


class Claims(ConsolePage):
    """Every claim, the newest first."""

    def get(self, request):
        filters = ClaimFilters(request.GET)
        chosen = filters.chosen()
        rows = narrowed_claims(self.actor, chosen)
        page = keyset(rows, request.GET, order=("-created_at", "-id"))
        context = {
            "heading": _("Claims"),
            "lead": _("What partners spent and ask to be paid back."),
            "chips": chips(self.actor, "mdf_claims"),
            "filters": filters,
            "active": len(chosen),
            "table": self._table(page, rows.count()) if page.rows else None,
        }
        return self.show("mdf/console/claims.html", context)

    def _table(self, page, total: int) -> Table:
        columns = (
            Column(_("Claim")), Column(_("For")), Column(_("Partner")), Column(_("Status"), "tag"),
            Column(_("Claimed"), "num"), Column(_("Approved"), "num"), Column(_("Due"), "when"),
        )  # fmt: skip
        pager = Pager(len(page.rows), total, page.newer, page.older)
        return Table(_("Claims"), columns, [_row(one) for one in page.rows], pager=pager)


def _row(claim: Claim) -> Row:
    given = None if claim.approved_amount is None else Money(claim.approved_amount, claim.currency)
    return Row(
        (
            claim.reference, claim.activity.title, claim.partner.name, words.status_tag(claim),
            Money(claim.amount, claim.currency), given, claim.due_at,
        ),
        claim.get_console_url(), claim.reference,
    )  # fmt: skip


def payable(claim: Claim, form: claim_forms.Looks | None) -> rules.Payable:
    """The arithmetic as it stands, with what is ticked on the page."""
    now = services.claims.payable_of(claim, claim.activity)
    if form is None:
        return now
    cost = rules.within_lines(form.costs(), accepted.room(claim, claim.activity))
    return replace(now, accepted_cost=Money(cost, claim.currency))


class PayableNow(ConsolePage):
    """The arithmetic for what is ticked and not sent yet: a piece of the claim's page."""

    def post(self, request, reference: str):
        rows = own.claims(self.actor).prefetch_related("proofs", "invoice_lines")
        claim = one_or_404(rows, reference=reference)
        form = claim_forms.Looks(request.POST, subject=claim) if claim.status == ClaimStatus.IN_REVIEW else None
        return self.show("mdf/console/_payable.html", {"sum": claim_words.payable_facts(payable(claim, form))})


class ClaimPage(FundPage):
    """One claim: each proof and each invoice accepted or not, then the decision (A, Q, D)."""

    workflow = CLAIM
    actions = {
        "look": Action(
            services.claims.look, claim_forms.Looks, gettext_lazy("Noted. Nothing is decided yet."), step=""
        ),
        "approve": Action(services.claims.approve, claim_forms.ApproveClaim, gettext_lazy("Approved. It can be paid.")),
        "ask": Action(services.claims.ask, forms.Question, gettext_lazy("Question sent.")),
        "reject": Action(
            services.claims.reject, forms.Reason, gettext_lazy("Declined. The partner may send it again.")
        ),
        "order": Action(services.payments.order, payment_forms.Instalment, gettext_lazy("Ordered."), step=""),
        "claw_back": Action(
            services.payments.claw_back, forms.Reason, gettext_lazy("Taken back to the partner's funds.")
        ),
    }  # fmt: skip

    def subject(self) -> Claim:
        rows = own.claims(self.actor).prefetch_related("proofs", "invoice_lines__budget_line", "payments")
        return one_or_404(rows, reference=self.kwargs["reference"])

    def page(self, claim: Claim, status: int = 200, bound: Mapping[str, Any] | None = None) -> HttpResponse:
        bound = bound or {}
        menu = {c.step.name: c for c in CLAIM.menu(claim, by=self.actor, at=self.at)}
        request = claim.activity.request
        looking = bound.get("look") or self.offered("approve", claim, menu, bound)
        context = {
            "heading": _("Claim for %s") % claim.activity.title,
            "crumbs": crumbs(Crumb(str(request), request.get_console_url())),
            "lead": f"{claim.reference} · {claim.partner} · {request.membership.program}",
            "status": words.status_tag(claim),
            "claim": claim,
            "clock": words.clock(claim, self.at),
            "declined": claim.status == ClaimStatus.REJECTED,
            "facts": claim_words.facts(claim),
            "proofs": [self._shown(row, looking) for row in claim.proofs.all()],
            "invoices": [self._shown(row, looking) for row in claim.invoice_lines.all()],
            "sum": self._sum(claim, looking),
            "timeline": shown.moments(own.story(self.actor, [claim.pk])),
            "menu": menu,
            "not_you": why_not(services.claims.refuse_own, claim, self.actor) if "approve" in menu else "",
            "opened": next(iter(bound), ""),
            "form": next(iter(bound.values()), None),
            "approving": looking,
            "forms": {name: self.offered(name, claim, menu, bound) for name in ("ask", "reject", "claw_back")},
            "paying": self._paying(claim, bound),
        }
        return self.show("mdf/console/claim.html", context, status)

    def _shown(self, row: Proof | InvoiceLine, form: claim_forms.Looks | None) -> dict[str, Any]:
        look, why = form.of(row) if form else (None, None)
        facts = claim_words.invoice_facts(row) if isinstance(row, InvoiceLine) else claim_words.proof_facts(row)
        return {"row": row, "title": claim_words.title(row), "facts": facts, "look": look, "why": why,
                "tag": shown.proof_tag(row)}  # fmt: skip

    def _sum(self, claim: Claim, form: claim_forms.Looks | None) -> list[Fact]:
        decided = claim.arithmetic and claim.status in _OWED
        return claim_words.payable_facts(rules.Payable.of_data(claim.arithmetic) if decided else payable(claim, form))

    def _paying(self, claim: Claim, bound: Mapping[str, Any]) -> dict[str, Any] | None:
        """What is owed, ordered and paid, and the form of the next instalment for who pays."""
        if claim.status not in _OWED:
            return None
        kinds = ((money.CLAIMED, _("Owed")), (money.ORDERED, _("Ordered")), (money.PAID, _("Paid")))
        sums = [Fact(label, money.balance(kind, claim)) for kind, label in kinds]
        return {"facts": sums, "table": claim_words.payments_table(claim), **self._order(claim, sums[0].value, bound)}

    def _order(self, claim: Claim, owed: Money, bound: Mapping[str, Any]) -> dict[str, Any]:
        if claim.status != ClaimStatus.PAYABLE or not owed or not self.actor.can("mdf.pay"):
            return {}
        fresh = payment_forms.Instalment(subject=claim, initial={"amount": f"{owed.amount:.2f}"}, auto_id="id_order_%s")
        return {
            "order": bound.get("order") or fresh,
            "not_payer": why_not(services.payments.refuse_decider, claim, self.actor),
        }

    def after(self, claim: Claim) -> str:
        """To the next claim that waits; here where this one still does."""
        if self.kwargs.get("verb") in ("look", "order", "claw_back"):
            return claim.get_console_url()
        waiting = cards.claims(self.actor, None, self.at)
        return waiting.items[0].url if waiting and waiting.items else reverse("admin:index")
