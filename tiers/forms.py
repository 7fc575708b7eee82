"""Words to values: what a person says about a proposed move."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import DateField
from core.forms import TextField as Text
from tiers.particulars import Decision


def _words(label, *, required: bool, hint="") -> Text:
    return Text(label=label, required=required, max_length=1000, help_text=hint, widget=forms.Textarea({"rows": 2}))


class Promote(forms.Form):
    reason = _words(_("Note to the partner"), required=False)

    def particulars(self) -> Decision:
        return Decision(self.cleaned_data["reason"])


class Defer(forms.Form):
    reason = _words(_("Words to the partner"), required=True, hint=_("The partner reads exactly this."))
    until = DateField(label=_("Ask again on"), required=False)

    def particulars(self) -> Decision:
        return Decision(self.cleaned_data["reason"], self.cleaned_data["until"])
