"""Words to values: what came from a customer, and what went back."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import AmountField, DateField
from deals.enums import TAKES_BACK, RevenueKind
from deals.models import RevenueEvent
from deals.particulars import Revenue


class AboutField(forms.ModelChoiceField):
    def label_from_instance(self, obj: RevenueEvent) -> str:
        amount = number_format(obj.amount, 2, force_grouping=True)
        day = date_format(obj.occurred_on, "j F Y")
        return f"{obj.get_kind_display()}, {day}, {amount} {obj.currency}"


class RevenueForm(forms.Form):
    """One invoice, payment, refund or credit of a deal, in its currency."""

    kind = forms.ChoiceField(label=gettext_lazy("What happened?"), choices=RevenueKind)
    occurred_on = DateField(label=gettext_lazy("Day"))
    amount = AmountField(
        label=gettext_lazy("Amount"), help_text=gettext_lazy("Net of tax and freight, above zero for all kinds.")
    )
    about = AboutField(
        RevenueEvent.objects.none(), label=gettext_lazy("Of which invoice or payment?"), required=False,
        empty_label=gettext_lazy("None in particular"), help_text=gettext_lazy("For a refund or credit alone."),
    )  # fmt: skip
    service_start = DateField(label=gettext_lazy("Service from"), required=False)
    service_end = DateField(label=gettext_lazy("Service until"), required=False)

    def __init__(self, *args, events, currency: str, **more):
        super().__init__(*args, **more)
        self.fields["about"].queryset = events.exclude(kind__in=TAKES_BACK)  # type: ignore[attr-defined]
        self.fields["amount"].label = _("Amount in %s") % currency

    def clean(self):
        super().clean()
        known = self.cleaned_data
        if known.get("about") and known.get("kind") not in TAKES_BACK:
            self.add_error("about", ValidationError(_("Only a refund or credit is about an invoice or payment.")))
        first, last = known.get("service_start"), known.get("service_end")
        if last and (first is None or last < first):
            self.add_error("service_end", ValidationError(_("The service must start before it ends.")))
        return known

    def particulars(self) -> Revenue:
        return Revenue(**self.cleaned_data)
