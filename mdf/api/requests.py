"""Requests for market funds with their activities, and every step of their life."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core.actor import Actor
from core.api.clean import Invalid
from core.api.containers import Data
from core.api.containers import Words as Texts
from core.api.kinds import Choice, Day, Moment, Schema, Text, Whole, YesNo, money
from core.api.lists import Object, Objects
from core.api.resources import CREATE, READ, Action, Field, Nested, Ref, Resource
from core.errors import Refused
from mdf import plans, services
from mdf.api.words import ANSWER, OWN_CURRENCY, PARTNER, QUESTION, REASON
from mdf.enums import ActivityStatus, ActivityType, Criterion, RequestStatus
from mdf.models import Activity, Allocation, BudgetLine, Request
from mdf.particulars import ActivityPlan, Decision, Line, Plan, Ruling, Words
from mdf.workflow import REQUEST
from partners.api import STAFF
from tiers.models import ProgramMembership

# --- activities ------------------------------------------------------------------------------------------------------


class _Lines(Objects):
    """Budget lines; each is told with its id, which invoices may name."""

    def show(self, value: Any) -> list[dict[str, Any]]:
        return [{"id": f"{BudgetLine.prefix}_{row['id'].replace('-', '')}", **self.one.show(row)} for row in value]

    def schema(self) -> Schema:
        made = super().schema()
        named = {"id": {"type": "string", "description": "Told, not sent."}} | made["items"]["properties"]
        return made | {"items": made["items"] | {"properties": named}}


_LINE = Object((Field("label", Text(160), required=True), Field("cost", money(positive=True), required=True)))
_MEASUREMENT = Object(
    (
        Field("metric", Text(200)),
        Field("target", Text(200)),
        Field("capture", Text(500), about="How it is found out."),
        Field("report_on", Day()),
    )
)


_PLANNED = (
    Field("activity_type", Choice(ActivityType.values), required=True, null=False, filter=True),
    Field("title", Text(160), required=True, null=False),
    Field("description", Text(4000)),
    Field("starts_on", Day(), required=True, null=False, filter=True),
    Field("ends_on", Day(), required=True, null=False),
    Field("place", Text(160), about="Empty: online."),
    Field("target_segment", Text(200)),
    Field("audience_size", Whole()),
    Field("target_leads", Whole()),
    Field("expected_pipeline", money()),
    Field("total_cost", money(positive=True), required=True, null=False),
    Field("asked_amount", money(positive=True), required=True, null=False),
    Field("measurement", _MEASUREMENT, null=False),
    Field("lines", _Lines(_LINE, services.requests.MOST_LINES), "told_lines",
          about="What it costs, part by part; they sum up to the total."),
)  # fmt: skip
_DECIDED = (
    OWN_CURRENCY,
    Field("status", Choice(ActivityStatus.values), write=READ, null=False, filter=True),
    Field("approved_amount", money(), write=READ),
    Field("decision_reason", Text(2000), write=READ),
    Field("verdicts", Data(), write=READ, null=False, vendor=True),
    Field("proofs", Texts(), write=READ, null=False, about="What must be shown, frozen at approval."),
    Field("claim_due_on", Day(), write=READ),
    Field("claim_extended", YesNo(), write=READ, null=False),
    Field("extension_asked_at", Moment(), write=READ),
    Field("extension_reason", Text(1000), write=READ),
    Field("tracking_code", Text(16), write=READ, filter=True),
    Field("results", Data(), write=READ, null=False, about="By days after the end."),
)
ACTIVITIES = Resource(
    "mdf_activities",
    Activity,
    about="One thing that is planned with market funds. It is written within its request.",
    owner="partner_id",
    computed=plans.with_lines,
    fields=(
        PARTNER,
        Field("request_id", Ref("mdf_requests"), write=READ, null=False, filter=True),
        *_PLANNED,
        *_DECIDED,
    ),
    actions=(
        Action("ask_extension", services.executing.ask_extension, "Ask for more time for its claim, once.", "",
               REASON, Words, needs_version=True, permission="mdf.claim"),
        Action("extend", services.executing.extend, "Give more time for its claim, once.", needs_version=True,
               permission="mdf.decide"),
    ),
)  # fmt: skip

# --- requests --------------------------------------------------------------------------------------------------------


def _membership(values: Mapping[str, Any], by: Actor) -> ProgramMembership:
    """The named membership, or the partner's first. Raises Invalid for another partner's, Refused without one."""
    rows = ProgramMembership.objects.visible_to(by).select_related("program", "tier").filter(deleted_at=None)
    if values.get("membership_id"):
        found = rows.get(pk=values["membership_id"])
        if found.partner_id != values["partner_id"]:
            raise Invalid([("/membership_id", "not_found", "There is no such record.")])
        return found
    mine = rows.filter(partner_id=values["partner_id"], status="active", program__status="active").order_by("starts_on")
    if (first := mine.first()) is None:
        raise Refused(_("The partner is in no program."), field="membership_id", code="no_membership")
    return first


def _allocation(values: Mapping[str, Any], by: Actor) -> Allocation | None:
    pk = values.get("allocation_id")
    return Allocation.objects.visible_to(by).get(pk=pk) if pk else None


def _activities(rows: Sequence[Mapping[str, Any]]) -> tuple[ActivityPlan, ...]:
    return tuple(_activity(dict(row)) for row in rows)


def _activity(told: dict[str, Any]) -> ActivityPlan:
    lines = tuple(Line(**line) for line in told.pop("told_lines", ()))
    return ActivityPlan(**told | {"measurement": plans.measurement(told.get("measurement", {})), "lines": lines})


def _draft(values: dict[str, Any], *, by: Actor, at: datetime) -> Request:
    plan = Plan(
        _membership(values, by),
        values.get("title", ""),
        _activities(values.get("activities", ())),
        _allocation(values, by),
        values.get("late_reason", ""),
    )
    return services.requests.draft(plan, by=by, at=at)


def _edit(request: Request, values: dict[str, Any], *, by: Actor, at: datetime) -> dict[str, Any]:
    """The request written anew with what was sent; nothing when that is what it says already."""
    before = plans.of_request(request)
    plan = _changed(before, values, by)
    if plan != before:
        services.requests.write(request, plan, by=by, at=at)
    return {}


def _changed(before: Plan, values: Mapping[str, Any], by: Actor) -> Plan:
    told = {name: values[name] for name in ("title", "late_reason") if name in values}
    if "activities" in values:
        told["activities"] = _activities(values["activities"])
    if "allocation_id" in values:
        told["allocation"] = _allocation(values, by)
    return replace(before, **told)


def _change(request: Request, told: Mapping[str, Any], *, by: Actor, at: datetime) -> Request:
    return services.changing.change(request, _changed(plans.of_request(request), told, by), by=by, at=at)


def _approve(request: Request, told: Mapping[str, Any], *, by: Actor, at: datetime) -> Request:
    known = {activity.pk: activity for activity in request.activities.all()}
    rulings = []
    for place, one in enumerate(told["rulings"]):
        if one["activity_id"] not in known:
            raise Invalid([(f"/rulings/{place}/activity_id", "not_found", "There is no such record.")])
        verdicts = one.get("verdicts", {})
        rulings.append(Ruling(known[one["activity_id"]], one["amount"], verdicts, one.get("reason", "")))
    return services.deciding.approve(request, Decision(rulings, told.get("note", "")), by=by, at=at)


_VERDICT = Object((Field("met", YesNo(), required=True), Field("reason", Text(500))))
_RULING = Object(
    (
        Field("activity_id", Ref("mdf_activities"), required=True, null=False),
        Field("amount", money(), required=True, null=False, about="From 0 to what was asked."),
        Field("verdicts", Object(tuple(Field(name, _VERDICT, null=False) for name in Criterion.values)), null=False),
        Field("reason", Text(2000), about="Why not all of it. The partner reads it."),
    )
)
_RULINGS = Field("rulings", Objects(_RULING, services.requests.MOST_ACTIVITIES), required=True, null=False)
_CHANGED = Objects(Object(_PLANNED), services.requests.MOST_ACTIVITIES)

REQUESTS = Resource(
    "mdf_requests",
    Request,
    about="What a partner plans with market funds: activities that are decided one by one. `activities` are written "
    "as a whole.",
    owner="partner_id",
    verbs=frozenset({"create", "update"}),
    writers=("mdf.request",),
    has_reference=True,
    workflow=REQUEST,
    create=_draft,
    update=_edit,
    nested=(
        Nested("activities", "mdf_activities", "request_id", tuple(f.name for f in (*_PLANNED, *_DECIDED)),
               whole=True, ids=True, order=("place_in_request",)),
    ),
    fields=(
        Field("partner_id", Ref("partners"), write=CREATE, required=True, null=False, filter=True),
        Field("membership_id", Ref("program_memberships"), write=CREATE, null=False, filter=True),
        Field("allocation_id", Ref("mdf_allocations"), filter=True, about="The funds it draws on."),
        Field("title", Text(160)),
        Field("changed_from_id", Ref("mdf_requests"), write=READ, filter=True,
              about="Of a changed part: the request it was agreed in."),
        Field("status", Choice(RequestStatus.values), write=READ, null=False, filter=True),
        OWN_CURRENCY,
        Field("late_reason", Text(1000), about="Why it comes so close to the start."),
        Field("on_behalf", YesNo(), write=READ, null=False),
        Field("confirmed_at", Moment(), write=READ),
        Field("submitted_at", Moment(), write=READ),
        Field("due_at", Moment(), write=READ, about="When the vendor's answer is due."),
        Field("question", Text(2000), write=READ),
        Field("steps", Texts(), write=READ, null=False, about="Who must say yes, in order."),
        Field("steps_done", Whole(), write=READ, null=False),
        Field("terms", Data(), write=READ, null=False, about="As fixed at approval."),
        Field("decided_at", Moment(), write=READ),
        Field("decided_by_user_id", STAFF, "decided_by_id", write=READ, vendor=True),
        Field("decision_reason", Text(2000), write=READ),
        Field("accept_by", Moment(), write=READ, about="Of a partial approval."),
    ),
    actions=(
        Action("submit", services.requests.submit, "Send it; the vendor's clock starts.", "submit",
               needs_version=True),
        Action("confirm", services.requests.confirm, "The partner agrees to what was written for it.",
               needs_version=True, permission="mdf.request"),
        Action("answer", services.requests.answer, "Answer the question; the clock runs on.", "answer", ANSWER, Words,
               needs_version=True),
        Action("accept", services.deciding.accept, "Take the part that was approved.", "accept", needs_version=True),
        Action("withdraw", services.requests.withdraw, "Take it back before it is agreed.", "withdraw",
               needs_version=True),
        Action("change", _change, "Other activities than approved: what is changed is decided again, in a request of "
               "its own (`changed_from_id`) where something stays as it was.", "change",
               (Field("activities", _CHANGED, required=True, null=False), Field("title", Text(160)),
                Field("late_reason", Text(1000))), dict, needs_version=True),
        Action("cancel", services.deciding.cancel, "Call it off before anything was paid.", "cancel", REASON, Words,
               needs_version=True),
        Action("ask", services.deciding.ask, "Ask the partner; the clock stops.", "ask", QUESTION, Words,
               needs_version=True),
        Action("approve", _approve, "Take the present step of approval; the last one reserves the money.", "approve",
               (_RULINGS, Field("note", Text(2000))), dict, needs_version=True),
        Action("reject", services.deciding.reject, "Not like this: it may be sent again.", "reject", REASON, Words,
               needs_version=True),
        Action("decline", services.deciding.decline, "No, for good.", "decline", REASON, Words, needs_version=True),
    ),
)  # fmt: skip
