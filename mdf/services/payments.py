"""Paying what is owed: in instalments, each by finance with a reference, from a limit on by two people."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import ledger
from core.actor import SYSTEM, Actor
from core.errors import Forbidden, Refused
from core.events import record
from core.money import Money
from mdf import money, rules
from mdf.enums import ClaimStatus, PaymentStatus
from mdf.models import Claim, Payment
from mdf.particulars import Order, Outcome, Words
from mdf.services import hands, holding
from mdf.services.executing import close_if_done
from mdf.services.sums import home_of
from mdf.workflow import CLAIM, PAYMENT


@transaction.atomic
def order(claim: Claim, wanted: Order, *, by: Actor, at: datetime) -> Payment:
    """Orders an instalment; below the limit it is sent at once. Raises Overdrawn beyond what is owed, Stale for who
    read the claim before the instalment of another.
    """
    by.require("mdf.pay")
    holding.unmoved(claim)
    _refuse(claim, wanted, by, at)
    amount = Money(wanted.amount, claim.currency)
    legs = ledger.move(money.claimed(claim), money.ordered(claim), amount)
    payment = Payment.objects.create(
        claim=claim, partner_id=claim.partner_id, amount=wanted.amount, currency=claim.currency,
        method=wanted.method or claim.activity.request.fund_terms.settled_by, bank_reference=wanted.reference,
        ordered_by_id=hands.person(by), ordered_at=at,
    )  # fmt: skip
    told = {"claim": claim.public_id, "amount": str(wanted.amount), "currency": claim.currency}
    event = record("ordered", payment, by=by, at=at, partner_id=claim.partner_id, data=told | ledger.told(legs))
    ledger.post(event, legs)
    holding.touch(claim)
    if not needs_two(payment):
        _send(payment, by=by, at=at)
        claim.refresh_from_db()
    return payment


def _refuse(claim: Claim, wanted: Order, by: Actor, at: datetime) -> None:
    if claim.status != ClaimStatus.PAYABLE:
        raise Refused(_("Nothing is to be paid for this claim now."), code="illegal_transition")
    if wanted.amount <= 0:
        raise Refused(_("Enter an amount above 0."), field="amount")
    if why := rules.results_missing(claim, at):
        raise Refused(why, code="rule")
    if not wanted.reference.strip():
        raise Refused(_("Enter the reference that stands on the payment."), field="reference")
    refuse_decider(claim, by)


def refuse_decider(claim: Claim, by: Actor) -> None:
    """Who decided a claim, or wrote it for the partner, does not pay it."""
    if hands.same(claim.decided_by_id, by) or (by.kind == "vendor" and by.id == claim.created_by_id):
        raise Forbidden(_("You decided this claim. Another person pays it."), code="four_eyes_required")


def needs_two(payment: Payment) -> bool:
    """Whether the payment's amount takes a second person."""
    limit = payment.claim.activity.request.fund_terms.two_payers_from
    return limit is not None and payment.amount >= limit


@transaction.atomic
def release(payment: Payment, *, by: Actor, at: datetime) -> Payment:
    """The second person's yes."""
    by.require("mdf.pay")
    refuse_orderer(payment, by)
    return _send(payment, by=by, at=at, released_by_id=hands.person(by))


def refuse_orderer(payment: Payment, by: Actor) -> None:
    """Who ordered a payment that takes two people does not send it."""
    if payment.status == PaymentStatus.ORDERED and hands.same(payment.ordered_by_id, by):
        raise Forbidden(_("You ordered this payment. Another person sends it."), code="four_eyes_required")


def _send(payment: Payment, *, by: Actor, at: datetime, **more: Any) -> Payment:
    """Out it goes: the money counts as paid; the claim is paid once nothing of it is owed."""
    claim = holding.claim(payment.claim_id)
    legs = ledger.move(money.ordered(claim), money.paid(claim), _amount(payment))
    event = PAYMENT.fire(payment, "release", by=by, at=at, released_at=at, data=ledger.told(legs), **more)
    ledger.post(event, legs)
    holding.touch(claim)
    if not money.balance(money.CLAIMED, claim) and not money.balance(money.ORDERED, claim):
        CLAIM.fire(claim, "settle", by=SYSTEM, at=at, data={"amount": str(claim.approved_amount)})
        close_if_done(claim.activity.request, at=at)
    return payment


def _amount(payment: Payment) -> Money:
    return Money(payment.amount, payment.currency)


@transaction.atomic
def settle(payment: Payment, outcome: Outcome, *, by: Actor, at: datetime) -> Payment:
    """The bank's word that it arrived; the claim is reconciled with its last instalment."""
    claim = holding.claim(payment.claim_id)
    PAYMENT.fire(payment, "settle", by=by, at=at, settled_on=outcome.on or at.date())
    holding.touch(claim)
    under_way = claim.payments.filter(status__in=(PaymentStatus.ORDERED, PaymentStatus.SENT)).exists()
    if claim.status == ClaimStatus.PAID and not under_way:
        CLAIM.fire(claim, "reconcile", by=by, at=at)
    return payment


@transaction.atomic
def fail(payment: Payment, outcome: Outcome, *, by: Actor, at: datetime) -> Payment:
    """It came back: what it held is owed again."""
    if not outcome.failure:
        raise Refused(_("Say what went wrong."), field="failure")
    claim = holding.claim(payment.claim_id)
    account = money.ordered(claim) if payment.status == PaymentStatus.ORDERED else money.paid(claim)
    legs = ledger.move(account, money.claimed(claim), _amount(payment))
    told = {"text": outcome.failure} | ledger.told(legs)
    event = PAYMENT.fire(payment, "fail", by=by, at=at, failure=outcome.failure, data=told)
    ledger.post(event, legs)
    holding.touch(claim)
    if claim.status == ClaimStatus.PAID:
        CLAIM.fire(claim, "fail", by=SYSTEM, at=at)
    return payment


@transaction.atomic
def claw_back(claim: Claim, words: Words, *, by: Actor, at: datetime) -> Claim:
    """What was paid is taken back to the partner's funds: with a reason, by somebody who did not decide the claim."""
    by.require("mdf.pay")
    if not words.text:
        raise Refused(_("Say why. The partner reads it."), field="text")
    if hands.same(claim.decided_by_id, by):
        raise Forbidden(_("You decided this claim. Another person takes it back."), code="four_eyes_required")
    held = holding.claim(claim.pk)
    CLAIM.check(claim, "claw_back", by=by, at=at)
    back = money.balance(money.PAID, claim)
    legs = ledger.move(money.paid(claim), home_of(held.activity.request, at), back)
    told = {"text": words.text, "amount": str(back.amount), "currency": back.currency} | ledger.told(legs)
    event = CLAIM.fire(claim, "claw_back", by=by, at=at, data=told)
    ledger.post(event, legs)
    return claim
