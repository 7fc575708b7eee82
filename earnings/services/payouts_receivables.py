"""What partners owe: license fees go to invoicing."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused
from earnings.enums import Direction, LineStatus
from earnings.models import EarningLine
from earnings.services.moving import invoice

READY = (LineStatus.ACCRUED, LineStatus.RESOLVED)


def to_invoice():
    """Fees that wait for an invoice."""
    return EarningLine.objects.filter(direction=Direction.RECEIVABLE, nets=False, status__in=READY)


@transaction.atomic
def hand_over(*, by: Actor, at: datetime) -> list[EarningLine]:
    """Hands every fee that waits to invoicing; each goes once."""
    by.require("payout.prepare")
    rows = list(to_invoice().select_for_update(no_key=True).order_by("pk"))
    if not rows:
        raise Refused(_("No fee waits for an invoice."))
    return invoice(rows, by=by, at=at)
