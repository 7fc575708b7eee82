"""Every change of payouts, one function per verb."""

from earnings.services.payouts_banking import set_bank_details
from earnings.services.payouts_counting import prepare
from earnings.services.payouts_deciding import (
    approve,
    cancel,
    export_for_bank,
    leave_out,
    moved_on,
    recount,
    retry,
    review,
    send,
    send_back,
)
from earnings.services.payouts_receivables import hand_over
from earnings.services.payouts_settling import reconcile

__all__ = (
    "approve",
    "cancel",
    "export_for_bank",
    "hand_over",
    "leave_out",
    "moved_on",
    "prepare",
    "reconcile",
    "recount",
    "retry",
    "review",
    "send",
    "send_back",
    "set_bank_details",
)
