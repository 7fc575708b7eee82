"""Revenue entered by finance, and taken away again."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

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
    if told.about and (odd := odd_return(told.about.pk, opportunity.pk, told.kind, told.amount)):
        raise Refused(odd[1], field=odd[0])
    made = RevenueEvent.objects.create(
        opportunity=opportunity, kind=told.kind, occurred_on=told.occurred_on, amount=told.amount, about=told.about,
        currency=opportunity.currency, service_start=told.service_start, service_end=told.service_end,
    )  # fmt: skip
    moved = {"kind": [None, made.kind], "occurred_on": [None, made.occurred_on.isoformat()],
             "amount": [None, str(made.amount)], "currency": [None, made.currency]}  # fmt: skip
    record("created", made, by=by, at=at, data={"changes": moved, "opportunity": opportunity.public_id})
    return made


def odd_return(
    about_id: UUID, opportunity_id: UUID, kind: str, amount: Decimal, *, pk: UUID | None = None
) -> tuple[str, str] | None:
    """(field, what is wrong) with a return, which names something of its own deal and takes back at most what is left
    of it. Until the transaction ends no other return of the same is judged. `pk` is its own, when it is there."""
    about = RevenueEvent.objects.select_for_update(no_key=True).get(pk=about_id)
    if about.deleted_at:
        return "about", _("The invoice or payment it is about was removed. Restore that first.")
    fits = about.opportunity_id == opportunity_id and about.kind not in TAKES_BACK
    if kind not in TAKES_BACK or not fits:
        return "about", _("Only a refund or credit is about an invoice or payment, and of the same deal.")
    left = about.amount - _returned(about, pk)
    if amount > left:
        return "amount", _("%s is left of it. Enter at most that.") % f"{left:,.2f} {about.currency}"
    return None


def _returned(about: RevenueEvent, without: UUID | None = None) -> Decimal:
    """How much of an invoice or payment went back."""
    returns = about.returns.filter(deleted_at=None).exclude(pk__in=[without] if without else [])
    return returns.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


@transaction.atomic
def cover_returns(event: RevenueEvent, values: dict[str, Any], *, by: Actor, at: datetime) -> dict[str, Any]:
    """The values of a change, which leaves an invoice or payment at least what went back of it. Until the transaction
    ends no return of it is judged."""
    by.require("revenue.enter")
    RevenueEvent.objects.select_for_update(no_key=True).get(pk=event.pk)
    back = _returned(event)
    if values.get("amount", event.amount) < back:
        raise Refused(
            _("%s of it went back already. Enter at least that, or change its refunds and credits first.")
            % f"{back:,.2f} {event.currency}",
            field="amount",
        )
    return values


@transaction.atomic
def remove_revenue(event: RevenueEvent, *, by: Actor, at: datetime) -> RevenueEvent:
    """It was entered by mistake: what it earned is reversed."""
    by.require("revenue.enter")
    RevenueEvent.objects.select_for_update(no_key=True).get(pk=event.pk)
    if event.returns.filter(deleted_at=None).exists():
        raise Refused(_("Some of it went back to the customer. Remove its refunds and credits first."), code="rule")
    if RevenueEvent.objects.filter(pk=event.pk, deleted_at=None).update(deleted_at=at) != 1:
        raise Refused(_("This was removed already."), code="illegal_transition")
    event.refresh_from_db()
    told = {"occurred_on": event.occurred_on.isoformat(), "opportunity": event.opportunity.public_id}
    record("deleted", event, by=by, at=at, data=told)
    return event
