"""What the terms of market funds in a program's file are called on pages; the file itself keeps keys."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from mdf.enums import ActivityType, PaymentMethod, ProofKind
from partners.sections import Names

_KEYS: dict[str, Any] = {
    "share_percent": _("Our share of the cost, %"),
    "share_by_tier": _("Our share by tier"),
    "tier": _("Tier"),
    "percent": _("Percentage"),
    "types": _("Types of activities"),
    "type": _("Type of activity"),
    "preapproval": _("Approved before it is done"),
    "amount_over": _("Above this amount"),
    "unlisted": _("Types that are not listed"),
    "plan_required": _("A plan is needed"),
    "apply_working_days": _("Working days before the start"),
    "decision_working_days": _("Working days until we answer"),
    "decision_days": _("Days until we answer"),
    "accept_days": _("Days to accept a part"),
    "return_multiple": _("Expected return, times the budget"),
    "segments": _("Target segments"),
    "second_step_from": _("Channel operations decides from"),
    "third_step_from": _("Finance decides from"),
    "claim_days": _("Days to claim"),
    "claim_from": _("Days to claim count from"),
    "claim_not_after": _("Last day to claim in the year (month-day)"),
    "claim_extension_days": _("More time for a claim, days"),
    "resubmit_days": _("Days to send a declined claim again"),
    "claims_per_activity": _("Claims for each activity, at most"),
    "invoice_per_line": _("An invoice for each line of the plan"),
    "cap_by_line": _("Each line is paid up to its plan"),
    "proofs": _("Proofs"),
    "results_before_payment": _("Results before the payment"),
    "partner_invoice": _("The partner sends us an invoice"),
    "settled_by": _("Settled by"),
    "pay_days": _("Days until we pay"),
    "two_payers_from": _("Two people pay from"),
    "ineligible": _("Never paid"),
    "accruals": _("Money set aside by business"),
    "of": _("Of"),
    "span": _("Counted by"),
    "cap": _("At most"),
    "expires_months": _("Months until it ends"),
    "budget": _("Budget"),
    "reminders": _("Reminders, days before the last day"),
    "result_days": _("Days after the end when results are counted"),
}
_CHOICES: dict[str, Any] = {
    "types": dict(ActivityType.choices),
    "type": dict(ActivityType.choices),
    "proofs": dict(ProofKind.choices),
    "settled_by": dict(PaymentMethod.choices),
    "claim_from": {"end": _("The end of the activity"), "invoice": _("The invoice")},
    "of": {"paid_revenue": _("Paid revenue"), "growth": _("Growth"), "first_order": _("First orders")},
    "span": {"month": _("Month"), "quarter": _("Quarter"), "year": _("Year")},
}
NAMES = Names(_KEYS, _CHOICES)
