"""Two partners become one: what is open of their earnings goes along, what is closed stays in the books as it was."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from core import ledger
from core.actor import SYSTEM, Actor
from core.events import Told, record, record_many
from core.ledger import Leg
from core.money import Money
from deals.check import hold
from earnings.books import CLAIM, OWED, Books
from earnings.enums import Direction, LineStatus, PayoutStatus
from earnings.models import BankDetails, Dispute, EarningLine, Entitlement, Handover, Payout, UsageReport
from partners.services.merging import Pair, hand

CLOSED = (LineStatus.PAID, LineStatus.INVOICED, LineStatus.CANCELLED)
UNDER_WAY = (PayoutStatus.DRAFT, PayoutStatus.SCHEDULED, PayoutStatus.SENT, PayoutStatus.FAILED)


def lock(actor: Actor, pair: Pair, at: datetime) -> None:
    """No run is counted while two partners become one."""
    hold("payout run")


def barred(actor: Actor, pair: Pair, at: datetime) -> str | None:
    """A payout on its way arrives first: the bank's answer finds the partner that it was sent to."""
    found = Payout.objects.filter(partner=pair.loser, status__in=UNDER_WAY).order_by("pk").first()
    words = _("Payout %s to it is under way. Wait for the bank's answer, or leave it out of its run.")
    return words % found.reference if found else None


def earnings(actor: Actor, pair: Pair, at: datetime) -> tuple[str, int]:
    """What deals may still give, usage, questions, and every line that is not closed, with the money it stands for.
    Lines that were paid, invoiced or cancelled, and their payouts, stay; the winner's people read them."""
    Entitlement.objects.filter(partner=pair.loser, ended_at=None).update(inherited=True)
    hand(Entitlement, pair)
    hand(UsageReport, pair)
    hand(Dispute, pair)
    _hand_bank_details(pair, at)
    rows = EarningLine.objects.filter(partner=pair.loser).exclude(status__in=CLOSED)
    expected = rows.filter(status=LineStatus.FORECAST).update(partner=pair.winner)
    return "earnings", expected + _hand_lines(list(rows.select_for_update(no_key=True).order_by("pk")), pair, at)


def _hand_lines(lines: Sequence[EarningLine], pair: Pair, at: datetime) -> int:
    mine = EarningLine.objects.filter(pk__in=[line.pk for line in lines])
    mine.update(partner=pair.winner)
    lines = list(mine.order_by("pk"))
    Handover.objects.bulk_create([Handover(partner=pair.winner, giver=pair.loser, line=line, at=at) for line in lines])
    books = Books()
    books.preload(lines)
    money = [_legs(books, line, pair) for line in lines]
    moved = {"partner": [pair.loser.public_id, pair.winner.public_id]}
    told: list[Told] = [
        ("handed_over", line, pair.winner.pk, _about(line) | {"changes": moved} | (ledger.told(own) if own else {}))
        for line, own in zip(lines, money, strict=True)
    ]
    events = record_many(told, by=SYSTEM, at=at) if told else []
    postings = [(event, own) for event, own in zip(events, money, strict=True) if own]
    if postings:
        ledger.post_many(postings)
    return len(lines)


def _legs(books: Books, line: EarningLine, pair: Pair) -> list[Leg]:
    """From what we owe the one to what we owe the other; what a partner owes us likewise."""
    if line.direction == Direction.RETAINED:
        return []
    kind = OWED if line.direction == Direction.PAYABLE else CLAIM
    theirs, mine = (books.account(kind, partner.pk, line.currency) for partner in (pair.loser, pair.winner))
    money = Money(line.amount, line.currency)
    return ledger.move(theirs, mine, money if kind == OWED else -money)


def _about(line: EarningLine) -> dict[str, str]:
    return {"amount": str(line.amount), "currency": line.currency, "reference": line.reference}


def _hand_bank_details(pair: Pair, at: datetime) -> None:
    """The winner's hold; where it has none, the loser's are its own from now on. Its admins are told."""
    theirs = BankDetails.objects.filter(partner=pair.loser, superseded_at=None).first()
    if theirs is None:
        return
    BankDetails.objects.filter(pk=theirs.pk).update(superseded_at=at)
    if BankDetails.objects.filter(partner=pair.winner, superseded_at=None).exists():
        return
    made = BankDetails.objects.create(
        partner=pair.winner, holder=theirs.holder, country=theirs.country, bank=theirs.bank, secret=theirs.secret,
        hint=theirs.hint, changed_at=at, changed_by=theirs.changed_by,
    )  # fmt: skip
    told = {"changes": {"hint": [None, made.hint]}}
    record("changed", made, by=SYSTEM, at=at, partner_id=pair.winner.pk, data=told)
