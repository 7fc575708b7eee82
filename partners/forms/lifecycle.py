"""Words into applications, terms, checklists and moves of a partner."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import DateField, FilesField, LongSelect, TextField
from partners import rules
from partners.countries import COUNTRIES
from partners.enums import OpenClaims, OpenDeals, OpenEarnings, OpenLeads, PartnerType, Why
from partners.forms import JoinForm
from partners.models import OnboardingAction, Program
from partners.particulars import Applicant, Because, Handed, Leaving, Terms, Words

_TYPES = [("", "–"), *PartnerType.choices]


def _words(label, *, missing=None, rows=3, hint=""):
    widget = forms.Textarea(attrs={"rows": rows})
    told = {"required": missing} if missing else None
    return TextField(
        label=label, required=bool(missing), max_length=2000, widget=widget, help_text=hint, error_messages=told
    )


class ApplyForm(forms.Form):
    """Who wants to become a partner."""

    company = TextField(label=gettext_lazy("Company"), max_length=200)
    website = TextField(
        label=gettext_lazy("Company website"), max_length=255, help_text=gettext_lazy("Like contoso.com")
    )
    country = forms.ChoiceField(
        label=gettext_lazy("Country"), choices=[("", "–"), *COUNTRIES], required=False, widget=LongSelect
    )
    partner_type = forms.ChoiceField(
        label=gettext_lazy("How you want to work with us"), choices=PartnerType, initial=PartnerType.REFERRAL
    )
    name = TextField(label=gettext_lazy("Your name"), max_length=150)
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail at the company"),
        help_text=gettext_lazy("We send a link to it. With an address of your company you can start at once."),
    )
    message = _words(gettext_lazy("What you have in mind"), rows=3)

    def clean_website(self):
        website = self.cleaned_data["website"]
        domain = rules.domain_of(website)
        if "." not in domain or " " in website.strip():
            raise forms.ValidationError(_("Enter your company's website, like contoso.com."))
        return website

    def particulars(self, program: Program) -> Applicant:
        names = ("partner_type", "company", "website", "name", "email", "country", "message")
        return Applicant(program, **{name: self.cleaned_data[name] for name in names})


class EnterForm(JoinForm):
    """How the first admin of a partner that joins alone signs in, and the click that accepts the terms."""

    accept = forms.BooleanField(
        label=gettext_lazy("I accept these terms for my company"),
        error_messages={"required": gettext_lazy("Accept the terms to go on.")},
    )


class AcceptForm(forms.Form):
    """The click."""

    accept = forms.BooleanField(
        label=gettext_lazy("I have read these terms and accept them for my company"),
        error_messages={"required": gettext_lazy("Tick the box to accept the terms.")},
    )


class HandInForm(forms.Form):
    """What the partner sends for a line of its checklist."""

    document = FilesField(label=gettext_lazy("Files"), required=False)
    text = _words(gettext_lazy("Words to it"), rows=2)

    def particulars(self) -> Handed:
        return Handed(self.cleaned_data["text"], self.cleaned_data["document"])

    @classmethod
    def of(cls, action: OnboardingAction, *args) -> "HandInForm":
        form = cls(*args)
        if action.done_by == "approval":
            form.fields["text"].required = True
        return form


class BecauseForm(forms.Form):
    """Why: a code for figures, words for the partner."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=[("", "–"), *Why.choices])
    text = _words(
        gettext_lazy("In your words"),
        missing=gettext_lazy("Say why."),
        hint=gettext_lazy("The partner reads this."),
    )

    def particulars(self) -> Because:
        return Because(self.cleaned_data["reason"], self.cleaned_data["text"])


class WordsForm(forms.Form):
    """Why a line is sent back or skipped."""

    text = _words(
        gettext_lazy("What the partner should know"), missing=gettext_lazy("Say what is missing, or why not."), rows=2
    )

    def particulars(self) -> Words:
        return Words(self.cleaned_data["text"])


class LeavingForm(forms.Form):
    """How a partner leaves."""

    effective_on = DateField(label=gettext_lazy("Last day"))
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=[("", "–"), *Why.choices])
    text = _words(
        gettext_lazy("In your words"),
        missing=gettext_lazy("Say why."),
        hint=gettext_lazy("The partner reads this."),
        rows=2,
    )
    deals = forms.ChoiceField(label=gettext_lazy("Open registrations"), choices=OpenDeals)
    claims = forms.ChoiceField(label=gettext_lazy("Open claims"), choices=OpenClaims)
    earnings = forms.ChoiceField(label=gettext_lazy("Earnings"), choices=OpenEarnings)
    leads = forms.ChoiceField(label=gettext_lazy("Leads"), choices=OpenLeads)

    def particulars(self) -> Leaving:
        return Leaving(**self.cleaned_data)


class TermsForm(forms.Form):
    """A new version of the terms."""

    key = forms.SlugField(
        label=gettext_lazy("Short name"), max_length=60, help_text=gettext_lazy("The same for every version.")
    )
    title = TextField(label=gettext_lazy("Title"), max_length=120)
    text_version = TextField(label=gettext_lazy("Version"), max_length=20)
    program: forms.ModelChoiceField = forms.ModelChoiceField(
        Program.objects.none(), label=gettext_lazy("Program"), required=False, empty_label=gettext_lazy("All programs")
    )
    partner_type = forms.ChoiceField(label=gettext_lazy("Type of partner"), choices=_TYPES, required=False)
    text = TextField(
        label=gettext_lazy("Text"), max_length=60_000, widget=forms.Textarea(attrs={"rows": 16}),
        help_text=gettext_lazy("Plain paragraphs with an empty line between them."),
    )  # fmt: skip

    def __init__(self, *args, programs, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["program"].queryset = programs  # type: ignore[attr-defined]

    def particulars(self) -> Terms:
        return Terms(**self.cleaned_data)
