"""Where market funds stand on the ledger: one account for each state of the money. None can be overdrawn.

budget's source → undivided → available to a partner → reserved for an activity → claimed → ordered → paid
"""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from core import ledger
from core.models import LedgerAccount
from core.money import Money
from mdf.models import Activity, Allocation, Budget, Claim

ZERO = Decimal(0)
SOURCE, UNDIVIDED, AVAILABLE, RESERVED, CLAIMED, ORDERED, PAID = (
    "mdf.source", "mdf.undivided", "mdf.available", "mdf.reserved", "mdf.claimed", "mdf.ordered", "mdf.paid",
)  # fmt: skip


def source(budget: Budget) -> LedgerAccount:
    """What budgets are filled from: the only account that may be below zero."""
    return ledger.account(SOURCE, budget.pk, budget.currency)


def undivided(budget: Budget) -> LedgerAccount:
    return ledger.account(UNDIVIDED, budget.pk, budget.currency, floor=ZERO)


def available(allocation: Allocation) -> LedgerAccount:
    return _of_partner(AVAILABLE, allocation)


def reserved(activity: Activity) -> LedgerAccount:
    return _of_partner(RESERVED, activity)


def claimed(claim: Claim) -> LedgerAccount:
    return _of_partner(CLAIMED, claim)


def ordered(claim: Claim) -> LedgerAccount:
    return _of_partner(ORDERED, claim)


def paid(claim: Claim) -> LedgerAccount:
    return _of_partner(PAID, claim)


def _of_partner(kind: str, owner: Allocation | Activity | Claim) -> LedgerAccount:
    return ledger.account(kind, owner.pk, owner.currency, partner_id=owner.partner_id, floor=ZERO)


def balances(kind: str, owners: Iterable[UUID]) -> dict[UUID, Decimal]:
    """Owner → what stands on its account of that kind; those without one are left out."""
    rows = LedgerAccount.objects.filter(kind=kind, owner_id__in=list(owners))
    return dict(rows.values_list("owner_id", "balance"))


def balance(kind: str, owner: Budget | Allocation | Activity | Claim) -> Money:
    return Money(balances(kind, [owner.pk]).get(owner.pk, ZERO), owner.currency)
