"""A protection's life: its reminders, its end, what the partner reports in between."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from core import timers
from core.actor import SYSTEM, Actor
from core.calendar import last_local_day
from core.errors import Refused
from core.events import record
from deals import rules
from deals.enums import PROTECTED, Status
from deals.models import Registration
from deals.particulars import Progress, Reason, as_values
from deals.protected import approved_amount
from deals.services.decisions import review_again
from deals.services.extensions import extend_for_activity
from deals.services.winding import span_of, wind
from deals.services.writing import before_and_after, write
from deals.standing import policy_of
from deals.workflow import REGISTRATION

_FAR_MORE = Decimal("1.5")  # times the value that was approved


@transaction.atomic
def release(deal: Registration, reason: Reason, *, by: Actor, at: datetime) -> Registration:
    """The partner gives its protection up; the next in line moves up."""
    REGISTRATION.fire(deal, "release", by=by, at=at, closed_at=at, data={"text": reason.text})
    wind(deal, at)
    return deal


@transaction.atomic
def report_progress(deal: Registration, progress: Progress, *, by: Actor, at: datetime) -> Registration:
    """Next step, close date and value of a live deal; who the customer is stays as it was decided."""
    by.require("deal.update")
    if deal.status not in PROTECTED:
        raise Refused(_("Only protected deals have progress to report."), code="illegal_transition")
    values = as_values(progress)
    moved = before_and_after(deal, values)
    if moved:
        write(deal, values)
        record("updated", deal, by=by, at=at, partner_id=deal.partner_id, data={"fields": moved})
        reasons = _another_deal(deal, set(moved))
        if reasons:
            review_again(deal, reasons, by=by, at=at)
    return deal


def _another_deal(deal: Registration, changed: set[str]) -> list[str]:
    """Why what was approved is no longer what is there: far more value, or a close after the protection."""
    why = []
    approved = approved_amount(deal)
    if "amount" in changed and approved and deal.amount and deal.amount >= approved * _FAR_MORE:
        grown = {"before": f"{approved:,.2f}", "now": f"{deal.amount:,.2f} {deal.currency}"}
        why.append(_("The value has grown from %(before)s to %(now)s.") % grown)
    end = deal.protection_expires_at
    last = last_local_day(end, deal.partner.time_zone) if end else None
    if "expected_close_on" in changed and last and deal.expected_close_on and deal.expected_close_on > last:
        why.append(_("The deal is to close after the protection ends."))
    return why


def approach_end(deal: Registration, *, at: datetime) -> None:
    """The protection ends soon: the partner is told."""
    if deal.status == Status.APPROVED:
        REGISTRATION.fire(deal, "approach_end", by=SYSTEM, at=at)


@transaction.atomic
def remind(deal: Registration, *, at: datetime) -> None:
    """Tells the partner again how near the end is, and sets the next reminder."""
    if deal.status not in PROTECTED or deal.protection_expires_at is None:
        return
    days = round((deal.protection_expires_at - at) / timedelta(days=1))  # the bell may ring a little late
    record("reminded", deal, by=SYSTEM, at=at, partner_id=deal.partner_id, data={"days": days})
    timers.put(deal, {"remind": rules.next_reminder(span_of(deal), policy_of(deal), at)})


@transaction.atomic
def lapse(deal: Registration, *, at: datetime) -> None:
    """The protection's last moment: it goes on where the customer was active, else it has ended."""
    if deal.status in PROTECTED and not extend_for_activity(deal, at=at):
        expire(deal, at=at)


@transaction.atomic
def expire(deal: Registration, *, at: datetime) -> None:
    """The protection has ended; its grace runs."""
    REGISTRATION.fire(deal, "expire", by=SYSTEM, at=at)
    wind(deal, at)
