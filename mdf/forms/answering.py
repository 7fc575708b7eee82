"""What a partner writes beside a request or a claim: words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from mdf.forms.parts import long
from mdf.models import Activity
from mdf.particulars import Words


@dataclass(frozen=True)
class MoreTimeFor:
    activity: Activity
    words: Words


class _Said(forms.Form):
    def particulars(self) -> Words:
        return Words(self.cleaned_data["text"])


class Reply(_Said):
    text = long(_("Your answer"), missing=_("Enter your answer."))


class CallOff(_Said):
    text = long(_("Why you call it off"), missing=_("Enter why you call it off."), rows=2)


class MoreTime(_Said):
    """Which activity's claim needs more time, and why."""

    activity = forms.ChoiceField(widget=forms.HiddenInput)
    text = long(_("Why you need more time"), missing=_("Enter why you need more time."), length=1000, rows=2)

    def __init__(self, *args, activities: Sequence[Activity], **kwargs):
        super().__init__(*args, **kwargs)
        self.known = {one.public_id: one for one in activities}
        self.fields["activity"].choices = [(key, key) for key in self.known]  # type: ignore[attr-defined]

    def particulars(self) -> MoreTimeFor:  # type: ignore[override]
        return MoreTimeFor(self.known[self.cleaned_data["activity"]], super().particulars())
