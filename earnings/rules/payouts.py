"""When a balance is paid, and who may approve that. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from core.actor import Actor
from core.money import Money
from earnings.enums import CarryReason

NEW_DETAILS_WAIT = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Details:
    """What a run needs to know of a partner's bank details; `replaced` where there were others before."""

    id: UUID
    changed_at: datetime
    replaced: bool = False

    def waits(self, at: datetime) -> bool:
        return self.replaced and at < self.changed_at + NEW_DETAILS_WAIT


def carries(
    amount: Decimal, minimum: Decimal | None, details: Details | None, at: datetime, *, barred: str = ""
) -> str:
    """Why a balance is not paid now, as a word of CarryReason; "" when it is paid. `barred`: why the partner isn't."""
    if amount == 0:
        return ""  # what we owe and what was taken back are equal: nothing is transferred
    found = (
        (amount < 0, CarryReason.NEGATIVE),
        (bool(barred), barred),
        (minimum is not None and amount < minimum, CarryReason.BELOW_MINIMUM),
        (details is None, CarryReason.NO_BANK_DETAILS),
        (details is not None and details.waits(at), CarryReason.NEW_BANK_DETAILS),
    )
    return next((why for holds, why in found if holds), "")


def above(total: Decimal | None, limit: Decimal) -> bool:
    """Whether two people are needed; a total that can't be told in the reporting currency needs them."""
    return total is None or total > limit


def not_by(run, by: Actor) -> str | None:
    """Why this person may not approve the run: above the limit it takes somebody who neither made nor reviewed it."""
    if not run.needs_two:
        return None
    limit = {"limit": f"{Money(run.limit, run.currency).amount:,.2f} {run.currency}"}
    if not by.is_vendor:
        return _("Two of our people approve a run above %(limit)s. A key can't.") % limit
    if by.id == run.made_by:
        return _("You made this run. Above %(limit)s another person approves it.") % limit
    if by.id == run.reviewed_by:
        return _("You reviewed this run. Above %(limit)s another person approves it.") % limit
    if by.id == run.changed_by:
        return _("You changed what this run pays. Above %(limit)s another person approves it.") % limit
    return None
