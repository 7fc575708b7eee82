"""Words into integrations, mutual value, calls and plans."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actor import Actor
from core.forms import AmountField, DateField
from partners.enums import Direction, Maker
from partners.forms import ListField, _line, _lines
from partners.models import Integration, MutualValue, Partner, YearPlan
from partners.particulars import CallReport, Link, Plan, Worth


class IntegrationForm(forms.Form):
    """What is known about an integration."""

    name = _line(gettext_lazy("Name"), required=True, length=120)
    products = ListField(label=gettext_lazy("Our products"), help_text=gettext_lazy("With commas between them."))
    direction = forms.ChoiceField(label=gettext_lazy("Data goes"), choices=Direction, initial=Direction.BOTH)
    built_by = forms.ChoiceField(label=gettext_lazy("Built by"), choices=Maker, initial=Maker.PARTNER)
    maintained_by = forms.ChoiceField(label=gettext_lazy("Looked after by"), choices=Maker, initial=Maker.PARTNER)
    link = forms.URLField(
        label=gettext_lazy("Where to read more"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=gettext_lazy("Like https://company.com/integration"),
    )
    joint_customers = forms.IntegerField(label=gettext_lazy("Joint customers"), min_value=0, max_value=10**7, initial=0)
    last_reviewed = DateField(label=gettext_lazy("Last reviewed on"), required=False)

    @classmethod
    def showing(cls, row: Integration) -> "IntegrationForm":
        return cls(initial={name: getattr(row, name) for name in cls.base_fields})

    def clean_link(self) -> str:
        link = self.cleaned_data["link"]
        if link and not link.startswith(("http://", "https://")):
            raise forms.ValidationError(_("Enter an address like https://company.com/integration."))
        return link

    def particulars(self) -> Link:
        return Link(**self.cleaned_data)


class WorthForm(forms.Form):
    """What each side gives."""

    title = _line(gettext_lazy("What it is about"), required=True, length=120)
    we_give = _lines(gettext_lazy("We give"), required=True, length=1000, rows=3)
    they_give = _lines(gettext_lazy("They give"), required=True, length=1000, rows=3)
    agreed_on = DateField(label=gettext_lazy("Agreed on"))
    review_on = DateField(label=gettext_lazy("Look at it again on"), required=False)
    integration = forms.ModelChoiceField(
        Integration.objects.none(), label=gettext_lazy("For the integration"), required=False
    )

    def __init__(self, *args, actor: Actor, partner: Partner, **kwargs):
        super().__init__(*args, **kwargs)
        rows = Integration.objects.visible_to(actor).filter(partner=partner, deleted_at=None)
        self.fields["integration"].queryset = rows.order_by("name")  # type: ignore[attr-defined]
        self.fields["integration"].empty_label = _("No one in particular")  # type: ignore[attr-defined]

    @classmethod
    def values_of(cls, row: MutualValue) -> dict:
        return {name: getattr(row, name) for name in cls.base_fields}

    def particulars(self) -> Worth:
        return Worth(**self.cleaned_data)


class MomentField(forms.DateTimeField):
    """A day and a time, by the browser's own picker."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **options):
        options.setdefault("error_messages", {"invalid": gettext_lazy("Enter a day and a time.")})
        super().__init__(input_formats=["%Y-%m-%dT%H:%M"], **options)


class CallForm(forms.Form):
    """A talk with a partner."""

    at = MomentField(label=gettext_lazy("When"))
    with_whom = _line(gettext_lazy("With whom"), required=True, length=200)
    summary = _lines(gettext_lazy("What was said"), required=True, length=3000)
    next_step = _line(gettext_lazy("Next step"), length=300)
    next_step_due = MomentField(label=gettext_lazy("Until when"), required=False)

    def clean(self):
        values = super().clean() or {}
        if values.get("next_step_due") and not values.get("next_step"):
            self.add_error("next_step", _("Enter what is to be done, or leave the time empty."))
        return values

    def particulars(self) -> CallReport:
        return CallReport(**self.cleaned_data)


class PlanForm(forms.Form):
    """The plan of a year, on one page."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    goal = _lines(gettext_lazy("What both of us want"), required=True, length=1000, rows=3)
    revenue = AmountField(label=gettext_lazy("Revenue of closed deals"), required=False)
    deals = forms.IntegerField(label=gettext_lazy("Closed deals"), required=False, min_value=0, max_value=10**6)
    certified_people = forms.IntegerField(
        label=gettext_lazy("Certified people"), required=False, min_value=0, max_value=10**6
    )
    campaigns = forms.IntegerField(label=gettext_lazy("Joint campaigns"), required=False, min_value=0, max_value=1000)
    we_do = _lines(gettext_lazy("What we do for it"))
    they_do = _lines(gettext_lazy("What they do for it"))

    def __init__(self, *args, year: int, currency: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.year, self.currency = year, currency
        self.fields["revenue"].help_text = _("In %s.") % currency

    @classmethod
    def values_of(cls, row: YearPlan | None) -> dict:
        return {name: getattr(row, name) for name in cls.base_fields} if row else {}

    def particulars(self) -> Plan:
        return Plan(year=self.year, currency=self.currency, **self.cleaned_data)
