"""What the deal terms of a program's file are called on pages; the file itself keeps keys."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from deals import rules
from partners.sections import Names
from tiers.naming import MOTIONS

STARTS = {
    "submission": _("Submission"), "registration": _("Complete registration"), "approval": _("Approval"),
    "assignment": _("Assignment to the partner"),
}  # fmt: skip
EXTENSIONS = {"none": _("None"), "request": _("By request"), "auto": _("Once by itself, then by request")}
TIES = {
    "first_submitted": _("The first one sent"), "first_approved": _("The first one approved"),
    "best_qualified": _("The best qualified"), "customer_choice": _("The customer's written choice"),
}  # fmt: skip

_KEYS: dict[str, Any] = {
    "decision_working_days": _("Working days until we answer"),
    "decision_working_hours": _("Working hours until we answer"),
    "referral_working_days": _("Working days until we answer a referral"),
    "research_working_days": _("Working days for looking closer"),
    "protection_days": _("Days of protection"),
    "protection_bands": _("Protection by value"),
    "protection_starts": _("Protection counts from"),
    "extension": _("Extension"),
    "mode": _("How"),
    "days": _("Days"),
    "activity_days": _("Days within which the customer was active"),
    "needs_reason": _("A reason is needed"),
    "needs_evidence": _("Evidence is needed"),
    "before_expiry": _("Asked for in time only"),
    "maximum": _("At most"),
    "reminders": _("Reminders, days before the end"),
    "expiring_days": _("Days before the end when it counts as ending"),
    "grace_days": _("Days of grace"),
    "scope": _("What is protected"),
    "with_subsidiaries": _("Subsidiaries, too"),
    "motions": _("Ways of selling"),
    "products": _("Products"),
    "capacity": _("Protected deals at once"),
    "minimum_amount": _("Smallest value"),
    "minimum_suffices": _("Exactly the smallest value is enough"),
    "minimum_quantity": _("Smallest quantity"),
    "excluded_countries": _("Countries that are left out"),
    "excluded_kinds": _("Kinds of deals that are left out"),
    "tender": _("Tenders"),
    "proof_of_concept_excepted": _("Proofs of concept are excepted"),
    "new_customers_only": _("New customers only"),
    "no_vendor_contact_months": _("Months without contact by our own team"),
    "not_in_pipeline": _("Not where our own team has an open opportunity"),
    "close_working_days_away": _("Working days before the close, at least"),
    "minimum_tier": _("From this tier on"),
    "agreement": _("Terms that the partner has accepted"),
    "competitor_forbidden": _("No competing product at the same customer"),
    "one_discount_per_opportunity": _("One discount for each opportunity"),
    "joint_call_above_units": _("Pieces above which we call the customer together"),
    "evidence_required": _("Evidence is needed for each deal"),
    "required": _("Must be answered"),
    "fields": _("Questions of its own"),
    "key": _("Key"),
    "label": _("Question"),
    "type": _("Kind of answer"),
    "choices": _("Choices"),
    "tie_break": _("When two claim one customer"),
    "second_registrant": _("Who comes second"),
    "second_share_percent": _("Share of who comes second, %"),
    "customer_may_choose": _("The customer may choose"),
    "steps": _("Who decides"),
    "approver": _("Who"),
    "from_amount": _("From this value on"),
    "from_quantity": _("From this quantity on"),
    "regions": _("Regions"),
    "tiers": _("Tiers"),
    "auto_approve": _("Approved by rule"),
    "below_amount": _("Below this value"),
    "quantity_bands": _("What a quantity brings"),
    "gives": _("What it brings"),
}
_CHOICES: dict[str, Any] = {
    "protection_starts": STARTS,
    "mode": EXTENSIONS,
    "tie_break": TIES,
    "motions": MOTIONS,
    "approver": rules.APPROVER_WORDS,
    "scope": {
        "account": _("The whole customer"), "product_family": _("The customer for a family of products"),
        "opportunity": _("The one opportunity"),
    },
    "excluded_kinds": {"tender": _("Tender"), "contract": _("Contract")},
    "tender": {
        "none": _("No rule"), "refused": _("Refused"),
        "registered_before_publication": _("Registered before they are published"),
        "approved_before_publication": _("Approved before they are published"),
    },
    "agreement": {"signed": _("Signed terms"), "self_sign_up": _("Those of the sign-up are enough")},
    "required": {
        "contact_role": _("Contact's role"), "need": _("Need"), "how_found": _("How found"),
        "competitor": _("Competitor"), "quantity": _("Quantity"), "contact_name": _("Contact's name"),
        "contact_email": _("Contact's e-mail"), "website": _("Website"),
    },
    "type": {
        "text": _("Text"), "number": _("Number"), "date": _("Date"), "choice": _("Choice"), "yes_no": _("Yes or no"),
    },
    "second_registrant": {"none": _("Gets nothing"), "share": _("Gets a share")},
}  # fmt: skip
NAMES = Names(_KEYS, _CHOICES)
