"""What a partner writes to ask for market funds: one form, one or more activities."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from core.forms import AmountField, DateField
from core.money import Money
from mdf.enums import ActivityStatus, ActivityType
from mdf.forms.parts import count, long, must, text
from mdf.forms.typed import Shape, Typed, WholeForm, blank, given, is_empty
from mdf.models import Request
from mdf.particulars import ActivityPlan, Line, Measurement, Plan
from mdf.queries.own import Source
from mdf.rules import Planned, our_share, working_days_between

REPORT_DAYS = 30  # after the end, where no other day is named
_MEASURED = ("metric", "target", "capture", "report_on")
_OWN = (
    "activity_type", "title", "starts_on", "ends_on", "place", "target_segment", "audience_size", "target_leads",
    "expected_pipeline", "total_cost", "asked_amount", "description",
)  # fmt: skip
LINE = Shape(("label", "cost"))
ACTIVITY = Shape((*_OWN, *_MEASURED), {"line": LINE})
REQUEST = Shape(("draft", "allocation", "title", "late_reason"), {"activity": ACTIVITY})


class LineForm(forms.Form):
    label = text(_("What for"), length=160, missing=_("Enter what this line is for."))
    cost = AmountField(label=_("Cost"), error_messages=must(_("Enter what it costs.")))


class ActivityForm(forms.Form):
    """One planned activity. Days, amounts and places that follow from others may stay empty."""

    activity_type = forms.ChoiceField(label=_("Type"), choices=ActivityType)
    title = text(_("Its name"), length=160, missing=_("Enter a name, like Harbour fair in Porto."))
    starts_on = DateField(label=_("First day"), error_messages=must(_("Enter the first day.")))
    ends_on = DateField(label=_("Last day"), required=False, help_text=_("Leave it empty if it is one day."))
    place = text(_("Place"), length=160, hint=_("Leave it empty if it is online."))
    target_segment = text(_("Who it is for"), hint=_("The segment, like shipping lines."),
                          missing=_("Enter the segment it is for."))  # fmt: skip
    audience_size = count(_("How many people come or see it"))
    target_leads = count(_("Leads you aim at"))
    expected_pipeline = AmountField(
        label=_("Pipeline you expect from it"), positive=False, error_messages=must(_("Enter the pipeline you expect."))
    )
    total_cost = AmountField(label=_("What it costs in all"), error_messages=must(_("Enter what it costs.")))
    asked_amount = AmountField(label=_("What you ask for"), required=False)
    metric = text(_("What you count"), length=120, hint=_("Like leads or meetings."),
                  missing=_("Enter what you count."))  # fmt: skip
    target = text(_("How many you aim at"), length=120, missing=_("Enter a number."))
    capture = text(_("How you find out"), length=200, hint=_("Like badge scans or a form with our code."),
                   missing=_("Enter how you find out."))  # fmt: skip
    report_on = DateField(
        label=_("When you report it"), required=False, help_text=_("Leave it empty for 30 days after the end.")
    )
    description = long(_("More about it"), length=4000)

    def __init__(self, typed: Typed, *, source: Source, today: date, bound: bool):
        super().__init__(**given(typed, f"activity{typed['key']}", bound))
        self.key, self.source = typed["key"], source
        rows = [row for row in typed["rows"]["line"] if not (bound and is_empty(row))]
        self.lines = [LineForm(**given(row, f"{self.prefix}-line{row['key']}", bound)) for row in rows]
        self.line_keys = [row["key"] for row in rows]
        self._adapt(today)

    def _adapt(self, today: date) -> None:
        terms, currency = self.source.terms, self.source.allocation.currency
        asked_first = terms.preapproval is not None and terms.preapproval.unlisted  # people decide about all others
        listed = () if asked_first else terms.types
        kinds = [(word, label) for word, label in ActivityType.choices if not listed or word in listed]
        self.fields["activity_type"].choices = kinds  # type: ignore[attr-defined]
        self.fields["starts_on"].widget.attrs["min"] = today.isoformat()
        for name in ("expected_pipeline", "total_cost", "asked_amount"):
            self.fields[name].label = f"{self.fields[name].label} ({currency})"
        self.fields["total_cost"].required = not self.lines  # else it is their sum
        share = f"{self.source.share.normalize():f}"
        self.fields["asked_amount"].help_text = _("Leave it empty for our share: %s%% of the cost.") % share
        for name in _MEASURED[:3]:
            self.fields[name].required = terms.plan_required
        if terms.segments:
            self.fields["target_segment"].widget.attrs["list"] = "segments"

    def rows(self) -> list[tuple[str, str, LineForm]]:
        """(the row's key, its place, its form) for the page."""
        return [(k, f"{self.prefix}-line{k}", form) for k, form in zip(self.line_keys, self.lines, strict=True)]

    # --- what follows from what

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["ends_on"] = data.get("ends_on") or data.get("starts_on")
        if data["ends_on"] and data["ends_on"] < data.get("starts_on", date.min):
            self.add_error("ends_on", _("It ends before it starts. Correct one of the days."))
        elif data["ends_on"]:
            data["report_on"] = data.get("report_on") or data["ends_on"] + timedelta(days=REPORT_DAYS)
        self._clean_money(data)
        return data

    def _clean_money(self, data: dict[str, Any]) -> None:
        summed = self.sum_of_lines()
        cost = data["total_cost"] = data.get("total_cost") or summed
        if "total_cost" in self.errors:
            return None
        if not cost:
            return self.add_error("total_cost", _("Enter what it costs, or correct its lines."))
        if summed and cost != summed:
            words = _("The lines sum to %(sum)s. Correct them, or the cost.") % {"sum": f"{summed:,.2f}"}
            return self.add_error("total_cost", words)
        data["asked_amount"] = data.get("asked_amount") or self.usual_share(cost)
        if data["asked_amount"] > cost:
            self.add_error("asked_amount", _("You can't ask for more than it costs."))
        return None

    def usual_share(self, cost: Decimal) -> Decimal:
        return our_share(Money(cost, self.source.allocation.currency), self.source.share).amount

    def sum_of_lines(self) -> Decimal | None:
        """None where there are no lines, or one that does not fit."""
        if not self.lines or not all(line.is_valid() for line in self.lines):
            return None
        return sum((line.cleaned_data["cost"] for line in self.lines), Decimal(0))

    def is_whole(self) -> bool:
        return self.is_valid() and all(line.is_valid() for line in self.lines)

    # --- what comes of it

    def plan(self) -> ActivityPlan:
        data = self.cleaned_data
        lines = [Line(line.cleaned_data["label"], line.cleaned_data["cost"]) for line in self.lines]
        measurement = Measurement(**{name: data[name] for name in _MEASURED})
        return ActivityPlan(**{name: data[name] for name in _OWN}, measurement=measurement, lines=lines)

    @property
    def begins(self) -> date | None:
        """Its first day, where one is written and fits."""
        self.full_clean()
        return self.cleaned_data.get("starts_on")

    def planned(self) -> Planned:
        """What of it fits, for the criteria."""
        self.full_clean()
        data = self.cleaned_data
        measured = {name: str(data[name]) for name in _MEASURED if data.get(name)}
        if not any(name in measured for name in _MEASURED[:3]):
            measured = {}  # the day alone was filled in by us
        return Planned(
            data.get("target_segment", ""), measured, data.get("expected_pipeline"), data.get("asked_amount"),
            data.get("ends_on"),
        )  # fmt: skip


class Top(forms.Form):
    draft = forms.UUIDField(widget=forms.HiddenInput)
    allocation = forms.ChoiceField(label=_("Which funds"), error_messages=must(_("Choose the funds.")))
    title = text(_("A name for the whole"), length=160, hint=_("Leave it empty to use the first activity's."))
    late_reason = long(_("Why you ask so late"), length=1000, rows=2)


class RequestForm(WholeForm):
    """The whole form."""

    def __init__(self, typed: Typed, *, sources: Sequence[Source], today: date, bound: bool = False):
        super().__init__(typed, bound)
        self.today = today
        known = {str(one.allocation.pk): one for one in sources}
        self.source = known.get(typed["values"]["allocation"]) or sources[0]
        self.top = Top(**given(typed, "", bound))
        self.several = self.top.fields["allocation"].required = len(known) > 1
        self.top.fields["allocation"].choices = [(key, _fund(one)) for key, one in known.items()]  # type: ignore
        self.activities = [
            ActivityForm(row, source=self.source, today=today, bound=bound) for row in typed["rows"]["activity"]
        ]

    def _forms(self) -> Iterator[forms.Form]:
        yield self.top
        for one in self.activities:
            yield one
            yield from one.lines

    def is_valid(self) -> bool:
        if self.is_bound and not self.activities:
            self.said = [_("Add at least one activity.")]
        return super().is_valid()

    @property
    def is_late(self) -> bool:
        """Whether something begins so soon that a reason is needed."""
        need = self.source.terms.apply_working_days
        return any(one.begins and working_days_between(self.today, one.begins) < need for one in self.activities)

    def plan(self) -> Plan:
        """What fits of it, and all that was typed."""
        values = self.typed["values"]
        whole = [one.plan() for one in self.activities if one.is_whole()]
        first = self.typed["rows"]["activity"][:1]
        title = values["title"] or next((row["values"]["title"] for row in first), "")
        return Plan(
            self.source.membership, title[:160], whole, self.source.allocation, values["late_reason"][:1000], self.typed
        )


def _fund(source: Source) -> str:
    day = source.allocation.period_end
    words = {"free": f"{source.free.amount:,.2f} {source.free.currency}", "day": date_format(day, "j M Y")}
    return _("%(free)s free, for what starts by %(day)s") % words


def fresh(draft: UUID) -> Typed:
    """An empty form with one activity."""
    return blank(REQUEST, {"draft": str(draft)}, {"activity": [blank(ACTIVITY)]})


def typed_of(request: Request) -> Typed:
    """The form of a request that is written already: as it was typed, else from what is kept."""
    if request.typed:
        return request.typed
    values = {
        "draft": str(request.pk), "allocation": str(request.allocation_id or ""), "title": request.title,
        "late_reason": request.late_reason,
    }  # fmt: skip
    rows = request.activities.exclude(status=ActivityStatus.RELEASED).order_by("place_in_request")
    rows = rows.prefetch_related("lines")
    return blank(REQUEST, values, {"activity": [_activity(one) for one in rows]})


def _activity(one: Any) -> Typed:
    own: Mapping[str, Any] = {name: getattr(one, name) for name in _OWN} | one.measurement
    values = {name: "" if value is None else str(value) for name, value in own.items()}
    lines = [blank(LINE, {"label": line.label, "cost": str(line.cost)}) for line in one.lines.all()]
    return blank(ACTIVITY, values, {"line": lines})
