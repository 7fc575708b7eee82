"""Changes of opportunities, and what their end does to the registrations on them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import IllegalTransition, Refused, Stale
from core.events import changes, record
from core.scope import elevated
from deals import rules
from deals.enums import PROTECTED, PartnerRole, Stage, Status
from deals.models import Opportunity, Registration
from deals.particulars import Closing
from deals.services.winding import span_of, wind
from deals.standing import policy_of
from deals.workflow import REGISTRATION

_ON_IT = (*PROTECTED, Status.EXPIRED)
_CLOSED = (Status.WON, Status.LOST)


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
    values = {"stage": closing.stage, "closed_on": closing.closed_on, "amount": amount, "amount_estimated": False}
    moved = _move(opportunity, Stage.OPEN, values)
    with elevated():  # it ends for every partner on it
        record(closing.stage.value, opportunity, by=by, at=at, partner_id=_source(opportunity), data={"changes": moved})
        for deal in _registrations(opportunity, _ON_IT):
            _end(deal, closing.stage, by=by, at=at)
    return opportunity


@transaction.atomic
def reopen(opportunity: Opportunity, *, by: Actor, at: datetime) -> Opportunity:
    """A closed opportunity is open again: its registrations are protected as before, for the days that were left."""
    by.require("opportunity.edit")
    if opportunity.stage == Stage.OPEN:
        raise IllegalTransition(_("This opportunity is open already."))
    values = {"stage": Stage.OPEN, "closed_on": None}
    moved = _move(opportunity, opportunity.stage, values)
    with elevated():
        record("reopened", opportunity, by=by, at=at, partner_id=_source(opportunity), data={"changes": moved})
        for deal in _registrations(opportunity, _CLOSED):
            _restore(deal, by=by, at=at)
    return opportunity


def _move(opportunity: Opportunity, stage: str, values: dict[str, Any]) -> dict[str, list[str | None]]:
    """Compare-and-set on the stage and the version that was read; what changes. Raises Stale."""
    watched = {name: value for name, value in values.items() if name != "amount_estimated"}
    moved = changes({name: getattr(opportunity, name) for name in watched}, watched)
    rows = Opportunity.objects.filter(pk=opportunity.pk, version=opportunity.version, stage=stage)
    if rows.update(**values) != 1:
        raise Stale(_("Somebody was faster: this opportunity has changed."))
    opportunity.refresh_from_db()
    return moved


def _registrations(opportunity: Opportunity, states: tuple[Status, ...]):
    rows = Registration.objects.filter(opportunity=opportunity, status__in=states)
    return rows.select_related("partner", "membership__program")


def _source(opportunity: Opportunity) -> UUID | None:
    """The partner that may read the event: who sourced it."""
    row = opportunity.partners.filter(role=PartnerRole.SOURCING).order_by("created_at").first()
    return row.partner_id if row else None


def _end(deal: Registration, stage: str, *, by: Actor, at: datetime) -> None:
    step = "win" if stage == Stage.WON else "lose"
    if REGISTRATION.refusal(deal, step, by=by, at=at) is not None:
        return
    until = rules.first_right(at, deal.partner.time_zone) if step == "lose" else None
    REGISTRATION.fire(deal, step, by=by, at=at, closed_at=at, first_right_until=until)
    wind(deal, at)


def _restore(deal: Registration, *, by: Actor, at: datetime) -> None:
    policy, span = policy_of(deal), span_of(deal)
    end = rules.restarted(span, policy, deal.closed_at or at, at)
    grace = rules.Span(span.began, end, span.zone).after(policy.grace_days)
    REGISTRATION.fire(
        deal, "reopen", by=by, at=at, closed_at=None, first_right_until=None, protection_expires_at=end,
        grace_until=grace, data={"protected_until": end.isoformat()},
    )  # fmt: skip
    wind(deal, at)
