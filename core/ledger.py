"""The double-entry ledger: money moves between accounts because of an event, whole or not at all.

Accounts with a floor can't be overdrawn, transactions balance in each currency, and nothing is ever edited: the
database refuses all three. Every leg stands in the event, too, so that the hash chain of events seals the money.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from core.errors import Refused
from core.models import Event, LedgerAccount, LedgerEntry, LedgerTransaction
from core.money import CurrencyMismatch, Money
from core.scope import across

SHOWN = 5
_LOCKED = "SELECT 1 FROM core_ledgeraccount WHERE id = ANY (%s::uuid[]) ORDER BY id FOR UPDATE"


class Overdrawn(Refused):
    """An account would fall below its floor."""

    code = "balance_insufficient"


@dataclass(frozen=True, slots=True)
class Leg:
    """What one account gains; below zero: loses."""

    account: LedgerAccount
    money: Money


def account(
    kind: str, owner_id: UUID, currency: str, *, partner_id: UUID | None = None, floor: Decimal | None = None
) -> LedgerAccount:
    """The account of that kind, owner and currency; opened with its floor when there is none yet."""
    named = {"kind": kind, "owner_id": owner_id, "currency": currency}
    with across():
        found = LedgerAccount.objects.filter(**named).first()
        if found is None:
            fresh = LedgerAccount(**named, partner_id=partner_id, floor=floor)
            LedgerAccount.objects.bulk_create([fresh], ignore_conflicts=True)
            found = LedgerAccount.objects.get(**named)
    return found


def move(source: LedgerAccount, target: LedgerAccount, money: Money) -> list[Leg]:
    """The two legs that bring `money` from one account to another."""
    return [Leg(source, -money), Leg(target, money)]


def told(legs: Sequence[Leg]) -> dict[str, list[list[str]]]:
    """What the event that moves the money must hold in its data: every leg, in order."""
    return {"ledger": [[f"lac_{leg.account.pk.hex}", f"{leg.money.amount:.2f}"] for leg in legs]}


def post(event: Event, legs: Sequence[Leg]) -> LedgerTransaction:
    """Moves the money of an event whose data holds `told(legs)`, all of it or nothing.

    Raises Overdrawn when an account would fall below its floor, CurrencyMismatch for an amount that is not of its
    account's currency, ValueError for legs that do not balance or that the event does not tell of.
    """
    return post_many([(event, legs)])[0]


def post_many(postings: Sequence[tuple[Event, Sequence[Leg]]]) -> list[LedgerTransaction]:
    """The same for many events in few statements: all of them or none."""
    for event, legs in postings:
        _refuse_unsound(event, legs)
    moves = [LedgerTransaction(event=event, partner_id=event.partner_id, at=event.at) for event, _legs in postings]
    entries = [entry for move, (_event, legs) in zip(moves, postings, strict=True) for entry in _entries(move, legs)]
    try:
        with across(), transaction.atomic():
            _lock({entry.account_id for entry in entries})
            LedgerTransaction.objects.bulk_create(moves)
            LedgerEntry.objects.bulk_create(entries)
    except IntegrityError as error:
        if "ledger_account_floor" in str(error):
            raise Overdrawn(_("There is not enough money left for this.")) from error
        raise
    return moves


def _entries(move: LedgerTransaction, legs: Sequence[Leg]) -> list[LedgerEntry]:
    return [
        LedgerEntry(
            transaction=move, place=place, account=leg.account, partner_id=leg.account.partner_id,
            amount=leg.money.amount, currency=leg.money.currency,
        )
        for place, leg in enumerate(legs)
    ]  # fmt: skip


def _lock(accounts: set[UUID]) -> None:
    """In one order, so that two postings over the same accounts wait for each other instead of locking up."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCKED, [list(accounts)])


def _refuse_unsound(event: Event, legs: Sequence[Leg]) -> None:
    for leg in legs:
        if leg.account.currency != leg.money.currency:
            raise CurrencyMismatch(f"{leg.money.currency} on an account in {leg.account.currency}")
    sums = {leg.money.currency: Decimal(0) for leg in legs}
    for leg in legs:
        sums[leg.money.currency] += leg.money.amount
    if len(legs) < 2 or any(sums.values()):
        raise ValueError("the legs do not balance")
    if event.data.get("ledger") != told(legs)["ledger"]:
        raise ValueError("the event does not tell of these legs")


# --- what must always hold ------------------------------------------------------------------------------------------

_UNBALANCED = """
    SELECT t.id FROM core_ledgertransaction t LEFT JOIN core_ledgerentry e ON e.transaction_id = t.id
    GROUP BY t.id, e.currency HAVING coalesce(sum(e.amount), 1) <> 0 ORDER BY t.id LIMIT %s
"""
_WRONG_BALANCE = """
    SELECT a.id FROM core_ledgeraccount a
    LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM core_ledgerentry GROUP BY account_id) s
        ON s.account_id = a.id
    WHERE a.balance <> coalesce(s.amount, 0) OR a.balance < a.floor ORDER BY a.id LIMIT %s
"""
_NOT_AS_TOLD = """
    SELECT t.id FROM core_ledgertransaction t LEFT JOIN core_event e ON e.id = t.event_id
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array('lac_' || replace(l.account_id::text, '-', ''), l.amount::text)
            ORDER BY l.place) AS legs
        FROM core_ledgerentry l WHERE l.transaction_id = t.id
    ) n ON true
    WHERE n.legs IS DISTINCT FROM e.data -> 'ledger' ORDER BY t.id LIMIT %s
"""
_UNPOSTED = """
    SELECT e.id FROM core_event e WHERE e.data ? 'ledger'
    AND NOT EXISTS (SELECT FROM core_ledgertransaction t WHERE t.event_id = e.id) ORDER BY e.id LIMIT %s
"""
_WRONG: tuple[tuple[str, str], ...] = (
    (_UNBALANCED, "transaction {} does not sum to zero"),
    (_WRONG_BALANCE, "the balance of account {} is not the sum of its entries, or below its floor"),
    (_NOT_AS_TOLD, "the entries of transaction {} are not those that its event tells of"),
    (_UNPOSTED, "event {} tells of money that never moved"),
)


def wrong() -> list[str]:
    """What is wrong with the ledger, the first few of each kind; empty when every balance is right to the cent."""
    found = []
    with connection.cursor() as cursor:
        for sql, words in _WRONG:
            cursor.execute(sql, [SHOWN])
            found += [words.format(row[0]) for row in cursor.fetchall()]
    return found
