"""Payouts of the demo: bank details of most partners, and a run in every state."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from core.actor import SYSTEM, Actor
from core.errors import Refused
from core.models import Delivery, DeliveryState
from earnings.models import EarningLine, PayoutRun
from earnings.payout_particulars import Answer, BankAccount, Because, Period
from earnings.services import payouts
from partners.actors import actor_for
from partners.models import Partner

IBAN = {"PT": "PT50000201231234567890154", "DE": "DE89370400440532013000", "ES": "ES9121000418450200051332",
        "FR": "FR1420041010050500013M02606", "GB": "GB29NWBK60161331926819"}  # fmt: skip
ACCOUNT, ROUTING = "123456789", "021000021"
WITHOUT = 9  # every ninth partner has not said where its money goes
Stop = Callable[[PayoutRun, Actor, Actor, datetime], Any]


def pay(at: datetime) -> None:
    """The months before this one, each run as far as it came; the oldest are settled."""
    finn, olga = (actor_for(User.objects.get(email=f"{name}@northwind.example")) for name in ("finn", "olga"))
    _tell_accounts(at)
    month = Period.of(at.date())
    planned: list[tuple[Period, Stop]] = []
    stops: tuple[Stop, ...] = (_open, _reviewed, _approved, _sent, _failed, _settled, _settled, _cancelled)
    for stop in stops:
        month = Period.of(month.start - timedelta(days=1))
        planned.append((month, stop))
    for period, stop in reversed(planned):
        _run(period, stop, finn, olga, at)
    Delivery.objects.filter(state=DeliveryState.OPEN).delete()


def _tell_accounts(at: datetime) -> None:
    """Where the money goes, told when the partner's first earnings came into sight."""
    earning = EarningLine.objects.exclude(direction="retained").values("partner_id")
    for place, partner in enumerate(Partner.objects.filter(pk__in=earning).order_by("created_at", "pk")):
        if place % WITHOUT != WITHOUT - 1:
            iban = IBAN.get(partner.country)
            told = BankAccount(partner.name, partner.country or "US", iban or ACCOUNT, "" if iban else ROUTING)
            payouts.set_bank_details(partner, told, by=SYSTEM, at=at - timedelta(days=300))


def _run(period: Period, stop: Stop, finn: Actor, olga: Actor, at: datetime) -> None:
    day = period.end + timedelta(days=2)
    made = at.replace(year=day.year, month=day.month, day=day.day)
    try:
        run = payouts.prepare(period, by=finn, at=min(made, at))
    except Refused:
        return  # nothing was due
    stop(run, finn, olga, min(made, at))


def _open(run: PayoutRun, finn: Actor, olga: Actor, at: datetime) -> PayoutRun:
    return run


def _reviewed(run: PayoutRun, finn: Actor, olga: Actor, at: datetime) -> PayoutRun:
    return payouts.review(run, by=finn, at=at)


def _approved(run: PayoutRun, finn: Actor, olga: Actor, at: datetime) -> PayoutRun:
    return payouts.approve(_reviewed(run, finn, olga, at), by=olga, at=at)


def _sent(run: PayoutRun, finn: Actor, olga: Actor, at: datetime) -> PayoutRun:
    return payouts.send(_approved(run, finn, olga, at), by=olga, at=at)


def _answered(run: PayoutRun, finn: Actor, at: datetime, failing: int) -> PayoutRun:
    waiting = list(run.payouts.filter(status="sent").order_by("reference"))
    answers = [
        Answer(one.reference, place >= failing, f"NW{run.period_start:%y%m}-{place:03d}",
               "" if place >= failing else "The account is closed")
        for place, one in enumerate(waiting)
    ]  # fmt: skip
    return payouts.reconcile(run, answers, by=finn, at=at)


def _failed(run: PayoutRun, finn: Actor, olga: Actor, at: datetime) -> PayoutRun:
    return _answered(_sent(run, finn, olga, at), finn, at, 1)


def _settled(run: PayoutRun, finn: Actor, olga: Actor, at: datetime) -> PayoutRun:
    return _answered(_sent(run, finn, olga, at), finn, at, 0)


def _cancelled(run: PayoutRun, finn: Actor, olga: Actor, at: datetime) -> PayoutRun:
    payouts.cancel(run, Because("Made before the invoices of the month were in."), by=finn, at=at)
    return _settled(payouts.prepare(Period(run.period_start), by=finn, at=at), finn, olga, at)
