"""Balances of partners that wait to be paid, and the people who pay them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.actor import SYSTEM, Actor
from earnings.models import EarningTerms, Payout, PayoutRun
from earnings.particulars import Adjustment
from earnings.payout_particulars import Answer, BankAccount, Period
from earnings.services import adjust, payouts
from partners.actors import actor_for
from partners.models import Partner, Program
from tests.factories import NOW, MembershipFactory, PartnerFactory, ProgramFactory, StaffFactory

IN_OCTOBER = NOW.replace(month=10)
OCTOBER = Period(date(2026, 10, 1))
ACCOUNT = BankAccount("Acme Lda", "PT", "PT50 0002 0123 1234 5678 9015 4", "BCOMPTPL", "Millennium")


def finance(name: str = "Finn") -> Actor:
    return actor_for(StaffFactory(name=name, staff_role="finance"))


def payee(name: str = "Acme", *, bank: bool = True, program: Program | None = None) -> Partner:
    partner = PartnerFactory(name=name)
    MembershipFactory(partner=partner, program=program or ProgramFactory(), partner_type="referral")
    if bank:
        payouts.set_bank_details(partner, ACCOUNT, by=SYSTEM, at=NOW.replace(month=1))
    return partner


def owe(partner: Partner, amount: Any, currency: str = "USD", at: datetime = IN_OCTOBER):
    """An amount that is payable at once."""
    return adjust(Adjustment(partner, Decimal(amount), currency, "Agreed with the partner"), by=SYSTEM, at=at)


def terms(program: Program, **values) -> EarningTerms:
    return EarningTerms.objects.create(program=program, **values)


def made(by: Actor, period: Period = OCTOBER, at=NOW) -> PayoutRun:
    return payouts.prepare(period, by=by, at=at)


def approved(made_by: Actor, approver: Actor, at=NOW) -> PayoutRun:
    run = payouts.review(made(made_by, at=at), by=made_by, at=at)
    return payouts.approve(run, by=approver, at=at)


def sent(made_by: Actor, approver: Actor, at=NOW) -> PayoutRun:
    return payouts.send(approved(made_by, approver, at), by=approver, at=at)


def answered(run: PayoutRun, *, by: Actor, paid: bool = True, at=NOW) -> PayoutRun:
    """The bank says the same of every payout that it has."""
    answers = [
        Answer(one.reference, paid, f"B-{one.reference}", "" if paid else "Account closed")
        for one in run.payouts.filter(status="sent")
    ]
    return payouts.reconcile(run, answers, by=by, at=at)


def shown(run: PayoutRun) -> list[tuple[str, str, str, str]]:
    """(partner, amount, state, why it is carried) of each payout."""
    rows = Payout.objects.filter(run=run).order_by("partner__name", "currency")
    return [(p.partner.name, f"{p.amount:f} {p.currency}", p.status, p.carried) for p in rows.select_related("partner")]
