"""What both sides do with a protected deal."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import AmountField, DateField
from deals.enums import BreachOutcome, Stage
from deals.forms.parts import long, must, text
from deals.particulars import BreachDecision, Closing, Handover, Progress, Reason, WinProposal

_OTHER = _("Number of the other partner")
_DAY = _("Enter the day.")


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


class AskExtension(forms.Form):
    text = long(_("Why you need more time"), hint=_("What the customer does next, and when."), rows=2)

    def particulars(self) -> Reason:
        return Reason(self.cleaned_data["text"])


class OfferTransfer(forms.Form):
    to_partner = text(
        _OTHER,
        hint=_("It begins with P-. Ask them for it."),
        missing=_("Enter the number of the other partner."),
        length=20,
    )

    def particulars(self) -> Handover:
        return Handover(self.cleaned_data["to_partner"])


class ProposeWin(forms.Form):
    number = text(
        _("Number of the order or invoice"), missing=_("Enter the number of the order or invoice."), length=80
    )
    closed_on = DateField(label=_("Day of the order"), error_messages=must(_DAY))
    amount = AmountField(label=_("Value"), required=False)

    def particulars(self) -> WinProposal:
        data = self.cleaned_data
        return WinProposal(data["number"], data["closed_on"], data["amount"])


class Yes(forms.Form):
    """A yes, with words if one wants."""

    text = long(_("Note to the partner"), rows=2)

    def particulars(self) -> Reason:
        return Reason(self.cleaned_data["text"])


class No(forms.Form):
    """A no, with the words that the partner reads."""

    text = long(
        _("Why not"), hint=_("The partner reads exactly this."), missing=_("Enter what the partner is told."), rows=2
    )

    def particulars(self) -> Reason:
        return Reason(self.cleaned_data["text"])


class ProposeRevocation(forms.Form):
    text = long(
        _("Why the protection is taken back"),
        hint=_("The partner reads exactly this when a second person confirms."),
        missing=_("Enter why. The partner reads it when a second person confirms."),
        rows=2,
    )

    def particulars(self) -> Reason:
        return Reason(self.cleaned_data["text"])


class HandOver(forms.Form):
    to_partner = text(_OTHER, hint=_("It begins with P-."), missing=_("Enter the number of the other partner."))
    text = long(
        _("The customer's letter"),
        hint=_("Who at the customer wrote what, and when."),
        missing=_("Enter who at the customer wrote what, and when."),
    )

    def particulars(self) -> Handover:
        return Handover(self.cleaned_data["to_partner"], self.cleaned_data["text"])


class SettleBreach(forms.Form):
    breach = forms.CharField(widget=forms.HiddenInput, max_length=40)
    outcome = forms.ChoiceField(
        label=_("What became of it"), choices=BreachOutcome, widget=forms.RadioSelect, error_messages=must(_("Choose."))
    )
    reason = long(
        _("Words to the partner"),
        hint=_("The partner reads exactly this."),
        missing=_("Enter the reason. The partner reads it."),
        rows=2,
    )

    def particulars(self) -> BreachDecision:
        return BreachDecision(self.cleaned_data["outcome"], self.cleaned_data["reason"])


class CloseWon(forms.Form):
    closed_on = DateField(label=_("Day of the order"), error_messages=must(_DAY))
    amount = AmountField(label=_("Value, first year"), required=False)

    def particulars(self) -> Closing:
        return Closing(Stage.WON, self.cleaned_data["closed_on"], self.cleaned_data["amount"])


class CloseLost(forms.Form):
    closed_on = DateField(label=_("Day it was lost"), error_messages=must(_DAY))

    def particulars(self) -> Closing:
        return Closing(Stage.LOST, self.cleaned_data["closed_on"])


def again(form: type[forms.Form], initial: Mapping[str, Any], name: str) -> forms.Form:
    """The form, filled with what is known; `name` keeps its fields apart from those of others on the page."""
    known = {key: value for key, value in initial.items() if value is not None}
    return form(initial=known, auto_id=f"{name}-%s")
