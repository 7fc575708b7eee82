"""What came of an activity, as its partner reports it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.forms import AmountField
from mdf.forms.parts import long, must
from mdf.models import Activity
from mdf.particulars import Result


@dataclass(frozen=True)
class ResultOf:
    activity: Activity
    result: Result


class Report(forms.Form):
    """Which activity and day, and what is known by then."""

    about = forms.ChoiceField(label=_("Which results"), error_messages=must(_("Choose the activity and the day.")))
    leads = forms.IntegerField(
        label=_("Leads"),
        min_value=0,
        max_value=2_000_000_000,
        error_messages=must(_("Enter how many leads it brought.")),
    )
    pipeline = AmountField(
        label=_("Pipeline"),
        help_text=_("Open, won and lost, in the currency of the request."),
        positive=False,
        error_messages=must(_("Enter the pipeline it brought.")),
    )
    won = AmountField(label=_("Of it won"), positive=False, required=False)
    note = long(_("What you would do again, and what not"), rows=2)

    def __init__(self, *args: Any, due: Mapping[Activity, Sequence[int]], **options: Any):
        super().__init__(*args, **options)
        self.known = {f"{one.public_id}:{n}": (one, n) for one, days in due.items() for n in days}
        rows = [(key, f"{one}: {_after(n)}") for key, (one, n) in self.known.items()]
        self.fields["about"].choices = rows  # type: ignore[attr-defined]

    def particulars(self) -> ResultOf:
        data = self.cleaned_data
        activity, days = self.known[data["about"]]
        return ResultOf(
            activity, Result(days, data["leads"], data["pipeline"], data["won"] or Decimal(0), data["note"])
        )


def _after(days: int) -> str:
    return ngettext("%d day after", "%d days after", days) % days
