"""Revenue entered by finance, and taken away again."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused
from core.events import record
from deals.enums import TAKES_BACK
from deals.models import Opportunity, RevenueEvent
from deals.particulars import Revenue


@transaction.atomic
def enter_revenue(opportunity: Opportunity, told: Revenue, *, by: Actor, at: datetime) -> RevenueEvent:
    """An invoice, payment, refund or credit of this opportunity, in its currency."""
    by.require("revenue.enter")
    if told.amount <= 0:
        raise Refused(
            _("Enter an amount above zero. Choose refund or credit for money that goes back."), field="amount"
        )
    if told.service_end and (told.service_start is None or told.service_end < told.service_start):
        raise Refused(_("The service must start before it ends."), field="service_start")
    _refuse_odd_return(opportunity, told)
    made = RevenueEvent.objects.create(
        opportunity=opportunity, kind=told.kind, occurred_on=told.occurred_on, amount=told.amount, about=told.about,
        currency=opportunity.currency, service_start=told.service_start, service_end=told.service_end,
    )  # fmt: skip
    moved = {"kind": [None, made.kind], "occurred_on": [None, made.occurred_on.isoformat()],
             "amount": [None, str(made.amount)], "currency": [None, made.currency]}  # fmt: skip
    record("created", made, by=by, at=at, data={"changes": moved, "opportunity": opportunity.public_id})
    return made


def _refuse_odd_return(opportunity: Opportunity, told: Revenue) -> None:
    """A return names what it is about: of the same deal, and not more than is left of it."""
    if told.about is None:
        return
    about = RevenueEvent.objects.select_for_update(no_key=True).get(pk=told.about.pk)
    fits = about.opportunity_id == opportunity.pk and about.deleted_at is None and about.kind not in TAKES_BACK
    if told.kind not in TAKES_BACK or not fits:
        raise Refused(_("Only a refund or credit is about an invoice or payment, and of the same deal."), field="about")
    back = about.returns.filter(deleted_at=None).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    if back + told.amount > about.amount:
        left = f"{about.amount - back:,.2f} {about.currency}"
        raise Refused(_("%s is left of it. Enter at most that.") % left, field="amount")


@transaction.atomic
def remove_revenue(event: RevenueEvent, *, by: Actor, at: datetime) -> RevenueEvent:
    """It was entered by mistake: what it earned is reversed."""
    by.require("revenue.enter")
    if RevenueEvent.objects.filter(pk=event.pk, deleted_at=None).update(deleted_at=at) != 1:
        raise Refused(_("This was removed already."), code="illegal_transition")
    event.refresh_from_db()
    told = {"occurred_on": event.occurred_on.isoformat(), "opportunity": event.opportunity.public_id}
    record("deleted", event, by=by, at=at, data=told)
    return event
