"""The decision about a conflict."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from deals.enums import CaseOutcome, Side
from deals.forms.parts import long
from deals.particulars import Resolution

_RARE = ("share_percent", "letter")


class Resolve(forms.Form):
    """Who gets the customer, what each side reads, and why for our own records."""

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=CaseOutcome,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a decision.")},
    )
    winner = forms.ChoiceField(
        label=_("Who gets it"),
        choices=[("", _("Nobody alone")), *Side.choices],
        required=False,
        help_text=_("For “the first claim wins” and “the customer chose”."),
    )
    share_percent = forms.DecimalField(
        label=_("Share of this registration, in percent"),
        required=False,
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        help_text=_("For “both share the credit”. The other side has the rest."),
    )
    letter = long(_("The customer's letter: who wrote what, when"), rows=2, hint=_("For “the customer chose”."))
    ours_told = long(_("Words to the partner of this registration"), rows=2, hint=_("The partner reads exactly this."))
    other_told = long(_("Words to the other partner"), rows=2, hint=_("The partner reads exactly this."))
    reason = long(_("Reason, for our records"), rows=2, missing=_("Enter the reason."))

    def __init__(self, *args, names=frozenset(), has_other_partner=True, **kwargs):
        super().__init__(*args, **kwargs)
        self._names = names
        if not has_other_partner:
            del self.fields["other_told"]
            del self.fields["share_percent"]

    @property
    def usual(self):
        return [field for field in self if field.name not in _RARE]

    @property
    def rare(self):
        return [field for field in self if field.name in _RARE]

    @property
    def rare_open(self) -> bool:
        """Whether what is asked for only sometimes is asked for now."""
        return any(self[name].errors or self[name].value() for name in _RARE if name in self.fields)

    def clean(self):
        """Neither side may learn from our words who the other one is."""
        data = super().clean() or {}
        for field, name in self._names:
            if name and name.casefold() in data.get(field, "").casefold():
                self.add_error(field, ValidationError(_("This names the other side. Leave the name out.")))
        return data

    def particulars(self) -> Resolution:
        data = self.cleaned_data
        return Resolution(
            outcome=data["outcome"],
            reason=data["reason"],
            winner=data["winner"],
            share_percent=data.get("share_percent"),
            letter=data["letter"],
            ours_told=data["ours_told"],
            other_told=data.get("other_told", ""),
        )
