"""What the bank answers: a payout has arrived, or it came back. What arrives moves the ledger, once per payout."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core import ledger
from core.actor import Actor
from core.errors import Refused
from core.ledger import Leg
from core.models import LedgerAccount
from core.money import Money
from core.scope import elevated
from earnings.books import CASH, CLAIM, OWED
from earnings.enums import PayoutStatus, RunStatus
from earnings.models import Payout, PayoutRun
from earnings.payout_particulars import Answer
from earnings.services.payouts_moving import items_of, move_lines, move_payouts, write_answers
from earnings.workflow import RUN

SHOWN = 5
_SEEN_BY_PARTNER = (OWED, CLAIM)


@dataclass
class PayoutBooks:
    """The accounts that payouts move money between: all looked up, and opened where there are none, in two queries."""

    payouts: Sequence[Payout]
    known: dict[tuple[str, UUID, str], LedgerAccount] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wanted = {(kind, p.partner_id, p.currency) for p in self.payouts for kind in (OWED, CASH, CLAIM)}
        rows = LedgerAccount.objects.filter(owner_id__in={pk for _kind, pk, _c in wanted}, kind__in=(OWED, CASH, CLAIM))
        with elevated():
            self._read(rows)
            fresh = [self._new(*key) for key in sorted(wanted - set(self.known))]
            LedgerAccount.objects.bulk_create(fresh, ignore_conflicts=True)
            self._read(rows.all())

    def _read(self, rows: Iterable[LedgerAccount]) -> None:
        self.known |= {(one.kind, one.owner_id, one.currency): one for one in rows}

    @staticmethod
    def _new(kind: str, partner_id: UUID, currency: str) -> LedgerAccount:
        reader = partner_id if kind in _SEEN_BY_PARTNER else None
        return LedgerAccount(kind=kind, owner_id=partner_id, currency=currency, partner_id=reader)

    def legs(self, one: Payout) -> list[Leg]:
        """From what we owe to cash; the fees that are taken from it, from cash to what the partner owes."""
        owed, cash, claim = (self.known[kind, one.partner_id, one.currency] for kind in (OWED, CASH, CLAIM))
        paid = ledger.move(owed, cash, Money(one.owed, one.currency)) if one.owed else []
        taken = ledger.move(cash, claim, Money(one.fees, one.currency)) if one.fees else []
        return [*paid, *taken]


@transaction.atomic
def reconcile(run: PayoutRun, answers: Sequence[Answer], *, by: Actor, at: datetime) -> PayoutRun:
    """Takes the bank's answers in, all or none. The same answer again changes nothing; another one is refused."""
    by.require("payout.prepare")
    run = PayoutRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    if run.status not in (RunStatus.SENT, RunStatus.FAILED, RunStatus.SETTLED):
        raise Refused(_("The bank does not have this run yet. Send it first."), code="illegal_transition")
    fresh = _fresh(run, answers)
    if not fresh:
        return run
    _pay([(pk, answer.bank_reference) for pk, answer in fresh if answer.paid], by=by, at=at)
    _fail([(pk, answer) for pk, answer in fresh if not answer.paid], by=by, at=at)
    close_if_answered(run, by=by, at=at)
    return run


def _fresh(run: PayoutRun, answers: Sequence[Answer]) -> list[tuple[UUID, Answer]]:
    """The answers that tell something new. Raises Refused that names those that don't fit."""
    known = {ref: (pk, status) for pk, ref, status in run.payouts.values_list("pk", "reference", "status")}
    told = {answer.payout: answer for answer in answers}
    strange = [ref for ref in told if ref not in known]
    _refuse(strange, _("This run has no such payout: %s. Leave it out of the file."))
    _refuse([a.payout for a in answers if a != told[a.payout]], _("The file tells two things about %s. Keep one."))
    silent = [ref for ref, answer in told.items() if not answer.paid and not answer.failure]
    _refuse(silent, _("Say why the bank sent it back: %s."))
    same = {True: PayoutStatus.PAID, False: PayoutStatus.FAILED}
    fresh = {ref: answer for ref, answer in told.items() if known[ref][1] != same[answer.paid]}
    decided = [ref for ref in fresh if known[ref][1] != PayoutStatus.SENT]
    _refuse(decided, _("The bank has answered otherwise before, or never had it: %s. Leave it out of the file."))
    return [(known[ref][0], answer) for ref, answer in fresh.items()]


def _refuse(references: list[str], words: str) -> None:
    if references:
        raise Refused(words % ", ".join(references[:SHOWN]), field="file")


def _pay(paid: Collection[tuple[UUID, str]], *, by: Actor, at: datetime) -> None:
    if not paid:
        return
    pks = [pk for pk, _reference in paid]
    write_answers([(pk, reference[:140], "") for pk, reference in paid])
    books = PayoutBooks(list(Payout.objects.filter(pk__in=pks)))
    move_lines("pay", pks, items_of(pks), by=by, at=at, paid_at=at)
    move_payouts("pay", pks, by=by, at=at, legs=books.legs, settled_at=at)


def _fail(failed: Collection[tuple[UUID, Answer]], *, by: Actor, at: datetime) -> None:
    if failed:
        write_answers([(pk, a.bank_reference[:140], a.failure[:300]) for pk, a in failed])
        move_payouts("fail", [pk for pk, _answer in failed], by=by, at=at)


def settle_empty(payouts: Sequence[Payout], *, by: Actor, at: datetime) -> None:
    """What is owed and what was taken back are equal: nothing is transferred, and nothing is left."""
    _pay([(one.pk, "") for one in payouts], by=by, at=at)


def close_if_answered(run: PayoutRun, *, by: Actor, at: datetime) -> None:
    """Settled when everything has arrived or was given up; failed while something has come back."""
    run.refresh_from_db()
    states = set(run.payouts.values_list("status", flat=True))
    if PayoutStatus.SENT in states or run.status not in (RunStatus.SENT, RunStatus.FAILED):
        return
    if PayoutStatus.FAILED not in states:
        RUN.fire(run, "settle", by=by, at=at, closed_at=at)
    elif run.status == RunStatus.SENT:
        RUN.fire(run, "fail", by=by, at=at)
