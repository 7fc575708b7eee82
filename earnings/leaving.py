"""What is still open between the vendor and a partner that leaves."""

from datetime import datetime

from django.db.models import Sum
from django.utils.translation import gettext as _

from core.actor import Actor
from earnings.models import EarningLine
from earnings.queries import COMING, DUE, OWING, PAYABLE, SIGNED
from partners.models import Partner


def blocker(actor: Actor, partner: Partner, at: datetime) -> str | None:
    """Earnings that are not paid yet, by currency; None when nothing is owed."""
    rows = EarningLine.objects.visible_to(actor).filter(PAYABLE | OWING, partner=partner, deleted_at=None)
    owed = rows.filter(status__in=(*DUE, *COMING[1:])).values_list("currency").annotate(sum=Sum(SIGNED))
    sums = dict(owed.order_by("currency"))
    told = ", ".join(f"{amount:,.2f} {currency}" for currency, amount in sums.items() if amount)
    return _("Earnings are open: %s. Pay them first.") % told if told else None
