"""What partners did for an opportunity, its owner's answer, and decisions on the credit."""

from datetime import date

import yaml
from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core.forms import DateField, LongSelect
from deals.enums import TouchKind
from deals.forms.parts import choices, long, must, text
from deals.models import Opportunity
from deals.particulars import Reason, RuleDraft, SourcingDecision, TouchClaim
from partners.models import Partner


class ClaimTouch(forms.Form):
    """`opportunities` are the ones the writer can see; `partners` of whom one may be chosen."""

    partner = forms.ChoiceField(label=_("Partner"), error_messages=must(_("Choose the partner.")), widget=LongSelect)
    opportunity = forms.ChoiceField(label=_("Opportunity"), required=False, widget=LongSelect)
    account_name = text(_("Or the customer"), hint=_("When the opportunity isn't in the list."))
    kind = forms.ChoiceField(label=_("What it was"), choices=[("", _("Choose one")), *TouchKind.choices],
                             error_messages=must(_("Choose what it was.")))  # fmt: skip
    happened_on = DateField(label=_("Day"), error_messages=must(_("Enter the day.")))
    campaign = text(
        _("Tracking code"),
        hint=_("When it came from an activity with market funds: its page shows the code."),
        length=16,
    )
    note = long(_("What was done"), hint=_("Who met whom, what came of it. The owner of the opportunity reads it."))

    def __init__(self, *args, partners: list[Partner], opportunities: list[Opportunity], today: date, **options):
        super().__init__(*args, **options)
        self._partners = {str(one.pk): one for one in partners}
        self._opportunities = {one.reference: one for one in opportunities}
        self._today = today
        if len(partners) == 1:
            del self.fields["partner"]
        else:
            choices(self, "partner", [("", _("Choose one")), *((str(p.pk), p.name) for p in partners)])
        choices(self, "opportunity", [("", _("Not in the list")), *((o.reference, _label(o)) for o in opportunities)])

    def clean_happened_on(self) -> date:
        day = self.cleaned_data["happened_on"]
        if day > self._today:
            raise forms.ValidationError(_now("Enter a day that is not in the future."))
        return day

    def particulars(self) -> TouchClaim:
        data = self.cleaned_data
        partner = self._partners[data["partner"]] if "partner" in self.fields else next(iter(self._partners.values()))
        return TouchClaim(
            partner, data["kind"], data["happened_on"], self._opportunities.get(data["opportunity"]),
            data["account_name"], data["note"], data["campaign"].strip().upper(),
        )  # fmt: skip


def _label(one: Opportunity) -> str:
    return f"{one} · {one.reference}"


class ConfirmTouch(forms.Form):
    text = long(_("Note to the partner"), rows=2, length=1000)

    def particulars(self) -> Reason:
        return Reason(self.cleaned_data["text"])


class RefuseTouch(forms.Form):
    text = long(
        _("Words to the partner"), hint=_("The partner reads exactly this."), rows=2, length=1000,
        missing=_("Enter what the partner is told."),
    )  # fmt: skip

    def particulars(self) -> Reason:
        return Reason(self.cleaned_data["text"])


class LinkTouch(forms.Form):
    """`find` gives the opportunity of a reference, or None."""

    opportunity = text(_("Opportunity"), hint=_("Its number, like O-7F3K2."), missing=_("Enter the opportunity."))

    def __init__(self, *args, find=None, **options):
        super().__init__(*args, **options)
        self._find = find

    def clean_opportunity(self) -> Opportunity:
        found = self._find(self.cleaned_data["opportunity"].strip().upper()) if self._find else None
        if found is None:
            raise forms.ValidationError(_now("There is no such opportunity. Check the number."))
        return found

    def particulars(self) -> Opportunity:
        return self.cleaned_data["opportunity"]


class DecideSourcing(forms.Form):
    """`partners` of whom one sourced it, or nobody did."""

    NOBODY = "nobody"
    partner = forms.ChoiceField(
        label=_("Sourced by"), error_messages=must(_("Choose a partner, or nobody.")), widget=LongSelect
    )
    reason = long(_("Reason, for our records"), rows=2, missing=_("Enter the reason."))

    def __init__(self, *args, partners: list[Partner], **options):
        super().__init__(*args, **options)
        self._partners = {str(one.pk): one for one in partners}
        rows = [(str(one.pk), one.name) for one in partners]
        choices(self, "partner", [("", _("Choose one")), (self.NOBODY, _("Nobody")), *rows])

    def particulars(self) -> SourcingDecision:
        return SourcingDecision(self._partners.get(self.cleaned_data["partner"]), self.cleaned_data["reason"])


class WithdrawDecision(forms.Form):
    text = long(_("Why it is withdrawn"), rows=2, missing=_("Enter the reason."))

    def particulars(self) -> Reason:
        return Reason(self.cleaned_data["text"])


class DraftRules(forms.Form):
    definition = forms.CharField(
        label=_("Rules"), widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false"}), max_length=10_000,
        help_text=_("Days by evidence, the order of evidence, which touches count."),
        error_messages=must(_("Enter the rules.")),
    )  # fmt: skip
    note = text(_("What changes and why"), length=300, missing=_("Enter what changes and why."))

    def clean_definition(self) -> dict:
        try:
            found = yaml.safe_load(self.cleaned_data["definition"])
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise forms.ValidationError(_now("This can't be read. Check the indents and colons.")) from error
        if not isinstance(found, dict):
            raise forms.ValidationError(_now("The rules must be a table of names and values."))
        return found

    def particulars(self) -> RuleDraft:
        return RuleDraft(self.cleaned_data["definition"], self.cleaned_data["note"])


class PublishRules(forms.Form):
    text = text(_("Words for the record"), length=300)

    def particulars(self) -> Reason:
        return Reason(self.cleaned_data["text"])
