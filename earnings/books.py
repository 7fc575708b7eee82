"""Which accounts of the ledger a line moves money between.

What we owe and what we earn is above zero, what we spend and what others owe us below it, so that each transaction
sums to zero: earning a commission brings money from the partner's expense to what we owe it, paying from what we owe
to cash; a fee brings it from what the partner owes us to income.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from core import ledger
from core.ledger import Leg
from core.models import LedgerAccount
from core.money import Money
from earnings.enums import Direction
from earnings.models import EarningLine

EXPENSE, OWED, CASH = "commission_expense", "partner_payable", "partner_cash"
INCOME, CLAIM = "license_income", "partner_receivable"
_SEEN_BY_PARTNER = (OWED, CLAIM)


@dataclass
class Books:
    """The accounts of one unit of work, each looked up once."""

    known: dict[tuple[str, UUID, str], LedgerAccount] = field(default_factory=dict)

    def preload(self, lines: Iterable[EarningLine]) -> None:
        """Looks the accounts of these lines' partners up at once."""
        owners = {line.partner_id for line in lines}
        for found in LedgerAccount.objects.filter(owner_id__in=owners, kind__in=(EXPENSE, OWED, CASH, INCOME, CLAIM)):
            self.known[found.kind, found.owner_id, found.currency] = found

    def account(self, kind: str, partner_id: UUID, currency: str) -> LedgerAccount:
        key = kind, partner_id, currency
        if key not in self.known:
            reader = partner_id if kind in _SEEN_BY_PARTNER else None
            self.known[key] = ledger.account(kind, partner_id, currency, partner_id=reader)
        return self.known[key]

    def earned(self, line: EarningLine) -> list[Leg]:
        """What earning the line moves; nothing where the partner keeps its margin itself."""
        if line.direction == Direction.RETAINED:
            return []
        ways = (EXPENSE, OWED) if line.direction == Direction.PAYABLE else (CLAIM, INCOME)
        return self._move(line, *ways)

    def paid(self, line: EarningLine) -> list[Leg]:
        """What paying the line moves; a fee that is taken from a payout makes it smaller."""
        ways = (OWED, CASH) if line.direction == Direction.PAYABLE else (CASH, CLAIM)
        return self._move(line, *ways)

    def _move(self, line: EarningLine, source: str, target: str) -> list[Leg]:
        giver = self.account(source, line.partner_id, line.currency)
        taker = self.account(target, line.partner_id, line.currency)
        return ledger.move(giver, taker, Money(line.amount, line.currency))
