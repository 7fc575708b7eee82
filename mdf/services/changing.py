"""The partner changes what was agreed: the part that is changed is decided anew, the rest stays agreed.

What stays keeps its money, its days and its claims. The changed activities go into a request of their own
(`changed_from`), so that each request stands in one state; where nothing agreed stays, the request itself is re-opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core import timers
from core.actor import Actor
from core.calendar import end_of_local_day
from core.errors import Refused
from core.events import record
from mdf import plans
from mdf.enums import ActivityStatus, RequestStatus
from mdf.models import Activity, BudgetLine, Request
from mdf.particulars import ActivityPlan, Plan
from mdf.services import hands, holding
from mdf.services.executing import close_if_done
from mdf.services.requests import refuse_plan, refuse_sums, take_up
from mdf.services.sums import moved, post, release_legs
from mdf.workflow import REQUEST

_AGREED = (ActivityStatus.APPROVED, ActivityStatus.SETTLED)
_OUT_OF_THE_WAY = 1000  # places beyond any request's
_UNDECIDED: dict[str, Any] = {
    "status": ActivityStatus.ASKED, "approved_amount": None, "decision_reason": "", "verdicts": {}, "proofs": [],
    "claim_due_on": None, "claim_extended": False, "extension_asked_at": None, "extension_reason": "", "results": {},
}  # fmt: skip


@dataclass(frozen=True)
class _Parts:
    """What stays as it is, what is no more planned so, and what is planned instead, with the row it takes over."""

    kept: Sequence[Activity]
    gone: Sequence[Activity]
    planned: Sequence[tuple[ActivityPlan, Activity | None]]

    @property
    def dropped(self) -> list[Activity]:
        """What nothing takes the place of."""
        taken = {row.pk for _plan, row in self.planned if row}
        return [one for one in self.gone if one.pk not in taken]


@transaction.atomic
def change(request: Request, plan: Plan, *, by: Actor, at: datetime) -> Request:
    """Gives back what was reserved for the changed part and sends it to be decided; returns the request it is in.

    Raises Refused when nothing is changed, or something of the changed part was claimed already.
    """
    REQUEST.hold(request, "change", by=by)
    refuse_plan(plan, request)
    parts = _parts(request, plan)
    if not parts.gone and not parts.planned:
        raise Refused(_("Nothing is changed. Change something, or go back."), code="unchanged")
    for one in parts.gone:
        if one.claims.exists():
            raise Refused(_("Something was claimed already for %s. Ask for a new request instead.") % one)
    if any(one.status in _AGREED for one in parts.kept):
        return _part(request, plan, parts, by=by, at=at)
    return _whole(request, plan, by=by, at=at)


def _parts(request: Request, plan: Plan) -> _Parts:
    rows = request.activities.exclude(status=ActivityStatus.RELEASED).order_by("place_in_request")
    left, kept, other = list(rows.prefetch_related("lines")), [], []
    for told in plan.activities:
        same = next((row for row in left if _facts(plans.of_activity(row)) == _facts(told)), None)
        if same is None:
            other.append(told)
        else:
            left.remove(same)
            kept.append(same)
    return _Parts(kept, left, _paired(other, left))


def _facts(plan: ActivityPlan) -> tuple[Any, ...]:
    return plan.values(), [(line.label, line.cost) for line in plan.lines]


def _paired(told: Sequence[ActivityPlan], rows: Sequence[Activity]) -> list[tuple[ActivityPlan, Activity | None]]:
    """Each plan with the row that it changes: the one of its name, else one of its type; None for what is new."""
    found: dict[int, Activity] = {}
    for key in ("title", "activity_type"):
        for n, plan in enumerate(told):
            free = (row for row in rows if row not in found.values() and getattr(row, key) == getattr(plan, key))
            if n not in found and (row := next(free, None)):
                found[n] = row
    return [(plan, found.get(n)) for n, plan in enumerate(told)]


def _whole(request: Request, plan: Plan, *, by: Actor, at: datetime) -> Request:
    """Nothing that was agreed stays: the request itself is decided again."""
    legs = release_legs(request, at)
    rows = list(request.activities.order_by("place_in_request"))
    event = REQUEST.fire(
        request, "change", by=by, at=at, terms={}, decided_by_id=None, title=plan.title or request.title,
        **_hand(request, by), data=moved(legs),
    )  # fmt: skip
    post(event, legs)
    planned = _paired(plan.activities, rows)
    taken = {row.pk for _plan, row in planned if row}
    for row in rows:
        timers.stop(row)
    request.activities.exclude(pk__in=taken).delete()
    _write(request, planned)
    refuse_sums(request)
    return take_up(request, at=at)


def _hand(request: Request, by: Actor) -> dict[str, Any]:
    """What the vendor's people change, the partner confirms, and another person decides."""
    return {} if by.partner_ids else {"on_behalf": True, "confirmed_at": None, "created_by_id": hands.person(by)}


def _part(request: Request, plan: Plan, parts: _Parts, *, by: Actor, at: datetime) -> Request:
    legs = release_legs(request, at, [one.pk for one in parts.gone])
    for one in parts.gone:
        timers.stop(one)
    Activity.objects.filter(pk__in=[one.pk for one in parts.dropped]).update(status=ActivityStatus.RELEASED)
    part = _opened(request, parts, by) if parts.planned else None
    told = {"part": part.reference} if part else {}
    verb = "changed_partly" if part else "reduced"
    event = record(verb, request, by=by, at=at, partner_id=request.partner_id, data=told | moved(legs))
    post(event, legs)
    holding.touch(request)
    _watch_again(request)
    close_if_done(request, at=at)
    if part is None:
        return request
    refuse_sums(part)
    REQUEST.fire(part, "part", by=by, at=at, submitted_at=at, data={"of": request.reference})
    return take_up(part, at=at)


def _opened(request: Request, parts: _Parts, by: Actor) -> Request:
    """A request of the changed part alone, not sent yet."""
    title = parts.planned[0][0].title if len(parts.planned) == 1 else request.title
    part = Request.objects.create(
        partner_id=request.partner_id, membership=request.membership, allocation=request.allocation, title=title,
        currency=request.currency, late_reason=request.late_reason, created_by_id=hands.person(by),
        on_behalf=not by.partner_ids, changed_from=request.changed_from or request,
    )  # fmt: skip
    _write(part, parts.planned)
    return part


def _write(request: Request, planned: Sequence[tuple[ActivityPlan, Activity | None]]) -> None:
    """The activities of a request as they are planned now; a row that goes on keeps its id and its tracking code."""
    request.activities.update(place_in_request=F("place_in_request") + _OUT_OF_THE_WAY)
    for place, (plan, row) in enumerate(planned):
        values = plan.values() | _UNDECIDED | {"request": request, "place_in_request": place}
        if row is None:
            fresh = {"partner_id": request.partner_id, "currency": request.currency}
            _write_lines(Activity.objects.create(**fresh, **values), plan)
        else:
            Activity.objects.filter(pk=row.pk).update(**values)
            row.lines.all().delete()
            _write_lines(row, plan)


def _write_lines(activity: Activity, plan: ActivityPlan) -> None:
    BudgetLine.objects.bulk_create(
        BudgetLine(activity=activity, partner_id=activity.partner_id, place=n, label=line.label, cost=line.cost)
        for n, line in enumerate(plan.lines)
    )


def _watch_again(request: Request) -> None:
    """The start and the end of what is left of it; its claims' days stay as they are."""
    left = list(request.activities.filter(status=ActivityStatus.APPROVED))
    if not left:
        return
    zone = request.partner.time_zone
    first, last = min(one.starts_on for one in left), max(one.ends_on for one in left)
    starts = {"start": end_of_local_day(first - timedelta(days=1), zone)}
    is_ahead = request.status == RequestStatus.APPROVED
    timers.put(request, {"complete": end_of_local_day(last, zone), **(starts if is_ahead else {})})
