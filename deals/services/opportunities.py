"""Changes of opportunities, and what their end does to the registrations on them."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused, Stale
from core.events import changes, record
from deals.enums import PROTECTED, PartnerRole, Stage, Status
from deals.models import Opportunity, Registration
from deals.particulars import Closing
from deals.workflow import REGISTRATION

_ON_IT = (*PROTECTED, Status.EXPIRED)


@transaction.atomic
def close(opportunity: Opportunity, closing: Closing, *, by: Actor, at: datetime) -> Opportunity:
    """Ends an opportunity as won or lost; its registrations end with it where they still can."""
    by.require("opportunity.edit")
    if opportunity.stage != Stage.OPEN:
        raise Refused(_("This opportunity is closed already."), code="illegal_transition")
    if closing.stage == Stage.OPEN:
        raise Refused(_("Close it as won or as lost."), field="stage")
    amount = opportunity.amount if closing.amount is None else closing.amount
    if closing.stage == Stage.WON and amount is None:
        raise Refused(_("Enter the amount it was won for."), field="amount")
    values = {"stage": closing.stage, "closed_on": closing.closed_on, "amount": amount}
    moved = changes({name: getattr(opportunity, name) for name in values}, values)
    rows = Opportunity.objects.filter(pk=opportunity.pk, version=opportunity.version, stage=Stage.OPEN)
    if rows.update(**values, amount_estimated=False) != 1:
        raise Stale(_("Somebody was faster: this opportunity has changed."))
    opportunity.refresh_from_db()
    record(closing.stage.value, opportunity, by=by, at=at, partner_id=_source(opportunity), data={"changes": moved})
    for deal in Registration.objects.filter(opportunity=opportunity, status__in=_ON_IT):
        _end(deal, closing.stage, by=by, at=at)
    return opportunity


def _source(opportunity: Opportunity) -> UUID | None:
    """The partner that may read the event: who sourced it."""
    row = opportunity.partners.filter(role=PartnerRole.SOURCING).order_by("created_at").first()
    return row.partner_id if row else None


def _end(deal: Registration, stage: str, *, by: Actor, at: datetime) -> None:
    step = "win" if stage == Stage.WON else "lose"
    if REGISTRATION.refusal(deal, step, by=by, at=at) is None:
        REGISTRATION.fire(deal, step, by=by, at=at, closed_at=at)
