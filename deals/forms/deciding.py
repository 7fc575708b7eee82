"""The vendor's decisions."""

from django import forms
from django.utils.translation import gettext_lazy as _

from deals.enums import CaseOutcome, RejectReason
from deals.forms.parts import long, must
from deals.particulars import Approval, Question, Rejection, Resolution


class Ask(forms.Form):
    OPENED = (
        ("website", _("Website")),
        ("account_name", _("Company")),
        ("country", _("Country")),
        ("contact_name", _("Contact's name")),
        ("contact_email", _("Contact's e-mail")),
        ("amount", _("Value")),
        ("expected_close_on", _("Close date")),
        ("need", _("What the customer needs")),
    )
    text = long(_("Your question"), missing=_("Enter your question."))
    opened_fields = forms.MultipleChoiceField(
        label=_("Fields the partner may change"), choices=OPENED, required=False, widget=forms.CheckboxSelectMultiple
    )

    def particulars(self) -> Question:
        return Question(self.cleaned_data["text"], tuple(self.cleaned_data["opened_fields"]))


class Decline(forms.Form):
    code = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("Choose a reason")), *RejectReason.choices],
        error_messages=must(_("Choose a reason.")),
    )
    reason = long(
        _("Words to the partner"),
        hint=_("The partner reads exactly this."),
        missing=_("Enter what the partner is told."),
    )

    def particulars(self) -> Rejection:
        return Rejection(self.cleaned_data["code"], self.cleaned_data["reason"])


class Approve(forms.Form):
    note = long(_("Note to the partner"), rows=2)

    def particulars(self) -> Approval:
        return Approval(self.cleaned_data["note"])
