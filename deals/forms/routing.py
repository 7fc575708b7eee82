"""Routing rules, and the facts of an imagined lead to try them with."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.forms import AmountField, LongSelect
from deals.enums import LeadSource, RoutingMode, Temperature
from deals.forms.parts import choices, must, text
from deals.lead_particulars import RuleTerms
from deals.queries import products
from deals.rules.routing import CRITERIA, WEIGHTS, Wanted
from partners.countries import COUNTRIES, NAMES, country_name

_ANY = ("", _("Any"))


def _several(label, hint=""):
    return forms.MultipleChoiceField(label=label, help_text=hint, required=False, widget=forms.CheckboxSelectMultiple)


def _points(label):
    return forms.IntegerField(label=label, min_value=0, max_value=1000, required=False)


class Rule(forms.Form):
    """Which leads a rule is for, and where they go."""

    name = text(_("Name"), length=120, missing=_("Enter a name."))
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    countries = text(_("Countries"), hint=_("Two-letter codes with commas between them, like PT, ES."), length=1000)
    regions = text(_("Regions"), hint=_("With commas between them, like EMEA, AMER."), length=500)
    products = _several(_("Products"))
    temperatures = _several(_("Temperatures"))
    sources = _several(_("Sources"))
    minimum = AmountField(label=_("Value from"), required=False)
    mode = forms.ChoiceField(label=_("Goes to"), choices=RoutingMode, initial=RoutingMode.RANKED)
    partner: forms.ModelChoiceField = forms.ModelChoiceField(
        None, label=_("Partner"), required=False, empty_label=_("Nobody in particular"), widget=LongSelect,
        help_text=_("For “to one partner”."),
    )  # fmt: skip
    answer_hours = forms.IntegerField(
        label=_("Working hours to answer"), min_value=1, max_value=200, initial=24,
        help_text=_("A hot lead has four at most."), error_messages=must(_("Enter a number of hours.")),
    )  # fmt: skip
    offers = forms.IntegerField(
        label=_("Partners asked at most"), min_value=1, max_value=20, initial=3,
        error_messages=must(_("Enter a number.")),
    )  # fmt: skip
    territory = _points(CRITERIA["territory"])
    product = _points(CRITERIA["product"])
    certification = _points(CRITERIA["certification"])
    tier = _points(CRITERIA["tier"])
    capacity = _points(CRITERIA["capacity"])
    response = _points(CRITERIA["response"])

    MATCH = ("countries", "regions", "products", "temperatures", "sources", "minimum")

    def __init__(self, *args, partners, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = partners  # type: ignore[attr-defined]
        choices(self, "products", [(product.sku, product.name) for product in products()])
        choices(self, "temperatures", list(Temperature.choices))
        choices(self, "sources", list(LeadSource.choices))

    @classmethod
    def values_of(cls, rule) -> dict[str, Any]:
        """The form's first values, from a rule."""
        match = rule.match
        lists = {name: ", ".join(match.get(name, ())) for name in ("countries", "regions")}
        others = {name: match.get(name) for name in ("products", "temperatures", "sources", "minimum")}
        plain = {
            name: getattr(rule, name) for name in ("name", "is_active", "mode", "partner", "answer_hours", "offers")
        }
        return plain | lists | others | (rule.weights or WEIGHTS)

    @property
    def points(self):
        return [self[name] for name in CRITERIA]

    @property
    def conditions(self):
        return [self[name] for name in self.MATCH]

    @property
    def destination(self):
        return [self[name] for name in ("mode", "partner", "answer_hours", "offers")]

    def clean_countries(self):
        codes = [word.upper() for word in _words(self.cleaned_data["countries"])]
        wrong = [code for code in codes if code not in NAMES]
        if wrong:
            raise ValidationError(_("No country has the code %s. Use two letters, like PT.") % wrong[0])
        return codes

    def clean_regions(self):
        return _words(self.cleaned_data["regions"])

    def particulars(self) -> RuleTerms:
        data = self.cleaned_data
        match = {name: data[name] for name in self.MATCH if data[name]}
        if "minimum" in match:
            match["minimum"] = str(match["minimum"])
        return RuleTerms(
            name=data["name"], match=match, mode=data["mode"], partner=data["partner"],
            weights={name: data[name] or 0 for name in CRITERIA}, answer_hours=data["answer_hours"],
            offers=data["offers"], is_active=data["is_active"],
        )  # fmt: skip


def _words(line: str) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in line.split(",") if word.strip()))


class TryOut(forms.Form):
    """The facts of a lead that routing looks at; sent with GET, stored nowhere."""

    mark_optional = False
    country = forms.ChoiceField(label=_("Country"), choices=[_ANY, *COUNTRIES], required=False, widget=LongSelect)
    region = text(_("Region"), length=60)
    industry = text(_("Industry"), length=80)
    product = forms.ChoiceField(label=_("Product"), required=False)
    temperature = forms.ChoiceField(
        label=_("Temperature"), choices=Temperature, initial=Temperature.WARM, required=False
    )
    source = forms.ChoiceField(label=_("Source"), choices=LeadSource, initial=LeadSource.INBOUND, required=False)
    amount = AmountField(label=_("Value"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._products = {product.sku: product for product in products()}
        choices(self, "product", [_ANY, *((sku, product.name) for sku, product in self._products.items())])

    def wanted(self) -> Wanted:
        """What the rules are asked about; call it when the form is valid."""
        data = self.cleaned_data
        product = self._products.get(data["product"])
        named: dict[str, Any] = (
            {"sku": product.sku, "product": product.name, "family": product.family} if product else {}
        )
        plain = {name: data[name] for name in ("country", "region", "industry", "temperature", "source", "amount")}
        return Wanted(country_name=country_name(data["country"]) if data["country"] else "", **plain, **named)
