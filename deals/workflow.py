"""What may happen to a registration, when, and by whom."""

from django.utils.translation import gettext_lazy as _

from core.workflow import SYSTEM_ONLY, Step, Workflow
from deals import rules
from deals.enums import FINAL, Status

S = Status
_FIT = (
    rules.not_assessed,
    rules.conflict_open,
    rules.partner_stands_aside,
    rules.no_agreement,
    rules.customer_closed,
    rules.capacity_reached,
    rules.below_minimum,
)
_BEFORE_DECISION = (S.DRAFT, S.SUBMITTED, S.IN_REVIEW, S.ACTION_REQUIRED)

REGISTRATION = Workflow(
    Step("submit", (S.DRAFT,), S.SUBMITTED, "deal.register", "submitted", _("Send registration"), (rules.incomplete,)),
    Step("take_up", (S.SUBMITTED,), S.IN_REVIEW, SYSTEM_ONLY, "taken_up"),
    Step("approve", (S.IN_REVIEW,), S.APPROVED, "deal.decide", "approved", _("Approve"), _FIT),
    Step("ask", (S.IN_REVIEW,), S.ACTION_REQUIRED, "deal.decide", "questioned", _("Ask")),
    Step("reject", (S.IN_REVIEW,), S.REJECTED, "deal.decide", "rejected", _("Decline")),
    Step("answer", (S.ACTION_REQUIRED,), S.SUBMITTED, "deal.update", "answered", _("Send answer"), (rules.incomplete,)),
    Step("withdraw", _BEFORE_DECISION, S.WITHDRAWN, "deal.register", "withdrawn", _("Withdraw")),
    Step("approach_end", (S.APPROVED,), S.EXPIRING, SYSTEM_ONLY, "expiring"),
    Step("expire", (S.APPROVED, S.EXPIRING), S.EXPIRED, SYSTEM_ONLY, "expired", "", (rules.still_protected,)),
    Step("release", (S.APPROVED, S.EXPIRING), S.RELEASED, "deal.register", "released", _("Release")),
    Step(
        "win",
        (S.APPROVED, S.EXPIRING, S.EXPIRED),
        S.WON,
        "opportunity.edit",
        "won",
        _("Close as won"),
        (rules.past_grace,),
    ),
    Step("lose", (S.APPROVED, S.EXPIRING, S.EXPIRED), S.LOST, "opportunity.edit", "lost", _("Close as lost")),
    final=FINAL,
)
