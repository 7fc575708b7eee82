"""What a partner writes about a deal."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.forms import AmountField, DateField
from deals import rules, shown
from deals.enums import Motion
from deals.forms import extra
from deals.forms.parts import PHONEBOOK, choices, long, must, text
from deals.normalise import registrable_domain
from deals.particulars import Answer, Claim, Reason
from deals.queries import products, program_of
from deals.standing import policy_of
from partners.countries import COUNTRIES
from tiers.models import ProgramMembership

_WEBSITE = _("Enter the customer's website, like contoso.com.")


_EMAIL = _("Enter an e-mail address, like name@contoso.com.")
_NEED = _("Enter what the customer needs.")


_USUAL = (Motion.RESELL, Motion.CO_SELL, Motion.REFER)


def _pieces() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Quantity"), min_value=1, max_value=2_000_000_000, error_messages=must(_("Enter how many."))
    )


class Registration(forms.Form):
    """The questions of a registration: eight, or the five of a referral; those of its program; the optional ones."""

    draft = forms.UUIDField(widget=forms.HiddenInput)
    motion = forms.ChoiceField(choices=Motion, required=False, widget=forms.HiddenInput)
    membership = forms.ChoiceField(label=_("Program"), required=False)
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
    quantity = _pieces()
    amount = AmountField(label=_("Expected value, first year"), error_messages=must(_("Enter the expected value.")))
    expected_close_on = DateField(
        label=_("Expected close date"), error_messages=must(_("Enter the expected close date."))
    )
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
    REFERRAL = ("website", "account_name", "contact_name", "contact_email", "need")
    OPTIONAL = ("contact_role", "need", "how_found", "competitor")

    def __init__(self, *args, memberships, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self._memberships = {str(m.pk): m for m in memberships}
        self._products = {str(p.pk): p for p in products()}
        known = [(key, product.name) for key, product in self._products.items()]
        choices(self, "product", [("", _("Choose a product")), *known])
        programs = [(key, m.program.name) for key, m in self._memberships.items()]
        choices(self, "membership", [("", _("The one that fits")), *programs])
        self._adapt()

    # --- what is asked depends on the way of selling and on the program

    def _given(self, name: str) -> Any:
        return (self.data.get(name) if self.is_bound else self.initial.get(name)) or ""

    @property
    def chosen_motion(self) -> str:
        given = self._given("motion")
        return given if given in Motion.values else next(iter(self.motions), Motion.RESELL)

    @property
    def motions(self) -> list[str]:
        """The ways of selling that the partner's programs take, the usual one first."""
        policies = [rules.Policy.of(m.program.policy) for m in self._memberships.values()]
        return [motion for motion in _USUAL if any(policy.covers(motion, "", "") for policy in policies)]

    @property
    def chosen_membership(self) -> ProgramMembership:
        """The program somebody chose, else the first that takes such deals."""
        product = self._products.get(str(self._given("product")))
        chosen = self._memberships.get(str(self._given("membership")))
        return chosen or program_of(list(self._memberships.values()), self.chosen_motion, product)

    @property
    def policy(self) -> rules.Policy:
        return rules.Policy.of(self.chosen_membership.program.policy)

    @property
    def questions(self) -> list[rules.ExtraField]:
        """The program's own."""
        return rules.questions(self.policy, self.chosen_motion)

    def _adapt(self) -> None:
        policy, currency = self.policy, self.currency
        for question in self.questions:
            self.fields[extra.PREFIX + question.key] = extra.field_for(question)
        for name in policy.required:
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = _("Answer this: the program asks for it.")
        self.fields["amount"].label = _("Expected value, first year (%s)") % currency
        self.fields["expected_close_on"].widget.attrs["min"] = self.today.isoformat()
        if self.chosen_motion == Motion.REFER:
            self._ask_as_a_referral()
        if "quantity" in self.fields and not self._counts(policy):
            del self.fields["quantity"]

    def _ask_as_a_referral(self) -> None:
        for name in ("country", "quantity", "amount", "expected_close_on"):
            del self.fields[name]
        self.fields["product"].required = False
        self.fields["need"].required = True
        self.fields["need"].error_messages["required"] = _NEED

    def _counts(self, policy: rules.Policy) -> bool:
        """Whether the program's terms depend on how many are bought."""
        by_step = any(step.from_quantity for step in policy.steps)
        terms = (policy.minimum_quantity, policy.quantity_bands, policy.joint_call_above_units, by_step)
        return any(terms) or "quantity" in policy.required

    @property
    def currency(self) -> str:
        return self.chosen_membership.partner.default_currency

    @property
    def asked(self):
        """The bound fields that everybody answers, in order, with those that the program makes part of them."""
        usual = self.REFERRAL if self.chosen_motion == Motion.REFER else self.ASKED
        names = [*usual, "quantity", *(n for n in self.OPTIONAL if n not in usual and self.fields[n].required)]
        return [self[name] for name in names if name in self.fields]

    @property
    def of_program(self):
        return [self[extra.PREFIX + question.key] for question in self.questions]

    @property
    def optional(self):
        asked = {field.name for field in self.asked}
        names = (("membership",) if len(self._memberships) > 1 else ()) + ("product", *self.OPTIONAL)
        return [self[name] for name in names if name not in asked]

    # --- what was typed

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
        names = {*self.ASKED, *self.OPTIONAL, "quantity"} - {"product"}
        membership = self.chosen_membership
        told = {n: data[n] for n in names if data.get(n) is not None}
        return Claim(
            membership=membership,
            product=self._products.get(data.get("product") or ""),
            currency=self.currency,
            motion=self.chosen_motion,
            extra=extra.answers(self.questions, data),
            **{"country": membership.partner.country} | told,
        )

    def draft_particulars(self) -> Claim:
        """What is there and fits, for a draft: fields with errors are left out, missing ones are empty."""
        self.full_clean()
        if "country" in self.fields:
            self.cleaned_data.setdefault("country", "")
        return self.particulars()

    @classmethod
    def initial_of(cls, deal) -> dict[str, Any]:
        """What stands in the form for a registration that is written already."""
        known = {name: getattr(deal, name) for name in (*cls.ASKED, *cls.OPTIONAL, "quantity", "motion")}
        questions = rules.questions(policy_of(deal), deal.motion)
        own = {"draft": deal.pk, "product": deal.product_id, "membership": deal.membership_id}
        return known | own | extra.typed(questions, deal.extra)


def asked_by_program(form: Registration) -> dict[str, Any]:
    """What a page tells beside the form: the ways of selling, the program's conditions, who decides, what it brings."""
    policy, chosen = form.policy, form.chosen_membership
    return {
        "motions": [(word, Motion(word).label, word == form.chosen_motion) for word in form.motions],
        "program": chosen.program,
        "conditions": shown.conditions(policy, chosen.program.currency),
        "deciders": shown.step_words(policy, chosen.program.currency),
        "gives": policy.gives,
        "tie_break": policy.tie_break,
    }


class Appeal(forms.Form):
    text = long(_("Why you see it differently"), missing=_("Enter what we should look at again."))

    def particulars(self) -> Reason:
        return Reason(self.cleaned_data["text"])


_ANSWERABLE = {
    "website": text(_("Customer's website"), missing=_WEBSITE, inputmode="url"),
    "account_name": text(_("Company"), missing=_("Enter the customer's company.")),
    "country": forms.ChoiceField(label=_("Country"), choices=COUNTRIES),
    "contact_name": text(_("Contact's name"), length=150, missing=_("Enter the name of your contact there.")),
    "contact_email": forms.EmailField(label=_("Contact's e-mail")),
    "amount": AmountField(label=_("Value")),
    "quantity": _pieces(),
    "expected_close_on": DateField(label=_("Expected close date")),
    "need": long(_("What the customer needs"), missing=_NEED),
}


def answer_form(deal) -> type[forms.Form]:
    """The reply form of a registration: words, and the fields that the question opened."""
    opened = {name: _ANSWERABLE[name] for name in deal.opened_fields if name in _ANSWERABLE}
    asked = [q for q in rules.questions(policy_of(deal), deal.motion) if extra.PREFIX + q.key in deal.opened_fields]
    own = {extra.PREFIX + q.key: extra.field_for(q) for q in asked}

    def particulars(form) -> Answer:
        data = form.cleaned_data
        return Answer(data["text"], {name: data[name] for name in opened} | _own_answers(asked, data))

    words = long(_("Your answer"), missing=_("Enter your answer."))
    body = {"text": words, **opened, **own, "particulars": particulars}
    return type("Reply", (forms.Form,), body)


def _own_answers(asked: Sequence[rules.ExtraField], data: Mapping[str, Any]) -> dict[str, Any]:
    return {extra.PREFIX + key: value for key, value in extra.answers(asked, data).items()}


def answer_initial(deal) -> dict[str, Any]:
    """What stands in the opened fields now."""
    known = {name: getattr(deal, name) for name in deal.opened_fields if name in _ANSWERABLE}
    return known | extra.typed(rules.questions(policy_of(deal), deal.motion), deal.extra)
