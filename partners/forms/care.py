"""Words into absences, handing over of many partners, and files of people to invite."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.actor import Actor
from core.forms import DateField
from partners import queries
from partners.forms import MANAGERS, staff
from partners.models import Partner
from partners.particulars import Away, Care, NewCare, Regions


class AwayForm(forms.Form):
    """Who is away, when, and who decides meanwhile."""

    person = forms.ModelChoiceField(MANAGERS, label=gettext_lazy("Who is away"), empty_label=None)
    delegate = forms.ModelChoiceField(MANAGERS, label=gettext_lazy("Who decides meanwhile"))
    first_day = DateField(label=gettext_lazy("First day"))
    last_day = DateField(label=gettext_lazy("Last day"))

    def __init__(self, *args, actor: Actor, **kwargs):
        super().__init__(*args, **kwargs)
        everybody = staff()
        mine = everybody if actor.can("partner.edit") else everybody.filter(pk=actor.id)
        self.fields["person"].queryset = mine  # type: ignore[attr-defined]
        self.fields["delegate"].queryset = everybody  # type: ignore[attr-defined]
        self.fields["person"].initial = actor.id

    def particulars(self) -> Away:
        return Away(**self.cleaned_data)


class ReassignForm(forms.Form):
    """Whose partners, in which region, go to whom from when."""

    mark_optional = False
    old = forms.ModelChoiceField(MANAGERS, label=gettext_lazy("Partners of"), required=False)
    region = forms.ChoiceField(label=gettext_lazy("In the region"), required=False)
    manager = forms.ModelChoiceField(MANAGERS, label=gettext_lazy("Go to"))
    since = DateField(label=gettext_lazy("From"), required=False)

    def __init__(self, *args, actor: Actor, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("old", "manager"):
            self.fields[name].queryset = staff()  # type: ignore[attr-defined]
        self.fields["old"].empty_label = _("Anybody")  # type: ignore[attr-defined]
        regions = [(name, name) for name in queries.regions(actor)]
        self.fields["region"].choices = [("", _("Any")), *regions]  # type: ignore[attr-defined]

    def rows(self, actor: Actor):
        """The partners this is about."""
        wanted = self.cleaned_data
        found = queries.companies(actor).exclude(manager=wanted["manager"])
        found = found.filter(manager=wanted["old"]) if wanted["old"] else found
        return (found.filter(region=wanted["region"]) if wanted["region"] else found).order_by("name", "pk")

    def particulars(self) -> NewCare:
        return NewCare(Care(self.cleaned_data["manager"]), self.cleaned_data["since"])


def chosen(rows, references: list[str]) -> list[Partner]:
    """Those of the rows that were ticked."""
    return list(rows.filter(reference__in=references))


class RegionsForm(forms.Form):
    """The regions of a channel manager: any that a partner has, and those they have already."""

    names = forms.MultipleChoiceField(
        label=gettext_lazy("Regions"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, actor: Actor, person: User, **kwargs):
        super().__init__(*args, **kwargs)
        own = queries.regions_of(person)
        self.fields["names"].initial = own
        known = sorted({*queries.regions(actor), *own})
        self.fields["names"].choices = [(name, name) for name in known]  # type: ignore[attr-defined]

    def particulars(self) -> Regions:
        return Regions(tuple(self.cleaned_data["names"]))
