"""A lead that became a deal."""

from datetime import datetime

from core import timers
from core.actor import SYSTEM, Actor
from deals.enums import LeadStatus
from deals.models import Lead, Registration
from deals.workflow import LEAD

_AT_WORK = (LeadStatus.ACCEPTED, LeadStatus.WORKING, LeadStatus.STALE)


def converted(deal: Registration, *, by: Actor, at: datetime) -> None:
    """A registration was sent: the lead it came from has become a deal, if the partner still had it."""
    if deal.lead_id is None:
        return
    lead = Lead.objects.select_for_update().filter(pk=deal.lead_id, partner_id=deal.partner_id).first()
    if lead is None or lead.status not in _AT_WORK:
        return
    actor = by if by.can("lead.answer") else SYSTEM
    data = {"deal_registration": deal.public_id}
    LEAD.fire(lead, "convert", by=actor, at=at, closed_at=at, due_at=None, data=data)
    timers.stop(lead)
