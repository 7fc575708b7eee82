"""Paying what is owed: the run, the second person's yes, the bank's answers, and what stands at a month's end."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.calendar import end_of_local_day
from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.errors import Forbidden, Refused, Stale
from core.files.sheets import sheet
from core.money import Money
from core.parts import Column, Crumb, Fact, Row, Table
from mdf import money, services
from mdf.admin import payment_forms, queries, standing, words
from mdf.admin.pages import FundPage, chips, crumbs, why_not
from mdf.enums import PaymentStatus
from mdf.models import Claim, Payment
from mdf.particulars import Order
from mdf.workflow import PAYMENT

SHOWN = 200
_UNDER_WAY = (PaymentStatus.ORDERED, PaymentStatus.SENT)


class Payments(ConsoleActionPage):
    """What is payable and what is under way; the run, the bank's file, the books at the end of a day."""

    permission = "mdf.pay"
    actions = {
        "run": Action(services.payments.order, payment_forms.Run),
        "reconcile": Action(services.payments.settle, payment_forms.Reconciliation),
    }

    def subject(self) -> list[Claim]:
        return list(queries.payable(self.actor)[:SHOWN])

    def bind(self, action: Action, subject: list[Claim]) -> Any:
        if action.form is payment_forms.Run:
            return payment_forms.Run(self.request.POST, claims=[claim.reference for claim in subject])
        return super().bind(action, subject)

    def run(self, action: Action, subject: list[Claim], form: Any) -> None:
        if isinstance(form, payment_forms.Run):
            self._order(subject, form)
        else:
            self._reconcile(form.particulars())

    def _order(self, claims: list[Claim], form: payment_forms.Run) -> None:
        """Each claim by itself: what is refused stays, and is told."""
        picked = [claim for claim in claims if claim.reference in form.cleaned_data["pick"]]
        owed = money.balances(money.CLAIMED, [claim.pk for claim in picked])
        done = []
        for claim in picked:
            order = Order(owed.get(claim.pk, standing.ZERO), f"{form.cleaned_data['reference']} {claim.reference}")
            done.append(self._each(claim.reference, services.payments.order, claim, order))
        _told(self.request, sum(done), _("Ordered: %d."))

    def _reconcile(self, answers: list[payment_forms.Answer]) -> None:
        """Each row by itself; what is settled already stays as it is."""
        known = self._named()
        done = []
        for answer in answers:
            payment, name = known.get(answer.reference.casefold()), _("Line %d") % answer.line
            if payment is None or answer.amount not in (None, payment.amount):
                messages.error(self.request, f"{name}: {_not_taken_in(answer, payment)}")
                continue
            service = services.payments.fail if answer.outcome.failure else services.payments.settle
            done.append(self._each(name, service, payment, answer.outcome))
        _told(self.request, sum(done), _("Reconciled: %d."))

    def _named(self) -> dict[str, Payment]:
        """Our number or the bank's reference → the payment that was sent under it; a name of two is none's."""
        found: dict[str, Payment | None] = {}
        for payment in queries.payments(self.actor).filter(status=PaymentStatus.SENT):
            for name in {payment.reference.casefold(), payment.bank_reference.casefold()}:
                found[name] = None if name in found else payment
        return {name: payment for name, payment in found.items() if payment}

    def _each(self, name: str, service: Any, subject: Any, particulars: Any) -> bool:
        try:
            with transaction.atomic():
                service(subject, particulars, by=self.actor, at=self.at)
        except (Refused, Forbidden, Stale) as refusal:
            messages.error(self.request, f"{name}: {refusal.reason}")
            return False
        return True

    def page(self, claims: list[Claim], status: int = 200, bound: Mapping[str, Any] | None = None) -> HttpResponse:
        bound = bound or {}
        day = _day(self.request.GET, self.at)
        under_way = list(
            queries.payments(self.actor).filter(status__in=_UNDER_WAY).order_by("ordered_at", "id")[:SHOWN]
        )
        context = {
            "heading": _("Payments"),
            "lead": _("What is owed to partners for approved claims."),
            "chips": chips(self.actor, "mdf_payments"),
            "payable": _payable(claims) if claims else None,
            "run": bound.get("run") or payment_forms.Run(claims=[]),
            "under_way": _under_way(under_way) if under_way else None,
            "reconcile": bound.get("reconcile") or payment_forms.Reconciliation(),
            "as_of": payment_forms.AsOf({"on": day.isoformat()}),
            "books": _books(self.actor, day),
            "form": next(iter(bound.values()), None),
        }
        return self.show("mdf/console/payments.html", context, status)

    def after(self, subject: Any) -> str:
        return reverse("admin:mdf_payments")


def _told(request: Any, n: int, said: str) -> None:
    if n:
        messages.success(request, said % n)


def _day(params: Mapping[str, str], at: datetime) -> date:
    """The day whose end the books show: the last one of the month before, unless another is asked for."""
    form = payment_forms.AsOf(params)
    wanted = form.cleaned_data["on"] if form.is_valid() else None
    return wanted or at.date().replace(day=1) - timedelta(days=1)


def _payable(claims: list[Claim]) -> Table:
    owed = money.balances(money.CLAIMED, [claim.pk for claim in claims])
    columns = (
        Column(_("Claim")), Column(_("Partner")), Column(_("For")), Column(_("Pay until"), "when"),
        Column(_("Owed"), "num"),
    )  # fmt: skip
    rows = [
        Row(
            (
                claim.reference, claim.partner.name, claim.activity.title, claim.pay_by,
                Money(owed.get(claim.pk, standing.ZERO), claim.currency),
            ),
            claim.get_console_url(), claim.reference,
        )
        for claim in claims
    ]  # fmt: skip
    return Table(_("Payable claims"), columns, rows)


def _under_way(payments: list[Payment]) -> Table:
    columns = (
        Column(_("Payment")), Column(_("Status"), "tag"), Column(_("Partner")), Column(_("Reference")),
        Column(_("Ordered by")), Column(_("Amount"), "num"),
    )  # fmt: skip
    rows = [
        Row(
            (
                one.reference, words.status_tag(one), one.partner.name, one.bank_reference, str(one.ordered_by or ""),
                Money(one.amount, one.currency),
            ),
            reverse("admin:mdf_payment", args=[one.reference]),
        )
        for one in payments
    ]  # fmt: skip
    return Table(_("Payments under way"), columns, rows)


def _books(actor: Any, day: date) -> Table | None:
    columns = (Column(_("Currency")), Column(_("Reserved"), "num"), Column(_("Payable"), "num"))
    found = standing.stood(actor, end_of_local_day(day, "UTC"))
    rows = [
        Row((one["currency"], Money(one["reserved"], one["currency"]), Money(one["payable"], one["currency"])))
        for one in found
    ]
    return Table(_("What stands at the end of the day"), columns, rows) if rows else None


class PaymentsFile(ConsolePage):
    """What was sent and waits for the bank's answer, as a file."""

    permission = "mdf.pay"

    def get(self, request):
        head = ("payment", "claim", "partner", "partner_number", "amount", "currency", "method", "reference", "sent_at",
                "paid_on", "failure")  # fmt: skip
        sent = queries.payments(self.actor).filter(status=PaymentStatus.SENT).order_by("released_at", "id")
        rows = (
            (one.reference, one.claim.reference, one.partner.name, one.partner.reference, one.amount, one.currency,
             one.method, one.bank_reference, one.released_at, "", "")
            for one in sent
        )  # fmt: skip
        name = f'attachment; filename="market-fund-payments-{self.at:%Y-%m-%d}.csv"'
        return HttpResponse(sheet(head, rows), "text/csv; charset=utf-8", headers={"Content-Disposition": name})


def _not_taken_in(answer: payment_forms.Answer, payment: Payment | None) -> str:
    if payment is None:
        return _("no such payment waits for the bank's answer.")
    told = {"told": answer.amount, "sent": payment.amount}
    return _("the bank says %(told)s, we sent %(sent)s. Ask the bank; nothing was noted.") % told


class PaymentPage(FundPage):
    """One instalment: the second person's yes, and what became of it."""

    workflow = PAYMENT
    permission = "mdf.pay"
    actions = {
        "release": Action(services.payments.release, None, gettext_lazy("Sent.")),
        "settle": Action(services.payments.settle, payment_forms.Settled, gettext_lazy("It arrived.")),
        "fail": Action(services.payments.fail, payment_forms.Failed, gettext_lazy("Noted. The money is owed again.")),
    }

    def subject(self) -> Payment:
        return one_or_404(queries.payments(self.actor), reference=self.kwargs["reference"])

    def page(self, payment: Payment, status: int = 200, bound: Mapping[str, Any] | None = None) -> HttpResponse:
        bound = bound or {}
        menu = {c.step.name: c for c in PAYMENT.menu(payment, by=self.actor, at=self.at)}
        claim = payment.claim
        context = {
            "heading": payment.reference,
            "crumbs": crumbs(Crumb(_("Payments"), reverse("admin:mdf_payments"))),
            "lead": f"{payment.partner} · {claim.activity.title}",
            "status": words.status_tag(payment),
            "payment": payment,
            "facts": _facts(payment),
            "menu": menu,
            "not_you": why_not(services.payments.refuse_orderer, payment, self.actor) if "release" in menu else "",
            "forms": {name: self.offered(name, payment, menu, bound) for name in ("settle", "fail")},
            "opened": next(iter(bound), ""),
            "form": next(iter(bound.values()), None),
        }
        return self.show("mdf/console/payment.html", context, status)

    def after(self, payment: Payment) -> str:
        return reverse("admin:mdf_payments")


def _facts(payment: Payment) -> list[Fact]:
    two = _("Two people send it: it is above the program's limit.")
    found = [
        Fact(_("Amount"), Money(payment.amount, payment.currency)),
        Fact(_("Claim"), payment.claim.reference, payment.claim.get_console_url()),
        Fact(_("Partner"), payment.partner.name, payment.partner.get_console_url()),
        Fact(_("How"), payment.get_method_display()),
        Fact(_("Reference"), payment.bank_reference),
        Fact(_("Ordered"), payment.ordered_at, hint=str(payment.ordered_by or "")),
        Fact(_("Sent"), payment.released_at, hint=str(payment.released_by or "")),
        Fact(_("Arrived"), payment.settled_on),
        Fact(_("What went wrong"), payment.failure),
        Fact(_("Limit"), two if services.payments.needs_two(payment) else None),
    ]
    return [fact for fact in found if fact.value not in (None, "")]
