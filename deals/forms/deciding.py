"""The vendor's decisions."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import LongSelect
from deals.enums import Motion, OwnerAnswer, RejectReason
from deals.forms.parts import PHONEBOOK, long, must
from deals.particulars import Approval, OwnerAsked, OwnerReply, Question, Reason, Rejection
from deals.queries import direct_opportunity, salespeople
from deals.rules import questions
from deals.standing import policy_of


class Ask(forms.Form):
    OPENED = (
        ("website", _("Website")),
        ("account_name", _("Company")),
        ("country", _("Country")),
        ("contact_name", _("Contact's name")),
        ("contact_email", _("Contact's e-mail")),
        ("amount", _("Value")),
        ("quantity", _("Quantity")),
        ("expected_close_on", _("Close date")),
        ("need", _("What the customer needs")),
    )
    text = long(_("Your question"), missing=_("Enter your question."))
    opened_fields = forms.MultipleChoiceField(
        label=_("Fields the partner may change"), choices=OPENED, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, deal=None, **kwargs):
        super().__init__(*args, **kwargs)
        if deal is not None:  # the program's own questions can be opened as well
            own = [(f"cf_{field.key}", field.label) for field in questions(policy_of(deal), deal.motion)]
            self.fields["opened_fields"].choices = [*self.OPENED, *own]  # type: ignore[attr-defined]

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
    owner_email = forms.ChoiceField(
        label=_("Who works on it on our side"), required=False, widget=LongSelect(attrs=PHONEBOOK)
    )

    def __init__(self, *args, deal=None, **kwargs):
        super().__init__(*args, **kwargs)
        if deal is None or deal.motion != Motion.REFER:
            del self.fields["owner_email"]  # only a referral is sold by our own people
            return
        people = [("", _("The partner's channel manager")), *salespeople()]
        self.fields["owner_email"].choices = people  # type: ignore[attr-defined]

    def particulars(self) -> Approval:
        return Approval(self.cleaned_data["note"], self.cleaned_data.get("owner_email", ""))


class TakeTime(forms.Form):
    text = long(
        _("Why you need more time"),
        rows=2,
        hint=_("The partner reads exactly this. More time can be taken once."),
        missing=_("Enter what the partner is told."),
    )

    def particulars(self) -> Reason:
        return Reason(self.cleaned_data["text"])


class GrantAppeal(forms.Form):
    text = long(_("Words to the partner"), rows=2, hint=_("The partner reads exactly this."))

    def particulars(self) -> Reason:
        return Reason(self.cleaned_data["text"])


class RefuseAppeal(GrantAppeal):
    text = long(
        _("Words to the partner"),
        hint=_("The partner reads exactly this."),
        missing=_("Enter what the partner is told."),
    )


class AskOwner(forms.Form):
    """Whom to ask; the direct opportunity's owner stands there already."""

    email = forms.EmailField(
        label=_("Owner's e-mail"),
        widget=forms.EmailInput(attrs=PHONEBOOK),
        error_messages={"required": _("Enter whom to ask."), "invalid": _("Enter an e-mail address.")},
    )

    def __init__(self, *args, deal=None, **kwargs):
        super().__init__(*args, **kwargs)
        self._direct = direct_opportunity(deal) if deal is not None else None
        if self._direct is not None:
            self.fields["email"].initial = self._direct.owner_email

    def particulars(self) -> OwnerAsked:
        return OwnerAsked(self.cleaned_data["email"].lower(), self._direct)


class OwnersAnswer(forms.Form):
    """One of three buttons, and a note."""

    answer = forms.ChoiceField(choices=OwnerAnswer, error_messages=must(_("Choose one of the three answers.")))
    note = long(_("Note"), rows=2, hint=_("For the channel manager. The partner doesn't read it."))

    def particulars(self) -> OwnerReply:
        return OwnerReply(self.cleaned_data["answer"], self.cleaned_data["note"])
