"""What may happen to a line of earnings, and to a dispute about it."""

from django.utils.translation import gettext_lazy as _

from core.workflow import SYSTEM_ONLY, Step, Workflow
from earnings.enums import DisputeStatus as D
from earnings.enums import LineStatus as S
from earnings.enums import PayoutStatus as P
from earnings.enums import RunStatus as R
from earnings.rules import held, never_paid, not_invoiced, window_over

LINE = Workflow(
    Step("accrue", (S.FORECAST,), S.ACCRUED, SYSTEM_ONLY, "accrued"),
    Step("hold", (S.ACCRUED,), S.ON_HOLD, SYSTEM_ONLY, "held", unless=(never_paid,)),
    Step("approve", (S.ACCRUED, S.ON_HOLD, S.RESOLVED), S.APPROVED, SYSTEM_ONLY, "approved", unless=(never_paid, held)),
    Step("include", (S.APPROVED,), S.IN_PAYOUT, "payout.prepare", "included", unless=(never_paid,)),
    Step("leave_out", (S.IN_PAYOUT,), S.APPROVED, "payout.prepare", "left_out"),
    Step("pay", (S.IN_PAYOUT,), S.PAID, "payout.prepare", "paid"),
    Step("invoice", (S.ACCRUED, S.RESOLVED), S.INVOICED, "payout.prepare", "invoiced", _("Hand to invoicing"),
         (not_invoiced,)),
    Step("dispute", (S.ACCRUED, S.ON_HOLD, S.APPROVED), S.DISPUTED, "earnings.dispute", "disputed", _("Dispute"),
         (window_over,)),
    Step("resolve", (S.DISPUTED,), S.RESOLVED, "earnings.decide", "resolved", _("Answer")),
    Step("cancel", (S.FORECAST,), S.CANCELLED, SYSTEM_ONLY, "cancelled"),
    final=(S.PAID, S.INVOICED, S.CANCELLED),
)  # fmt: skip

DISPUTE = Workflow(
    Step("uphold", (D.OPEN,), D.UPHELD, "earnings.decide", "upheld", _("The partner is right")),
    Step("refuse", (D.OPEN,), D.REFUSED, "earnings.decide", "refused", _("The line stands")),
    final=(D.UPHELD, D.REFUSED),
)

RUN = Workflow(
    Step("review", (R.OPEN,), R.REVIEWED, "payout.prepare", "reviewed", _("Mark as reviewed")),
    Step("send_back", (R.REVIEWED,), R.OPEN, "payout.approve", "sent_back", _("Send back")),
    Step("approve", (R.REVIEWED,), R.APPROVED, "payout.approve", "approved", _("Approve")),
    Step("send", (R.APPROVED,), R.SENT, "payout.approve", "sent", _("The bank has it")),
    Step("settle", (R.SENT, R.FAILED), R.SETTLED, "payout.prepare", "settled"),
    Step("fail", (R.SENT,), R.FAILED, "payout.prepare", "failed"),
    Step("retry", (R.FAILED,), R.REVIEWED, "payout.prepare", "retried", _("Try the failed ones again")),
    Step("reopen", (R.REVIEWED,), R.OPEN, "payout.prepare", "reopened"),
    Step("cancel", (R.OPEN, R.REVIEWED), R.CANCELLED, "payout.prepare", "cancelled", _("Cancel the run")),
    final=(R.SETTLED, R.CANCELLED),
)

PAYOUT = Workflow(
    Step("carry", (P.DRAFT,), P.CARRIED, "payout.prepare", "carried"),
    Step("schedule", (P.DRAFT,), P.SCHEDULED, "payout.approve", "scheduled"),
    Step("send", (P.SCHEDULED,), P.SENT, "payout.approve", "sent"),
    Step("pay", (P.SENT,), P.PAID, "payout.prepare", "paid", _("Paid")),
    Step("fail", (P.SENT,), P.FAILED, "payout.prepare", "failed", _("Failed")),
    Step("retry", (P.FAILED,), P.DRAFT, "payout.prepare", "retried"),
    Step("release", (P.DRAFT, P.FAILED), P.CANCELLED, "payout.prepare", "released", _("Leave out")),
    final=(P.PAID, P.CARRIED, P.CANCELLED),
)
