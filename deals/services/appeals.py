"""A declined registration is looked at once more, by another person."""

from datetime import datetime

from django.db import transaction

from core.actor import Actor
from deals.models import Registration
from deals.particulars import Reason
from deals.services import answering
from deals.services.decisions import renewed_steps
from deals.services.winding import wind
from deals.standing import with_standing
from deals.workflow import REGISTRATION


@transaction.atomic
def appeal(deal: Registration, reason: Reason, *, by: Actor, at: datetime) -> Registration:
    """The partner's second word, once, within 10 days; our clock starts anew."""
    REGISTRATION.fire(
        deal, "appeal", by=by, at=at, appealed_at=at, **answering.fresh(deal, at), data={"text": reason.text}
    )
    answering.watch(deal)
    wind(deal, at)
    return deal


@transaction.atomic
def grant_appeal(deal: Registration, reason: Reason, *, by: Actor, at: datetime) -> Registration:
    """Back into review with a fresh clock, as if it had not been declined; not by whoever declined it."""
    with_standing(deal, by)
    deal.approvals.all().delete()  # every step is taken anew; the events remember the first round
    REGISTRATION.fire(
        deal, "grant_appeal", by=by, at=at,
        rejection_code="", decision_reason="", decided_at=None, decided_by=None, decided_label="",
        **answering.fresh(deal, at), **renewed_steps(deal) | {"steps_done": 0}, data={"text": reason.text},
    )  # fmt: skip
    answering.watch(deal)
    wind(deal, at)
    return deal


@transaction.atomic
def refuse_appeal(deal: Registration, reason: Reason, *, by: Actor, at: datetime) -> Registration:
    """The second no is for good; not by whoever said the first one."""
    with_standing(deal, by)
    person = by.id if by.kind == "vendor" else None
    REGISTRATION.fire(
        deal, "refuse_appeal", by=by, at=at, due_at=None, closed_at=at,
        decided_at=at, decided_by_id=person, decided_label=by.label, decision_reason=reason.text,
        data={"text": reason.text, "rejection_code": deal.rejection_code},
    )  # fmt: skip
    answering.watch(deal)
    wind(deal, at)
    return deal
