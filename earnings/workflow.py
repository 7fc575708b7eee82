"""What may happen to a line of earnings, and to a dispute about it."""

from django.utils.translation import gettext_lazy as _

from core.workflow import SYSTEM_ONLY, Step, Workflow
from earnings.enums import DisputeStatus as D
from earnings.enums import LineStatus as S
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
