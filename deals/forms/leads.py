"""What people write about leads, on both sides."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.forms import AmountField, LongSelect
from deals.enums import DeclineReason, DisqualifyReason, LeadSource, Temperature
from deals.forms.parts import PHONEBOOK, choices, long, must
from deals.forms.parts import text as line
from deals.lead_particulars import Ending, Enquiry, No, OfferTo, Report
from deals.normalise import registrable_domain
from deals.particulars import Reason
from deals.queries import products
from partners.countries import COUNTRIES
from partners.currencies import CODES

_NOWHERE = ("", _("Not known"))
_CHOOSE = ("", _("Choose a reason"))

# --- partner


class Decline(forms.Form):
    code = forms.ChoiceField(
        label=_("Why not"), choices=[_CHOOSE, *DeclineReason.choices], error_messages=must(_("Choose a reason."))
    )
    reason = long(_("More words"), rows=2, length=1000)

    def particulars(self) -> No:
        return No(self.cleaned_data["code"], self.cleaned_data["reason"])


class ReportWork(forms.Form):
    """What was done, and what is next."""

    text = long(_("What you did"), rows=2, missing=_("Enter what you did, like “Called, no answer”."))
    next_step = line(_("Next step"), length=300)

    def particulars(self) -> Report:
        return Report(self.cleaned_data["text"], self.cleaned_data["next_step"])


class Close(forms.Form):
    code = forms.ChoiceField(
        label=_("Reason"), choices=[_CHOOSE, *DisqualifyReason.choices], error_messages=must(_("Choose a reason."))
    )
    reason = long(_("More words"), rows=2, length=1000)

    def particulars(self) -> Ending:
        return Ending(self.cleaned_data["code"], self.cleaned_data["reason"])


# --- vendor


class Recall(forms.Form):
    text = long(
        _("Words to the partner"),
        rows=2,
        hint=_("The partner reads exactly this."),
        missing=_("Enter what the partner is told."),
    )

    def particulars(self) -> Reason:
        return Reason(self.cleaned_data["text"])


class Offer(forms.Form):
    partner: forms.ModelChoiceField = forms.ModelChoiceField(
        None, label=_("Partner"), required=False, empty_label=_("The best by the rules"), widget=LongSelect
    )

    def __init__(self, *args, partners, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = partners  # type: ignore[attr-defined]

    def particulars(self) -> OfferTo:
        return OfferTo(self.cleaned_data["partner"])


class Enquiring(forms.Form):
    """A lead as the vendor enters it."""

    account_name = line(_("Company"), missing=_("Enter the company."))
    website = line(_("Website"), inputmode="url")
    country = forms.ChoiceField(label=_("Country"), choices=[_NOWHERE, *COUNTRIES], required=False, widget=LongSelect)
    region = line(_("Region"), length=60)
    contact_name = line(_("Contact's name"), length=150)
    contact_email = forms.EmailField(
        label=_("Contact's e-mail"), required=False, widget=forms.EmailInput(attrs=PHONEBOOK),
        error_messages={"invalid": _("Enter an e-mail address, like name@contoso.com.")},
    )  # fmt: skip
    contact_phone = line(_("Contact's phone"), length=40, inputmode="tel")
    contact_role = line(_("Contact's role"), length=80)
    product = forms.ChoiceField(label=_("Product"), required=False)
    need = long(
        _("What they need"),
        hint=_("Partners read this before they accept, without names, addresses and numbers."),
    )
    temperature = forms.ChoiceField(label=_("Temperature"), choices=Temperature, initial=Temperature.WARM)
    source = forms.ChoiceField(label=_("Source"), choices=LeadSource, initial=LeadSource.INBOUND)
    source_detail = line(_("More about the source"))
    campaign = line(_("Code of the activity"), length=16, hint=_("Where market funds paid for what it came from."))
    industry = line(_("Industry"), length=80)
    employee_count = forms.IntegerField(label=_("Employees"), required=False, min_value=1, max_value=10_000_000)
    amount = AmountField(label=_("Expected value"), required=False)
    currency = forms.ChoiceField(
        label=_("Currency"), choices=[(code, code) for code in CODES], initial="USD", required=False, widget=LongSelect
    )

    FIRST = (
        "account_name",
        "website",
        "country",
        "contact_name",
        "contact_email",
        "product",
        "need",
        "temperature",
        "source",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._products = {str(product.pk): product for product in products()}
        named = [(key, product.name) for key, product in self._products.items()]
        choices(self, "product", [("", _("Not known")), *named])

    @property
    def first(self):
        return [self[name] for name in self.FIRST]

    @property
    def more(self):
        return [self[name] for name in self.fields if name not in self.FIRST]

    @property
    def more_open(self) -> bool:
        return any(name not in self.FIRST for name in self.errors)

    def clean_website(self):
        website = self.cleaned_data["website"]
        if website and not registrable_domain(website):
            raise ValidationError(_("Enter the company's website, like contoso.com."))
        return website

    def clean_campaign(self):
        return self.cleaned_data["campaign"].strip().upper()

    def particulars(self) -> Enquiry:
        data = self.cleaned_data
        plain = {name: data[name] for name in self.fields if name not in ("product", "currency")}
        return Enquiry(product=self._products.get(data["product"]), currency=data["currency"] or "USD", **plain)
