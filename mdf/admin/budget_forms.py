"""Words to values: budgets, changes of them, and what partners get."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import AmountField, DateField, LongSelect, TextField
from mdf.admin.forms import OfVersion
from mdf.models import Allocation, BudgetChange
from mdf.particulars import BudgetPlan, Grant, Sum
from partners.models import Partner, Program

MORE, LESS = "more", "less"


class Budget(forms.Form):
    """A budget without money; that comes by a change which another person grants."""

    program = forms.ChoiceField(label=_("Program"))
    name = TextField(label=_("Name"), max_length=120, help_text=_("Such as: EMEA, first half of 2027"))
    region = TextField(label=_("Region"), max_length=60, required=False)
    currency = forms.RegexField(
        r"\A[A-Z]{3}\Z", label=_("Currency"), initial="USD", error_messages={"invalid": _("Enter a code like USD.")}
    )
    period_start = DateField(label=_("From"))
    period_end = DateField(label=_("Until"))

    def __init__(self, *args: Any, programs: Iterable[Program], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.programs = {program.key: program for program in programs}
        choices = [(key, str(program)) for key, program in self.programs.items()]
        self.fields["program"].choices = choices  # type: ignore[attr-defined]

    def particulars(self) -> BudgetPlan:
        said = self.cleaned_data
        return BudgetPlan(
            self.programs[said["program"]], said["name"], said["currency"], said["period_start"], said["period_end"],
            said["region"],
        )  # fmt: skip


class _Moved(forms.Form):
    """So much more, or so much less."""

    way = forms.ChoiceField(
        label=_("Which way"), choices=[(MORE, _("More")), (LESS, _("Less"))], initial=MORE, widget=forms.RadioSelect
    )
    amount = AmountField(label=_("Amount"))

    def signed(self) -> Decimal:
        said = self.cleaned_data
        return said["amount"] if said["way"] == MORE else -said["amount"]


class Change(_Moved):
    reason = TextField(label=_("Why"), max_length=500)

    def particulars(self) -> Sum:
        return Sum(self.signed(), self.cleaned_data["reason"])


class Chosen(forms.Form):
    """A change of this budget that waits."""

    change = forms.ChoiceField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, changes: Iterable[BudgetChange], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.changes = {one.public_id: one for one in changes}
        self.fields["change"].choices = [(one, one) for one in self.changes]  # type: ignore[attr-defined]

    def particulars(self) -> BudgetChange:
        return self.changes[self.cleaned_data["change"]]


class Allocate(forms.Form):
    """A partner's part of the budget."""

    partner = forms.ChoiceField(label=_("Partner"), widget=LongSelect)
    amount = AmountField(label=_("Amount"))
    expires_on = DateField(label=_("Ends on"), required=False, help_text=_("Empty: with the budget's period."))

    def __init__(self, *args: Any, partners: Iterable[Partner], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.partners = {partner.reference: partner for partner in partners}
        choices = [("", _("Choose a partner")), *((key, str(one)) for key, one in self.partners.items())]
        self.fields["partner"].choices = choices  # type: ignore[attr-defined]

    def particulars(self) -> Grant:
        said = self.cleaned_data
        return Grant(self.partners[said["partner"]], said["amount"], said["expires_on"])


class Raise(OfVersion, _Moved):
    """More for a partner, or back what is still free."""

    subject: Allocation

    def particulars(self) -> Sum:
        return Sum(self.signed())
