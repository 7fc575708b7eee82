"""What a partner writes about a deal."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.forms import AmountField, DateField
from deals.enums import Motion
from deals.forms.parts import PHONEBOOK, choices, long, must, text
from deals.normalise import registrable_domain
from deals.particulars import Answer, Claim
from deals.queries import products
from partners.countries import COUNTRIES

_WEBSITE = _("Enter the customer's website, like contoso.com.")


_EMAIL = _("Enter an e-mail address, like name@contoso.com.")


class Registration(forms.Form):
    """The eight questions of a registration, and the optional ones."""

    draft = forms.UUIDField(widget=forms.HiddenInput)
    website = text(
        _("Customer's website"),
        hint=_("We use it to find duplicates. Paste any page of their site."),
        missing=_WEBSITE,
        inputmode="url",
    )
    account_name = text(_("Company"), missing=_("Enter the customer's company."))
    country = forms.ChoiceField(label=_("Country"), choices=COUNTRIES, error_messages=must(_("Choose the country.")))
    contact_name = text(_("Contact's name"), length=150, missing=_("Enter the name of your contact there."))
    contact_email = forms.EmailField(
        label=_("Contact's e-mail"),
        widget=forms.EmailInput(attrs=PHONEBOOK),
        error_messages={"required": _EMAIL, "invalid": _EMAIL},
    )
    product = forms.ChoiceField(label=_("Product"), error_messages=must(_("Choose a product.")))
    amount = AmountField(label=_("Expected value, first year"), error_messages=must(_("Enter the expected value.")))
    expected_close_on = DateField(
        label=_("Expected close date"), error_messages=must(_("Enter the expected close date."))
    )

    membership = forms.ChoiceField(label=_("Program"), required=False)
    motion = forms.ChoiceField(label=_("Way of selling"), choices=Motion, required=False, initial=Motion.RESELL)
    contact_role = text(_("Contact's role"), length=80)
    need = long(_("What the customer needs"))
    how_found = text(_("How you found them"))
    competitor = text(_("Competitor"), length=120)

    ASKED = (
        "website",
        "account_name",
        "country",
        "contact_name",
        "contact_email",
        "product",
        "amount",
        "expected_close_on",
    )
    OPTIONAL = ("motion", "contact_role", "need", "how_found", "competitor")

    def __init__(self, *args, memberships, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self._memberships = {str(m.pk): m for m in memberships}
        self._products = {str(p.pk): p for p in products()}
        products_known = [(key, product.name) for key, product in self._products.items()]
        choices(self, "product", [("", _("Choose a product")), *products_known])
        choices(self, "membership", [(key, m.program.name) for key, m in self._memberships.items()])
        currency = self.currency
        self.fields["amount"].label = _("Expected value, first year (%s)") % currency
        self.fields["expected_close_on"].widget.attrs["min"] = today.isoformat()

    @property
    def first_membership(self):
        return next(iter(self._memberships.values()))

    @property
    def currency(self) -> str:
        return self.first_membership.partner.default_currency

    @property
    def asked(self):
        return [self[name] for name in self.ASKED]

    @property
    def optional(self):
        names = (("membership",) if len(self._memberships) > 1 else ()) + self.OPTIONAL
        return [self[name] for name in names]

    def clean_website(self):
        website = self.cleaned_data["website"]
        if not registrable_domain(website):
            raise ValidationError(_WEBSITE)
        return website

    def clean_expected_close_on(self):
        day = self.cleaned_data["expected_close_on"]
        if day < self.today:
            raise ValidationError(_("Expected close date must be today or later."))
        return day

    def particulars(self) -> Claim:
        data = self.cleaned_data
        names = (*self.ASKED, *self.OPTIONAL)
        return Claim(
            membership=self._memberships.get(data.get("membership") or "", self.first_membership),
            product=self._products.get(data.get("product") or ""),
            currency=self.currency,
            **{n: data[n] for n in names if n in data and n not in ("product", "motion")},
            motion=data.get("motion") or Motion.RESELL,
        )

    def draft_particulars(self) -> Claim:
        """What is there and fits, for a draft: fields with errors are left out, missing ones are empty."""
        self.full_clean()
        missing = {"country": "", "amount": None, "expected_close_on": None}
        empty = {name: missing.get(name, "") for name in self.ASKED if name not in self.cleaned_data}
        self.cleaned_data.update(empty)
        return self.particulars()


_ANSWERABLE = {
    "website": text(_("Customer's website"), missing=_WEBSITE, inputmode="url"),
    "account_name": text(_("Company"), missing=_("Enter the customer's company.")),
    "country": forms.ChoiceField(label=_("Country"), choices=COUNTRIES),
    "contact_name": text(_("Contact's name"), length=150, missing=_("Enter the name of your contact there.")),
    "contact_email": forms.EmailField(label=_("Contact's e-mail")),
    "amount": AmountField(label=_("Value")),
    "expected_close_on": DateField(label=_("Expected close date")),
    "need": long(_("What the customer needs"), missing=_("Enter what the customer needs.")),
}


def answer_form(deal) -> type[forms.Form]:
    """The reply form of a registration: words, and the fields that the question opened."""
    opened = {name: _ANSWERABLE[name] for name in deal.opened_fields if name in _ANSWERABLE}

    def particulars(form) -> Answer:
        data = form.cleaned_data
        return Answer(data["text"], {name: data[name] for name in opened})

    body = {"text": long(_("Your answer"), missing=_("Enter your answer.")), **opened, "particulars": particulars}
    return type("Reply", (forms.Form,), body)
