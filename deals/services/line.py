"""Who waits behind whom: the next in line moves up when the one before ends without a deal."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import SYSTEM
from core.events import record
from deals.enums import LIVE, RejectReason, Status
from deals.models import Registration
from deals.particulars import Rejection
from deals.services import answering
from deals.services.decisions import reject
from deals.services.winding import wind
from deals.services.writing import write


def waiting_behind(deal: Registration) -> list[Registration]:
    """Who is in line behind a registration, the earliest first."""
    rows = Registration.objects.filter(queued_behind=deal, status__in=LIVE, deleted_at=None)
    return list(rows.select_related("partner", "membership__program").order_by("submitted_at", "id"))


def holds(deal: Registration, at: datetime) -> bool:
    """Whether those in line still wait: the registration lives, was won, or may come back for a while."""
    comes_back = {
        Status.EXPIRED: deal.grace_until,
        Status.LOST: deal.first_right_until,
        Status.REJECTED: deal.appeal_until,
    }
    until = comes_back.get(Status(deal.status))
    return deal.status in (*LIVE, Status.WON) or (until is not None and at < until)


@transaction.atomic
def advance(deal: Registration, *, at: datetime) -> None:
    """Moves the line up behind a registration that has ended; nothing while it may still come back."""
    if holds(deal, at):
        if deal.status not in LIVE:
            wind(deal, at)
        return
    line = waiting_behind(deal)
    for one in line[1:]:
        write(one, {"queued_behind": line[0]})
    if line:
        _move_up(line[0], at)


def _move_up(deal: Registration, at: datetime) -> None:
    """First now: the answer's clock starts again, and both sides are told."""
    clock = answering.fresh(deal, at) if deal.status == Status.IN_REVIEW else {}
    write(deal, {"queued_behind": None, **clock})
    answering.watch(deal)
    text = _("The registration before yours has ended. Yours is first in line now.")
    record("moved_up", deal, by=SYSTEM, at=at, partner_id=deal.partner_id, data={"text": text})


@transaction.atomic
def dissolve(deal: Registration, *, at: datetime) -> None:
    """The deal is won: those in line behind it are told that it is gone."""
    for one in waiting_behind(deal):
        if one.status == Status.IN_REVIEW:
            gone = _("The registration before yours was won. Register the customer again when there is a new project.")
            reject(one, Rejection(RejectReason.ALREADY_REGISTERED, gone), by=SYSTEM, at=at)


def end_grace(deal: Registration, *, at: datetime) -> None:
    """The moment until which a registration could come back has passed."""
    if deal.status == Status.EXPIRED and not holds(deal, at):
        record("grace_ended", deal, by=SYSTEM, at=at, partner_id=deal.partner_id)
    advance(deal, at=at)
