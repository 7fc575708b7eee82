"""What came of a partner's earlier funds, beside the request that is decided."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.actor import Actor
from core.parts import Column, Fact, Row, Table, Tag
from mdf.models import Request
from mdf.track_record import Kept, Past, TrackRecord, track_record

GOOD = 80  # percent of what was forecast


@dataclass(frozen=True)
class Record:
    """Earlier activities with forecast against result, in all and by type."""

    table: Table | None
    facts: list[Fact]
    template: str = "mdf/console/_record.html"


def record(actor: Actor, request: Request, at: datetime) -> Record:
    found = track_record(request.partner, actor=actor, at=at, leave_out=request)
    return Record(_table(found) if found else None, _facts(found, request))


def _table(found: TrackRecord) -> Table:
    columns = (
        Column(_("Activity")), Column(_("Where it stands")), Column(_("Approved"), "num"), Column(_("Paid"), "num"),
        Column(_("Forecast"), "num"), Column(_("Result"), "num"), Column(_("Per unit paid"), "num"),
        Column(_("Leads"), "num"),
    )  # fmt: skip
    return Table(_("Earlier activities of this partner"), columns, [_row(one) for one in found.past])


def _row(one: Past) -> Row:
    times = f"{one.times:,.1f}×" if one.times is not None else None
    return Row(
        (one.title, one.told, one.approved, one.paid, one.forecast, one.result, times, _leads(one)),
        reverse("admin:mdf_request", args=[one.reference]),
    )


def _leads(one: Past) -> str | None:
    """Those that came with its code, and how many it aimed at."""
    if one.leads is None:
        return None
    return (
        _("%(n)d of %(wanted)d") % {"n": one.leads, "wanted": one.leads_wanted} if one.leads_wanted else str(one.leads)
    )


def _facts(found: TrackRecord, request: Request) -> list[Fact]:
    kinds = dict.fromkeys(activity.activity_type for activity in request.activities.all())
    of_types = [kept for kind in kinds if (kept := found.of_type(kind))]
    rows = [
        Fact(_("In all"), found.words if found else None),
        *(Fact(_("Of this type: %s") % kept.type_label.lower(), _tag(kept), hint=_counted(kept)) for kept in of_types),
        Fact(_("Declined before"), found.declined or None),
        Fact(_("Lapsed before"), found.lapsed or None),
    ]
    return [row for row in rows if row.value is not None]


def _tag(kept: Kept) -> Tag:
    percent = (kept.kept or 0) * 100
    return Tag(_("%s%% of what was forecast came") % f"{percent:.0f}", "good" if percent >= GOOD else "warn")


def _counted(kept: Kept) -> str:
    return ngettext("over %d activity", "over %d activities", kept.activities) % kept.activities
