"""Market funds that are still open with a partner that leaves."""

from datetime import datetime

from django.db.models import Sum
from django.utils.translation import gettext as _

from core.actor import Actor
from core.models import LedgerAccount
from mdf import money
from partners.models import Partner

_OPEN = (money.RESERVED, money.CLAIMED, money.ORDERED)


def blocker(actor: Actor, partner: Partner, at: datetime) -> str | None:
    """What is promised for activities and claims and not paid; None when nothing is."""
    rows = LedgerAccount.objects.visible_to(actor).filter(partner_id=partner.pk, kind__in=_OPEN, balance__gt=0)
    sums = rows.values("currency").annotate(sum=Sum("balance")).order_by("currency")
    told = ", ".join(f"{row['sum']:,.2f} {row['currency']}" for row in sums)
    return _("Market funds are open: %s. Pay the claims or cancel the requests first.") % told if told else None
