"""The questions of a program beside the usual ones: its own, and those that its rules need answered. Pure."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from deals.rules.policy import ExtraField, Policy

KINDS = ("ordinary", "tender", "contract")
_TENDER = ("registered_before_publication", "approved_before_publication")


def questions(policy: Policy, motion: str) -> list[ExtraField]:
    """What is asked in this motion, in order; each answer is kept in `extra` under its key."""
    own = [field for field in policy.fields if not field.motions or motion in field.motions]
    return own + [field for field in _needed(policy) if field.key not in {f.key for f in own}]


def _needed(policy: Policy) -> list[ExtraField]:
    wanted = (
        (policy.excluded_kinds or policy.tender != "none", ExtraField("deal_kind", _("Kind of deal"), "choice", KINDS)),
        (
            policy.tender in _TENDER,
            ExtraField("tender_published_on", _("Tender published on (leave empty if it isn't yet)"), "date"),
        ),
        (
            policy.proof_of_concept_excepted,
            ExtraField("in_proof_of_concept", _("You were in the customer's proof of concept before"), "yes_no"),
        ),
        (
            policy.evidence_required,
            ExtraField("evidence", _("What you have done for this opportunity"), "text", required=True),
        ),
        (
            policy.competitor_forbidden,
            ExtraField("bids_competitor", _("You offer a competing product to this customer as well"), "yes_no"),
        ),
        (
            policy.one_discount_per_opportunity,
            ExtraField("special_pricing", _("This opportunity has a special price already"), "yes_no"),
        ),
        (
            policy.joint_call_above_units is not None,
            ExtraField("joint_call_on", _("Joint call with the customer on"), "date"),
        ),
    )
    return [field for needed, field in wanted if needed]


def missing(policy: Policy, deal) -> list[str]:
    """The labels of required answers that aren't there."""
    own = [field.label for field in questions(policy, deal.motion) if field.required and not _there(deal.extra, field)]
    return own + [_WORDS[name]() for name in policy.required if not getattr(deal, name)]


def _there(extra: Mapping[str, Any], field: ExtraField) -> bool:
    return extra.get(field.key) not in (None, "")


_WORDS = {
    "contact_role": lambda: _("Contact's role"),
    "need": lambda: _("What the customer needs"),
    "how_found": lambda: _("How you found them"),
    "competitor": lambda: _("Competitor"),
    "quantity": lambda: _("Quantity"),
    "contact_name": lambda: _("Contact's name"),
    "contact_email": lambda: _("Contact's e-mail"),
    "website": lambda: _("Customer's website"),
}


def misfit(policy: Policy, motion: str, extra: Mapping[str, Any]) -> tuple[str, str] | None:
    """(key, sentence) of the first answer that doesn't fit its question; required ones may still be missing."""
    known = {field.key: field for field in questions(policy, motion)}
    for key, value in extra.items():
        if key not in known:
            return key, _("The program doesn't ask this.")
        if value not in (None, "") and not _fits(known[key], value):
            return key, _("%s: this answer doesn't fit.") % known[key].label
    return None


def _fits(field: ExtraField, value: Any) -> bool:
    return _FITS[field.type](field, value)


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, str | int) and not isinstance(value, bool) and Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


_FITS = {
    "text": lambda field, value: isinstance(value, str) and len(value) <= 2000,
    "number": lambda field, value: _is_number(value),
    "date": lambda field, value: _is_day(value),
    "choice": lambda field, value: value in field.choices,
    "yes_no": lambda field, value: isinstance(value, bool),
}
