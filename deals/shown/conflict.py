"""The two sides of a conflict, for the vendor."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core.money import Money
from deals.models import ConflictCase
from deals.shown.deal import value


@dataclass(frozen=True)
class Rival:
    """The other side of a conflict case, for the vendor."""

    case: ConflictCase
    title: str
    owner: str
    when: datetime | None
    worth: Money | None
    why: str
    href: str = ""


def rival(case: ConflictCase) -> Rival:
    other, account = case.other_registration, case.other_account
    why = _(" and ").join(
        words
        for words, met in ((_("same domain"), case.parts.get("domain")), (_("same name"), case.parts.get("name")))
        if met
    )
    if other:
        return Rival(
            case, other.account_name, other.partner.name, other.submitted_at, value(other), why, other.get_console_url()
        )
    direct = case.other_opportunity
    worth = Money(direct.amount, direct.currency) if direct and direct.amount is not None else None
    return Rival(case, account.name if account else "", _("Our own sales team"), None, worth, why)
