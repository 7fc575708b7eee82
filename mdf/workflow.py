"""What may happen to budgets, requests, claims and payments, when, and by whom."""

from django.utils.translation import gettext_lazy as _

from core.workflow import SYSTEM_ONLY, Step, Workflow
from mdf.enums import CLAIM_FINAL, CLAIM_OPEN, FINAL, OPEN, RUNNING
from mdf.enums import ChangeStatus as B
from mdf.enums import ClaimStatus as C
from mdf.enums import PaymentStatus as P
from mdf.enums import RequestStatus as R
from mdf.rules import bars

_FIT = (bars.not_confirmed, bars.partner_stands_aside, bars.outside_period, bars.unlisted)
_WHOLE = (bars.partner_stands_aside, bars.incomplete, bars.outside_period, bars.unlisted, bars.started, bars.too_late)

CHANGE = Workflow(
    Step("grant", (B.REQUESTED,), B.GRANTED, "mdf.budget", "granted", _("Grant")),
    Step("refuse", (B.REQUESTED,), B.REFUSED, "mdf.budget", "refused", _("Refuse")),
    final=(B.GRANTED, B.REFUSED),
)

REQUEST = Workflow(
    Step("submit", (R.DRAFT, R.REJECTED), R.SUBMITTED, "mdf.request", "submitted", _("Send request"), _WHOLE),
    Step("take_up", (R.SUBMITTED,), R.IN_REVIEW, SYSTEM_ONLY, "taken_up"),
    Step("ask", (R.IN_REVIEW,), R.ACTION_REQUIRED, "mdf.decide", "questioned", _("Ask")),
    Step("answer", (R.ACTION_REQUIRED,), R.SUBMITTED, "mdf.request", "answered", _("Send answer"), _WHOLE),
    Step("endorse", (R.IN_REVIEW,), R.IN_REVIEW, "mdf.decide", "endorsed", _("Approve this step"), _FIT),
    Step("approve", (R.IN_REVIEW,), R.APPROVED, "mdf.decide", "approved", _("Approve"), _FIT),
    Step(
        "approve_partly", (R.IN_REVIEW,), R.PARTLY_APPROVED, "mdf.decide", "partly_approved", _("Approve a part"), _FIT,
    ),
    Step(
        "accept", (R.PARTLY_APPROVED,), R.APPROVED, "mdf.request", "accepted", _("Accept"), (bars.accepted_too_late,)
    ),
    Step("reject", (R.IN_REVIEW,), R.REJECTED, "mdf.decide", "rejected", _("Decline")),
    Step("decline", (R.IN_REVIEW,), R.DECLINED, "mdf.decide", "declined", _("Decline for good")),
    Step("withdraw", (R.DRAFT, *OPEN, R.PARTLY_APPROVED), R.WITHDRAWN, "mdf.request", "withdrawn", _("Withdraw")),
    Step(
        "run_out", (R.PARTLY_APPROVED,), R.WITHDRAWN, SYSTEM_ONLY, "ran_out", "", (bars.still_time_to_accept,)
    ),
    Step("change", RUNNING[:2], R.SUBMITTED, "mdf.request", "changed", _("Change")),
    Step("part", (R.DRAFT,), R.SUBMITTED, "mdf.request", "changed", "", (bars.no_changed_part,)),
    Step("start", (R.APPROVED,), R.IN_EXECUTION, SYSTEM_ONLY, "started"),
    Step("complete", (R.IN_EXECUTION,), R.COMPLETED, SYSTEM_ONLY, "completed", "", (bars.ended_before_end,)),
    Step("close", RUNNING, R.CLOSED, SYSTEM_ONLY, "closed"),
    Step("cancel", RUNNING, R.CANCELLED, "mdf.request", "cancelled", _("Cancel")),
    Step("lapse", RUNNING, R.LAPSED, SYSTEM_ONLY, "lapsed"),
    final=FINAL,
)  # fmt: skip

CLAIM = Workflow(
    Step(
        "submit", (C.DRAFT, C.REJECTED), C.SUBMITTED, "mdf.claim", "submitted", _("Send claim"),
        (bars.proofs_missing, bars.line_without_invoice, bars.claim_too_late, bars.invoice_too_old),
    ),
    Step("take_up", (C.SUBMITTED,), C.IN_REVIEW, SYSTEM_ONLY, "taken_up"),
    Step("ask", (C.IN_REVIEW,), C.INFORMATION_REQUESTED, "mdf.decide", "questioned", _("Ask")),
    Step(
        "answer", (C.INFORMATION_REQUESTED,), C.SUBMITTED, "mdf.claim", "answered", _("Send answer"),
        (bars.proofs_missing,),
    ),
    Step("approve", (C.IN_REVIEW,), C.APPROVED, "mdf.decide", "approved", _("Approve"), (bars.proofs_undecided,)),
    Step(
        "approve_partly", (C.IN_REVIEW,), C.PARTLY_APPROVED, "mdf.decide", "partly_approved", _("Approve a part"),
        (bars.proofs_undecided,),
    ),
    Step("reject", (C.IN_REVIEW,), C.REJECTED, "mdf.decide", "rejected", _("Decline")),
    Step("withdraw", (C.DRAFT, *CLAIM_OPEN, C.REJECTED), C.WITHDRAWN, "mdf.claim", "withdrawn", _("Withdraw")),
    Step("ready", (C.APPROVED, C.PARTLY_APPROVED), C.PAYABLE, SYSTEM_ONLY, "payable"),
    Step("settle", (C.PAYABLE,), C.PAID, SYSTEM_ONLY, "paid"),
    Step("fail", (C.PAID,), C.PAYABLE, SYSTEM_ONLY, "unpaid"),
    Step("reconcile", (C.PAID,), C.RECONCILED, "mdf.pay", "reconciled", _("Reconciled")),
    Step("claw_back", (C.PAID, C.RECONCILED), C.CLAWED_BACK, "mdf.pay", "clawed_back", _("Claw back")),
    final=CLAIM_FINAL,
)  # fmt: skip

PAYMENT = Workflow(
    Step("release", (P.ORDERED,), P.SENT, "mdf.pay", "sent", _("Send")),
    Step("settle", (P.SENT,), P.PAID, "mdf.pay", "paid", _("Settled")),
    Step("fail", (P.ORDERED, P.SENT), P.FAILED, "mdf.pay", "failed", _("Failed")),
    final=(P.PAID, P.FAILED),
)
