"""What time does with an agreed request: it starts, ends, its claims fall due, the rest of its money is free again."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core import ledger, timers
from core.actor import SYSTEM, Actor
from core.calendar import end_of_local_day
from core.errors import Refused
from core.events import record
from mdf import money, rules
from mdf.enums import CLAIM_FINAL, CLAIM_OPEN, ActivityStatus, ClaimStatus, RequestStatus
from mdf.models import Activity, Request
from mdf.particulars import Words
from mdf.services import holding
from mdf.services.deciding import clocks_of
from mdf.services.sums import home_of, moved, post
from mdf.workflow import REQUEST


@transaction.atomic
def start(request: Request, *, at: datetime) -> Request:
    """Its first activity begins."""
    REQUEST.fire(request, "start", by=SYSTEM, at=at)
    return request


@transaction.atomic
def complete(request: Request, *, at: datetime) -> Request:
    """Its last activity is over."""
    if request.status == RequestStatus.APPROVED:
        REQUEST.fire(request, "start", by=SYSTEM, at=at)
    REQUEST.fire(request, "complete", by=SYSTEM, at=at)
    return request


def remind(activity: Activity, days: int, *, at: datetime) -> None:
    """So many days are left for its claim."""
    data = {"days": days, "due_on": str(activity.claim_due_on), "title": activity.title}
    record("reminded", activity, by=SYSTEM, at=at, partner_id=activity.partner_id, data=data)


@transaction.atomic
def extend(activity: Activity, *, by: Actor, at: datetime) -> Activity:
    """More time for a claim, once."""
    by.require("mdf.decide")
    days = activity.request.fund_terms.claim_extension_days
    if activity.claim_extended or not days or activity.claim_due_on is None:
        raise Refused(_("The time for this claim can't be extended any more."))
    if activity.status != ActivityStatus.APPROVED:
        raise Refused(_("Nothing of this activity is open any more."), code="illegal_transition")
    due = activity.claim_due_on + timedelta(days=days)
    holding.touch(activity.request)
    hit = Activity.objects.filter(pk=activity.pk, version=activity.version, claim_extended=False)
    if hit.update(claim_due_on=due, claim_extended=True) != 1:
        raise Refused(_("Somebody was faster. Look at it again."), code="already_decided")
    activity.refresh_from_db()
    timers.put(activity, clocks_of(activity, activity.request))
    data = {"due_on": str(due), "title": activity.title}
    record("extended", activity, by=by, at=at, partner_id=activity.partner_id, data=data)
    return activity


@transaction.atomic
def ask_extension(activity: Activity, words: Words, *, by: Actor, at: datetime) -> Activity:
    """The partner asks for more time for a claim, once and before the time is over."""
    by.require("mdf.claim")
    if why := no_extension(activity, at):
        raise Refused(why, code="no_extension")
    if not words.text:
        raise Refused(_("Say why you need more time."), field="text")
    Activity.objects.filter(pk=activity.pk).update(extension_asked_at=at, extension_reason=words.text)
    activity.refresh_from_db()
    data = {"text": words.text, "due_on": str(activity.claim_due_on), "title": activity.title}
    record("extension_asked", activity, by=by, at=at, partner_id=activity.partner_id, data=data)
    return activity


def no_extension(activity: Activity, at: datetime) -> str | None:
    """Why no more time can be asked for; None when it can."""
    return rules.no_extension(activity, activity.request.fund_terms, at, activity.request.partner.time_zone)


@transaction.atomic
def lapse(activity: Activity, *, at: datetime) -> Activity:
    """The last day for its claim has passed: what is not claimed is free again.

    What a claim in review asks for stays reserved, and what a declined one may still be sent again for.
    """
    if _waits(holding.activity(activity.pk), at):
        return activity
    return release(activity, at=at, lapsed=True)


def _waits(activity: Activity, at: datetime) -> bool:
    again = Q(status=ClaimStatus.REJECTED, resubmit_by__gt=at)
    return _claims(activity).filter(Q(status__in=CLAIM_OPEN) | again).exists()


def lapse_when_over(activity: Activity, *, at: datetime) -> None:
    """After its last day, what waited for a claim that has come to its end waits no more."""
    due, zone = activity.claim_due_on, activity.request.partner.time_zone
    if activity.status == ActivityStatus.APPROVED and due and at >= end_of_local_day(due, zone):
        lapse(activity, at=at)


def keep_until(activity: Activity, until: datetime) -> None:
    """Its money waits at least so long: a declined claim may be sent again."""
    if activity.status == ActivityStatus.APPROVED and activity.claim_due_on:
        end = end_of_local_day(activity.claim_due_on, activity.request.partner.time_zone)
        timers.put(activity, {"lapse": max(end, until)})


def _claims(activity: Activity) -> Any:
    return activity.claims.filter(deleted_at=None)


@transaction.atomic
def release(activity: Activity, *, at: datetime, lapsed: bool = False) -> Activity:
    """Gives back what is still reserved for an activity, and closes its request when nothing is open any more."""
    fresh = holding.activity(activity.pk)
    if fresh.status == ActivityStatus.APPROVED:
        _give_back(fresh, fresh.request, at, lapsed=lapsed)
    close_if_done(fresh.request, at=at)
    activity.refresh_from_db()
    return activity


def _give_back(activity: Activity, request: Request, at: datetime, *, lapsed: bool) -> None:
    left = money.balance(money.RESERVED, activity)
    paid_for = _claims(activity).filter(approved_amount__gt=0).exists()
    status = ActivityStatus.SETTLED if paid_for else ActivityStatus.RELEASED
    Activity.objects.filter(pk=activity.pk).update(status=status)
    activity.refresh_from_db()
    holding.touch(request)
    if paid_for:
        timers.clear(activity, *clocks_of(activity, request))  # its results are still asked for
    else:
        timers.stop(activity)
    legs = ledger.move(money.reserved(activity), home_of(request, at), left) if left else []
    told = {"amount": str(left.amount), "currency": left.currency, "title": activity.title} | moved(legs)
    verb = "lapsed" if lapsed else "settled"
    event = record(verb, activity, by=SYSTEM, at=at, partner_id=activity.partner_id, data=told)
    post(event, legs)


def settle(activity: Activity, *, at: datetime) -> None:
    """When all of an activity's money is claimed, nothing more is awaited of it."""
    if not money.balance(money.RESERVED, activity):
        release(activity, at=at)


def close_if_done(request: Request, *, at: datetime) -> Request:
    """Closed when each activity is settled and each claim has come to its end; lapsed when nobody claimed anything."""
    if request.activities.filter(status=ActivityStatus.APPROVED).exists():
        return request
    if request.status not in (RequestStatus.APPROVED, RequestStatus.IN_EXECUTION, RequestStatus.COMPLETED):
        return request
    ended = (*CLAIM_FINAL, ClaimStatus.PAID, ClaimStatus.RECONCILED, ClaimStatus.REJECTED, ClaimStatus.DRAFT)
    rows = [status for a in request.activities.all() for status in a.claims.values_list("status", flat=True)]
    if any(status not in ended for status in rows):
        return request
    paid = any(status in (ClaimStatus.PAID, ClaimStatus.RECONCILED, ClaimStatus.CLAWED_BACK) for status in rows)
    REQUEST.fire(request, "close" if paid else "lapse", by=SYSTEM, at=at)
    timers.stop(request)
    return request
