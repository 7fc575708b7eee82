"""What partners do with a protected deal."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import AmountField, DateField
from deals.forms.parts import long, text
from deals.particulars import Progress, Reason


class Release(forms.Form):
    text = long(_("Why you release it"), rows=2)

    def particulars(self) -> Reason:
        return Reason(self.cleaned_data["text"])


class ReportProgress(forms.Form):
    next_step = text(_("Next step"), length=300)
    expected_close_on = DateField(label=_("Expected close date"), required=False)
    amount = AmountField(label=_("Value"), required=False)

    def particulars(self) -> Progress:
        data = self.cleaned_data
        return Progress(data["next_step"], data["expected_close_on"], data["amount"])
