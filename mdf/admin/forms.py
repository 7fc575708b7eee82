"""Words to values: what the vendor's people decide about market funds."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.errors import Stale
from core.forms import AmountField, TextField
from core.models import Record
from mdf.enums import Criterion
from mdf.models import Activity, Request
from mdf.particulars import Decision, Ruling, Words

YES, NO = "yes", "no"
_OPENS = forms.RadioSelect({"required": True})  # only for the look of the button: the service is who refuses
_ANSWERS = ((YES, _("Yes")), (NO, _("No")))


def words(label: Any, *, missing: Any = None, hint: Any = "", rows: int = 3) -> TextField:
    """Several lines; `missing` is what to say when there are none, None makes it optional."""
    return TextField(
        label=label, help_text=hint, required=bool(missing), max_length=2000, widget=forms.Textarea({"rows": rows}),
        error_messages={"required": missing} if missing else None,
    )  # fmt: skip


class OfVersion(forms.Form):
    """A form about a record as it was read: `version` tells when somebody was faster."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, subject: Record, **kwargs: Any):
        kwargs["initial"] = {"version": subject.version, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.subject = subject

    def refuse_stale(self) -> None:
        """Raises Stale when the record is not the one that was read."""
        if self.cleaned_data["version"] != self.subject.version:
            raise Stale(
                _("Somebody changed this while you looked at it. Look at it again, then decide."),
                code="version_mismatch",
            )


class Question(OfVersion):
    text = words(
        _("Your question"),
        missing=_("Enter your question."),
        hint=_("Our clock stops until the partner answers."),
    )

    def particulars(self) -> Words:
        return Words(self.cleaned_data["text"])


class Reason(OfVersion):
    text = words(_("Reason"), missing=_("Enter what the partner is told."), hint=_("The partner reads exactly this."))

    def particulars(self) -> Words:
        return Words(self.cleaned_data["text"])


class Extension(OfVersion):
    """More time to claim for one activity of the request."""

    activity = forms.IntegerField(widget=forms.HiddenInput)

    def clean_activity(self) -> Activity:
        request: Any = self.subject
        found = [one for one in request.activities.all() if one.place_in_request == self.cleaned_data["activity"]]
        if not found:
            raise forms.ValidationError(_("The request has changed. Look at it again."))
        return found[0]

    def particulars(self) -> Activity:
        return self.cleaned_data["activity"]


class Approve(OfVersion):
    """The amount and the three criteria of each activity. Every criterion is judged; a no has its reason."""

    mark_optional = False
    note = words(_("Note to the partner"), rows=2)

    def __init__(self, *args: Any, subject: Request, **kwargs: Any):
        super().__init__(*args, subject=subject, **kwargs)
        self.activities: Sequence[Activity] = list(subject.activities.all())
        for activity in self.activities:
            self._add(activity, signed=subject.steps_done > 0)
        self.order_fields([name for name in self.fields if name != "note"] + ["note"])

    def _add(self, activity: Activity, *, signed: bool) -> None:
        """A step that was taken before fills in what it found."""
        n, known = activity.place_in_request, activity.verdicts if signed else {}
        given = activity.approved_amount if signed else activity.asked_amount
        for criterion in Criterion:
            found = known.get(criterion, {})
            met = {True: YES, False: NO}.get(found.get("met"))
            self.fields[f"met_{n}_{criterion}"] = forms.ChoiceField(
                label=criterion.label, choices=_ANSWERS, widget=_OPENS, initial=met, required=False
            )
            self.fields[f"why_{n}_{criterion}"] = TextField(
                label=_("Why not"), required=False, max_length=500, initial=found.get("reason", "")
            )
        self.fields[f"amount_{n}"] = AmountField(
            label=_("Amount in %s") % activity.currency, positive=False, initial=given,
            error_messages={"required": _("Enter an amount; 0 declines this activity.")},
        )  # fmt: skip
        self.fields[f"reason_{n}"] = TextField(
            label=_("Why not all of it"), required=False, max_length=2000,
            initial=activity.decision_reason if signed else "",
            help_text=_("Needed when it is less than asked for. The partner reads exactly this."),
        )  # fmt: skip

    def of(self, activity: Activity, evidence: Mapping[str, Any]) -> dict[str, Any]:
        """The fields about one activity, for its card; `evidence` is what is known about each criterion."""
        n = activity.place_in_request
        return {
            "criteria": [(evidence[c], self[f"met_{n}_{c}"], self[f"why_{n}_{c}"]) for c in Criterion],
            "amount": self[f"amount_{n}"],
            "reason": self[f"reason_{n}"],
        }

    def particulars(self) -> Decision:
        return Decision([self._ruling(activity) for activity in self.activities], self.cleaned_data["note"])

    def _ruling(self, activity: Activity) -> Ruling:
        n, said = activity.place_in_request, self.cleaned_data
        verdicts = {
            str(c): {"met": said[f"met_{n}_{c}"] == YES, "reason": said[f"why_{n}_{c}"]}
            for c in Criterion
            if said[f"met_{n}_{c}"]
        }
        return Ruling(activity, said[f"amount_{n}"], verdicts, said[f"reason_{n}"])
