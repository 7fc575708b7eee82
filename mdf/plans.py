"""A request or a claim as the plan that would write it the same again: what a door changes a part of."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, TextField
from django.db.models.functions import Cast, JSONObject

from mdf.models import Activity, BudgetLine, Claim, Request
from mdf.particulars import ActivityPlan, ClaimPlan, Invoiced, Line, Measurement, Plan, Shown

_OF_ACTIVITY, _OF_INVOICE, _OF_PROOF = (
    [one.name for one in fields(plan) if one.name not in ("measurement", "lines")]
    for plan in (ActivityPlan, Invoiced, Shown)
)


def of_request(request: Request) -> Plan:
    rows = request.activities.order_by("place_in_request").prefetch_related("lines")
    plans = tuple(of_activity(row) for row in rows)
    return Plan(request.membership, request.title, plans, request.allocation, request.late_reason)


def of_activity(activity: Activity) -> ActivityPlan:
    """What an activity plans; its lines are read already."""
    lines = sorted(activity.lines.all(), key=lambda line: line.place)
    return ActivityPlan(
        **{name: getattr(activity, name) for name in _OF_ACTIVITY},
        measurement=measurement(activity.measurement),
        lines=tuple(Line(line.label, line.cost) for line in lines),
    )


def with_lines(rows: QuerySet[Activity]) -> QuerySet[Activity]:
    """The activities, each with its budget lines as data in the column `told_lines`."""
    line = JSONObject(id=Cast("id", TextField()), label="label", cost=Cast("cost", TextField()))
    lines = BudgetLine.objects.filter(activity=OuterRef("pk")).order_by("place").values(told=line)
    return rows.annotate(told_lines=ArraySubquery(lines))


def measurement(told: Mapping[str, Any]) -> Measurement:
    """A plan of measurement from its words."""
    words = {name: told.get(name) or "" for name in ("metric", "target", "capture")}
    day = told.get("report_on")
    return Measurement(**words, report_on=date.fromisoformat(day) if isinstance(day, str) and day else day or None)


def of_claim(claim: Claim) -> ClaimPlan:
    invoices = claim.invoice_lines.select_related("budget_line").order_by("created_at", "id")
    return ClaimPlan(
        claim.activity, claim.amount,
        tuple(Invoiced(**{name: getattr(row, name) for name in _OF_INVOICE}) for row in invoices),
        tuple(
            Shown(**{name: getattr(row, name) for name in _OF_PROOF})
            for row in claim.proofs.order_by("created_at", "id")
        ),
        claim.results,
    )  # fmt: skip
