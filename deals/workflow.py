"""What may happen to registrations, leads and touches, when, and by whom."""

from django.utils.translation import gettext_lazy as _

from core.workflow import SYSTEM_ONLY, Step, Workflow
from deals import rules
from deals.enums import FINAL, LeadStatus, OfferStatus, RequestStatus, Status, TouchStatus
from deals.rules.attribution import without_opportunity

S, L, F, T, R = Status, LeadStatus, OfferStatus, TouchStatus, RequestStatus
_FIT = (
    rules.not_assessed,
    rules.not_confirmed,
    rules.queued,
    rules.conflict_open,
    rules.partner_stands_aside,
    rules.no_agreement,
    rules.customer_closed,
    rules.capacity_reached,
    rules.not_eligible,
    rules.not_your_step,
)
_BEFORE_DECISION = (S.DRAFT, S.SUBMITTED, S.IN_REVIEW, S.ACTION_REQUIRED)
_WHILE = (S.APPROVED, S.EXPIRING)
_TO_CLOSE = (S.APPROVED, S.EXPIRING, S.EXPIRED)

REGISTRATION = Workflow(
    Step(
        "submit", (S.DRAFT,), S.SUBMITTED, "deal.register", "submitted", _("Send registration"),
        (rules.partner_paused, rules.incomplete),
    ),
    Step("take_up", (S.SUBMITTED,), S.IN_REVIEW, SYSTEM_ONLY, "taken_up"),
    Step("approve", (S.IN_REVIEW,), S.APPROVED, "deal.approve", "approved", _("Approve"), _FIT),
    Step("endorse", (S.IN_REVIEW,), S.IN_REVIEW, "deal.approve", "endorsed", _("Approve this step"), _FIT),
    Step("ask", (S.IN_REVIEW,), S.ACTION_REQUIRED, "deal.decide", "questioned", _("Ask")),
    Step(
        "research", (S.IN_REVIEW,), S.IN_REVIEW, "deal.decide", "researched", _("Take more time"),
        (rules.researched_before,),
    ),
    Step("reject", (S.IN_REVIEW,), S.REJECTED, "deal.approve", "rejected", _("Decline")),
    Step("answer", (S.ACTION_REQUIRED,), S.SUBMITTED, "deal.update", "answered", _("Send answer"), (rules.incomplete,)),
    Step(
        "appeal", (S.REJECTED,), S.APPEALED, "deal.register", "appealed", _("Appeal"),
        (rules.appealed_before, rules.appeal_is_over),
    ),
    Step(
        "grant_appeal", (S.APPEALED,), S.IN_REVIEW, "deal.decide", "appeal_granted", _("Review it again"),
        (rules.same_person,),
    ),
    Step(
        "refuse_appeal", (S.APPEALED,), S.REFUSED, "deal.decide", "appeal_refused", _("Decline for good"),
        (rules.same_person,),
    ),
    Step("withdraw", _BEFORE_DECISION, S.WITHDRAWN, "deal.register", "withdrawn", _("Withdraw")),
    Step("approach_end", (S.APPROVED,), S.EXPIRING, SYSTEM_ONLY, "expiring"),
    Step("expire", _WHILE, S.EXPIRED, SYSTEM_ONLY, "expired", "", (rules.still_protected,)),
    Step("extend", _TO_CLOSE, S.APPROVED, SYSTEM_ONLY, "extended", "", (rules.past_grace,)),
    Step("review_again", _WHILE, S.IN_REVIEW, SYSTEM_ONLY, "review_reopened"),
    Step("release", _WHILE, S.RELEASED, "deal.register", "released", _("Release")),
    Step("revoke", _WHILE, S.REVOKED, "deal.decide", "revoked", _("Revoke")),
    Step("transfer", _WHILE, S.TRANSFERRED, "deal.decide", "transferred", _("Hand over")),
    Step("win", _TO_CLOSE, S.WON, "opportunity.edit", "won", _("Close as won"), (rules.past_grace,)),
    Step("lose", _TO_CLOSE, S.LOST, "opportunity.edit", "lost", _("Close as lost")),
    Step("reopen", (S.WON, S.LOST), S.APPROVED, "opportunity.edit", "reopened", _("Reopen")),
    final=FINAL,
)  # fmt: skip

REQUEST = Workflow(
    Step("grant", (R.REQUESTED,), R.GRANTED, "deal.decide", "granted", _("Grant")),
    Step("refuse", (R.REQUESTED,), R.REFUSED, "deal.decide", "refused", _("Refuse")),
    final=(R.GRANTED, R.REFUSED),
)

LEAD = Workflow(
    Step("qualify", (L.NEW, L.RETURNED), L.QUALIFIED, "lead.route", "qualified", _("Qualify")),
    Step("offer", (L.NEW, L.QUALIFIED, L.RETURNED), L.OFFERED, "lead.route", "offered", _("Offer")),
    Step("take", (L.OFFERED,), L.ACCEPTED, "lead.answer", "accepted", _("Accept")),
    Step("pass_on", (L.OFFERED,), L.QUALIFIED, SYSTEM_ONLY, "passed_on"),
    Step("bring_back", (L.OFFERED, L.QUALIFIED), L.RETURNED, SYSTEM_ONLY, "returned"),
    Step("work", (L.ACCEPTED, L.STALE, L.WORKING), L.WORKING, "lead.answer", "worked", _("Report progress")),
    Step("go_stale", (L.ACCEPTED, L.WORKING), L.STALE, SYSTEM_ONLY, "stale"),
    Step("recall", (L.OFFERED, L.ACCEPTED, L.WORKING, L.STALE), L.RETURNED, "lead.route", "recalled", _("Take back")),
    Step("convert", (L.ACCEPTED, L.WORKING, L.STALE), L.CONVERTED, "lead.answer", "converted", _("Register the deal")),
    Step(
        "disqualify", (L.NEW, L.QUALIFIED, L.RETURNED, L.ACCEPTED, L.WORKING, L.STALE), L.DISQUALIFIED, "lead.answer",
        "disqualified", _("Close without a deal"),
    ),
    final=(L.CONVERTED, L.DISQUALIFIED),
)  # fmt: skip

OFFER = Workflow(
    Step("accept", (F.OFFERED,), F.ACCEPTED, "lead.answer", "accepted", _("Accept")),
    Step("decline", (F.OFFERED,), F.DECLINED, "lead.answer", "declined", _("Decline")),
    Step("time_out", (F.OFFERED,), F.TIMED_OUT, SYSTEM_ONLY, "timed_out"),
    Step("recall", (F.OFFERED, F.ACCEPTED), F.RECALLED, "lead.route", "recalled", _("Take back")),
    final=(F.DECLINED, F.TIMED_OUT, F.RECALLED),
)

TOUCH = Workflow(
    Step("confirm", (T.CLAIMED,), T.CONFIRMED, "touch.confirm", "confirmed", _("Confirm"), (without_opportunity,)),
    Step("refuse", (T.CLAIMED,), T.REFUSED, "touch.confirm", "refused", _("Not so")),
    Step("lapse", (T.CLAIMED,), T.LAPSED, SYSTEM_ONLY, "lapsed"),
    final=(T.CONFIRMED, T.REFUSED, T.LAPSED),
)
