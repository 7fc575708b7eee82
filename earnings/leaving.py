"""What is still open between the vendor and a partner that leaves."""

from contextlib import suppress
from datetime import datetime

from django.db.models import Sum
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused
from earnings import statements
from earnings.dossier import local_day
from earnings.models import EarningLine
from earnings.payout_particulars import Period
from earnings.queries import COMING, DUE, OWING, PAYABLE, SIGNED
from partners.models import Partner


def final_papers(actor: Actor, partner: Partner, at: datetime) -> list[tuple[str, str | bytes]]:
    """The statement of the month in which a partner left: with it the account is closed."""
    one = statements.statement(actor, partner, Period.of(local_day(at)))
    name = f"final-statement-{one.number}"
    papers: list[tuple[str, str | bytes]] = [(f"{name}.csv", statements.as_csv(one))]
    with suppress(Refused):  # a server that draws no documents gives the figures alone
        papers.append((f"{name}.pdf", statements.as_pdf(one, at)))
    return papers


def blocker(actor: Actor, partner: Partner, at: datetime) -> str | None:
    """Earnings that are not paid yet, by currency; None when nothing is owed."""
    rows = EarningLine.objects.visible_to(actor).filter(PAYABLE | OWING, partner=partner, deleted_at=None)
    owed = rows.filter(status__in=(*DUE, *COMING[1:])).values_list("currency").annotate(sum=Sum(SIGNED))
    sums = dict(owed.order_by("currency"))
    told = ", ".join(f"{amount:,.2f} {currency}" for currency, amount in sums.items() if amount)
    return _("Earnings are open: %s. Pay them first.") % told if told else None
