"""What happens to a protected deal."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import SYSTEM, Actor
from core.errors import Refused
from core.events import record
from deals.enums import Status
from deals.models import Registration
from deals.particulars import Progress, Reason, as_values
from deals.services.writing import before_and_after, write
from deals.workflow import REGISTRATION


@transaction.atomic
def release(deal: Registration, reason: Reason, *, by: Actor, at: datetime) -> Registration:
    """The partner gives its protection up."""
    REGISTRATION.fire(deal, "release", by=by, at=at, closed_at=at, data={"text": reason.text})
    return deal


@transaction.atomic
def report_progress(deal: Registration, progress: Progress, *, by: Actor, at: datetime) -> Registration:
    """Next step, close date and value of a live deal; who the customer is stays as it was decided."""
    by.require("deal.update")
    if deal.status not in (Status.APPROVED, Status.EXPIRING):
        raise Refused(_("Only protected deals have progress to report."), code="illegal_transition")
    values = as_values(progress)
    moved = before_and_after(deal, values)
    if moved:
        write(deal, values)
        record("updated", deal, by=by, at=at, partner_id=deal.partner_id, data={"fields": moved})
    return deal


def approach_end(deal: Registration, *, at: datetime) -> None:
    """The protection ends soon: the partner is told."""
    REGISTRATION.fire(deal, "approach_end", by=SYSTEM, at=at)


def expire(deal: Registration, *, at: datetime) -> None:
    """The protection has ended."""
    REGISTRATION.fire(deal, "expire", by=SYSTEM, at=at)
