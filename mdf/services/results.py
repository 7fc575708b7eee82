"""Results of activities: asked for some days after the end, reported by the partner."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from core import timers
from core.actor import SYSTEM, Actor
from core.calendar import end_of_local_day
from core.errors import Refused
from core.events import record
from mdf.enums import ActivityStatus
from mdf.models import Activity, Request
from mdf.particulars import Result
from mdf.services import holding

_RAN = (ActivityStatus.APPROVED, ActivityStatus.SETTLED)


def watch(request: Request) -> None:
    """Sets the days on which results of its activities are asked for."""
    zone = request.partner.time_zone
    rows = list(request.activities.filter(status=ActivityStatus.APPROVED))
    days = request.fund_terms.result_days
    timers.put_all(
        [
            (one, {f"ask_results_{n}": end_of_local_day(one.ends_on + timedelta(days=n - 1), zone) for n in days})
            for one in rows
        ]
    )


def missing(activity: Activity, today: date) -> tuple[int, ...]:
    """The spans, in days after the end, that are over and not reported."""
    if activity.status not in _RAN:
        return ()
    spans = activity.request.fund_terms.result_days
    over = (today - activity.ends_on).days
    return tuple(n for n in sorted(spans) if n <= over and str(n) not in activity.results)


def ask(activity: Activity, days: int, *, at: datetime) -> None:
    """So many days have passed: what came of it? Nothing where it was reported or never took place."""
    if activity.status in _RAN and str(days) not in activity.results:
        data = {"days": days, "title": activity.title}
        record("results_due", activity, by=SYSTEM, at=at, partner_id=activity.partner_id, data=data)


@transaction.atomic
def report(activity: Activity, told: Result, *, by: Actor, at: datetime) -> Activity:
    """What came of an activity up to a day; a later word about the same day takes the place of the earlier one."""
    by.require("mdf.claim")
    fresh = holding.activity(activity.pk)
    if fresh.status not in _RAN:
        raise Refused(_("Nothing was agreed for this activity. There is nothing to report."), code="illegal_transition")
    if told.days not in fresh.request.fund_terms.result_days:
        raise Refused(_("Choose one of the days of the program."), field="days")
    if at < end_of_local_day(fresh.ends_on, fresh.request.partner.time_zone):
        raise Refused(_("%s is not over yet. Report once it is.") % fresh, code="rule")
    if told.leads < 0 or min(told.pipeline, told.won) < 0:
        raise Refused(_("Enter numbers of 0 or more."), field="pipeline")
    found = {"leads": told.leads, "pipeline": f"{told.pipeline:.2f}", "won": f"{told.won:.2f}"}
    known = found | {"note": told.note, "at": at.isoformat(), "by": by.label}
    Activity.objects.filter(pk=fresh.pk).update(results=fresh.results | {str(told.days): known})
    activity.refresh_from_db()
    data = {"days": told.days, "title": activity.title, "currency": activity.currency} | found
    record("reported", activity, by=by, at=at, partner_id=activity.partner_id, data=data)
    return activity
