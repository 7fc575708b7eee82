"""Changes of what both sides do together: integrations, mutual value, calls, the plan of a year."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Forbidden, Refused, Stale
from core.events import changes, record
from core.models import Record
from partners.models import Call, Integration, MutualValue, Partner, YearPlan
from partners.particulars import CallReport, Link, Plan, Worth
from partners.workflow import INTEGRATION


def _require(by: Actor) -> None:
    """The vendor's people who care for partners, and the partner's own admin."""
    if not (by.can("partner.edit") or by.can("profile.edit")):
        raise Forbidden(_("Your role can't do this. Ask your administrator."), permission="profile.edit")


def _write(row: Record, values: Mapping[str, Any]) -> dict[str, list[str | None]]:
    """Sets the columns that differ, on the version that was read; what moved."""
    moved = changes({name: getattr(row, name) for name in values}, values)
    if moved:
        rows = type(row)._base_manager.filter(pk=row.pk, version=row.version)
        if rows.update(**{name: values[name] for name in moved}) != 1:
            raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
        row.refresh_from_db()
    return moved


@transaction.atomic
def add_integration(partner: Partner, link: Link, *, by: Actor, at: datetime) -> Integration:
    """A planned integration. Raises Refused when the partner has one of this name."""
    _require(by)
    _refuse_future(link, at)
    try:
        with transaction.atomic():
            row = Integration.objects.create(partner=partner, **link.values())
    except IntegrityError as error:
        raise Refused(_("There is an integration of this name."), code="name_taken", field="name") from error
    record("created", row, by=by, at=at, partner_id=partner.pk, data={"name": row.name})
    return row


@transaction.atomic
def edit_integration(row: Integration, link: Link, *, by: Actor, at: datetime) -> Integration:
    """What is known about it; its state moves by the steps alone."""
    _require(by)
    _refuse_future(link, at)
    try:
        with transaction.atomic():
            moved = _write(row, link.values())
    except IntegrityError as error:
        raise Refused(_("There is an integration of this name."), code="name_taken", field="name") from error
    if moved:
        record("updated", row, by=by, at=at, partner_id=row.partner_id, data={"changes": moved})
    return row


def _refuse_future(link: Link, at: datetime) -> None:
    if link.last_reviewed and link.last_reviewed > at.date():
        raise Refused(_("Enter the day of the review, today at the latest."), field="last_reviewed")


def try_out(row: Integration, *, by: Actor, at: datetime) -> Integration:
    """First customers use it."""
    INTEGRATION.fire(row, "try_out", by=by, at=at)
    return row


def go_live(row: Integration, *, by: Actor, at: datetime) -> Integration:
    """Every customer can use it: a commercial event of technology and integration partners."""
    INTEGRATION.fire(row, "go_live", by=by, at=at, live_since=at.date(), data={"name": row.name})
    return row


def retire(row: Integration, *, by: Actor, at: datetime) -> Integration:
    INTEGRATION.fire(row, "retire", by=by, at=at)
    return row


def plan_again(row: Integration, *, by: Actor, at: datetime) -> Integration:
    INTEGRATION.fire(row, "plan_again", by=by, at=at, live_since=None)
    return row


@transaction.atomic
def agree_on_value(partner: Partner, worth: Worth, *, by: Actor, at: datetime) -> MutualValue:
    """What each side gives, as it was agreed."""
    by.require("partner.edit")
    row = MutualValue.objects.create(partner=partner, **worth.values())
    record("created", row, by=by, at=at, partner_id=partner.pk, data={"title": row.title})
    return row


@transaction.atomic
def edit_value(row: MutualValue, worth: Worth, *, by: Actor, at: datetime) -> MutualValue:
    by.require("partner.edit")
    if moved := _write(row, worth.values()):
        record("updated", row, by=by, at=at, partner_id=row.partner_id, data={"changes": moved})
    return row


@transaction.atomic
def log_call(partner: Partner, report: CallReport, *, by: Actor, at: datetime) -> Call:
    """A talk and what comes next. Neither it nor its event ever reaches the partner."""
    by.require("note.write")
    if report.at > at:
        raise Refused(_("Enter when you talked, now at the latest."), field="at")
    row = Call.objects.create(partner=partner, author_id=by.id, **report.values())
    record("created", row, by=by, at=at, data={"partner": partner.public_id})
    return row


@transaction.atomic
def do_next_step(row: Call, *, by: Actor, at: datetime) -> None:
    """The next step of a talk is done."""
    by.require("note.write")
    if Call.objects.filter(pk=row.pk, done_at=None).exclude(next_step="").update(done_at=at) != 1:
        raise Stale(_("Somebody did this already."))
    row.refresh_from_db()
    record("done", row, by=by, at=at, data={"partner": row.partner.public_id})


@transaction.atomic
def plan_year(partner: Partner, plan: Plan, *, by: Actor, at: datetime) -> YearPlan:
    """The plan of a year, made or changed. Raises Stale when the form showed an older one."""
    by.require("partner.edit")
    values = plan.values()
    version = values.pop("version")
    row, new = YearPlan.objects.get_or_create(partner=partner, year=plan.year, defaults=values)
    if new:
        record("created", row, by=by, at=at, partner_id=partner.pk, data={"year": row.year})
        return row
    if version != row.version:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    if moved := _write(row, values):
        record("updated", row, by=by, at=at, partner_id=partner.pk, data={"year": row.year, "changes": moved})
    return row


def watch(partner: Partner, *, by: Actor, at: datetime) -> None:
    """Writes down that somebody of the vendor looks at the portal as this partner."""
    by.require("partner.watch")
    record("watched", partner, by=by, at=at, data={"partner": partner.public_id})
