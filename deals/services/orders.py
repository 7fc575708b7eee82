"""A partner says that its deal is won; the vendor alone closes it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import IllegalTransition, Refused
from core.events import record
from deals.enums import PROTECTED, Stage, Status
from deals.models import Registration
from deals.particulars import Closing, Reason, WinProposal
from deals.protected import proposed_win
from deals.services.opportunities import close
from deals.services.requests import must_be, one_at_a_time


@transaction.atomic
def propose_win(deal: Registration, proposal: WinProposal, *, by: Actor, at: datetime) -> Registration:
    """The order or invoice behind a won deal, for the vendor to check and close."""
    by.require("deal.update")
    must_be(deal, (*PROTECTED, Status.EXPIRED), _("This deal is closed or not protected."))
    one_at_a_time(deal)
    if proposed_win(deal):
        raise Refused(_("You sent an order already. We look at that one first."), code="duplicate")
    data = {
        "text": proposal.number, "number": proposal.number, "closed_on": proposal.closed_on.isoformat(),
        "amount": str(proposal.amount or deal.amount), "currency": deal.currency,
    }  # fmt: skip
    record("win_proposed", deal, by=by, at=at, partner_id=deal.partner_id, data=data)
    return deal


@transaction.atomic
def refuse_win(deal: Registration, reason: Reason, *, by: Actor, at: datetime) -> Registration:
    """The order doesn't fit; the partner reads why and may send another one."""
    by.require("opportunity.edit")
    if not proposed_win(deal):
        raise IllegalTransition(_("No order waits for an answer."))
    record("win_refused", deal, by=by, at=at, partner_id=deal.partner_id, data={"text": reason.text})
    return deal


def close_deal(deal: Registration, closing: Closing, *, by: Actor, at: datetime) -> Registration:
    """Closes the deal's opportunity as won or lost, and the deal with it."""
    if deal.opportunity is None or deal.opportunity.stage != Stage.OPEN:
        raise IllegalTransition(_("There is no open opportunity to close."))
    close(deal.opportunity, closing, by=by, at=at)
    deal.refresh_from_db()
    return deal
