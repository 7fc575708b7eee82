"""Words into the particulars of the deals services."""

from deals.forms.conflicts import Resolve
from deals.forms.deciding import (
    Approve,
    Ask,
    AskOwner,
    Decline,
    GrantAppeal,
    OwnersAnswer,
    RefuseAppeal,
    TakeTime,
)
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
from deals.forms.registering import Appeal, Registration, answer_form, answer_initial
from deals.forms.terms import EditTerms

__all__ = (
    "Appeal",
    "Approve",
    "Ask",
    "AskExtension",
    "AskOwner",
    "CloseLost",
    "CloseWon",
    "Decline",
    "EditTerms",
    "GrantAppeal",
    "HandOver",
    "No",
    "OfferTransfer",
    "OwnersAnswer",
    "ProposeRevocation",
    "ProposeWin",
    "RefuseAppeal",
    "Registration",
    "Release",
    "ReportProgress",
    "Resolve",
    "SettleBreach",
    "TakeTime",
    "Yes",
    "again",
    "answer_form",
    "answer_initial",
)
