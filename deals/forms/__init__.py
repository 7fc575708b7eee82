"""Words into the particulars of the deals services."""

from deals.forms.conflicts import Resolve
from deals.forms.deciding import Approve, Ask, Decline
from deals.forms.protecting import (
    AskExtension,
    CloseLost,
    CloseWon,
    HandOver,
    No,
    OfferTransfer,
    ProposeRevocation,
    ProposeWin,
    Release,
    ReportProgress,
    SettleBreach,
    Yes,
    again,
)
from deals.forms.registering import Registration, answer_form

__all__ = (
    "Approve",
    "Ask",
    "AskExtension",
    "CloseLost",
    "CloseWon",
    "Decline",
    "HandOver",
    "No",
    "OfferTransfer",
    "ProposeRevocation",
    "ProposeWin",
    "Registration",
    "Release",
    "ReportProgress",
    "Resolve",
    "SettleBreach",
    "Yes",
    "again",
    "answer_form",
)
