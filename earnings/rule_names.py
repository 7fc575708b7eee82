"""What revenue rules and terms of money in a program's file are called on pages; the file itself keeps keys."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from deals.enums import PartnerRole
from earnings.enums import AccruesOn, Direction, RuleKind
from partners.enums import PartnerType
from partners.sections import Names

_RULE: dict[str, Any] = {
    "key": _("Key"),
    "name": _("Name"),
    "type": _("Type of partner"),
    "kind": _("What it gives"),
    "direction": _("Direction of money"),
    "percent": _("Percentage"),
    "amount": _("Fixed amount"),
    "tier": _("Tier"),
    "product": _("Product"),
    "family": _("Family of products"),
    "territory": _("Territory"),
    "currency": _("Deals in"),
    "pay_currency": _("Paid in"),
    "registered_uplift_percent": _("More for a registered deal, %"),
    "registered_only": _("Registered deals only"),
    "floor": _("At least"),
    "cap": _("At most"),
    "minimum": _("Minimum of a period"),
    "duration_months": _("Runs for, months"),
    "hold_days": _("Days on hold"),
    "clawback_days": _("Days in which a refund takes it back"),
    "roles": _("Parts in the deal that earn"),
    "split": _("Shares of the parts"),
    "nets": _("Taken from payouts"),
}
_ROLES: dict[str, Any] = {**dict(PartnerRole.choices), "vendor": _("We")}
RULES = Names(
    _RULE,
    {
        "type": dict(PartnerType.choices), "kind": dict(RuleKind.choices), "direction": dict(Direction.choices),
        "roles": _ROLES, "split": _ROLES,
    },
)  # fmt: skip
TERMS = Names(
    {
        "accrues_on": _("What makes an amount earned"),
        "dispute_days": _("Days to dispute a line"),
        "minimum_payout": _("Smallest payout"),
        "two_people_above": _("Two people approve a run above"),
    },
    {"accrues_on": dict(AccruesOn.choices)},
)
