"""What partners owe: license fees go to invoicing."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused
from earnings.models import EarningLine
from earnings.queries import OWING, READY
from earnings.services.moving import invoice


@transaction.atomic
def hand_over(*, by: Actor, at: datetime) -> list[EarningLine]:
    """Hands every fee that waits to invoicing; each goes once."""
    by.require("payout.prepare")
    waiting = EarningLine.objects.filter(OWING, status__in=READY)
    rows = list(waiting.select_for_update(no_key=True).order_by("pk"))
    if not rows:
        raise Refused(_("No fee waits for an invoice."))
    return invoice(rows, by=by, at=at)
