"""Every change of the deals app, one function per verb."""

from deals.services.answering import escalate
from deals.services.appeals import appeal, grant_appeal, refuse_appeal
from deals.services.breaches import find_breaches, find_in_batch, find_on, settle_breach
from deals.services.decisions import answer, approve, ask, reject, research, review_again
from deals.services.extensions import (
    extend_for_activity,
    grant_extension,
    no_extension,
    refuse_extension,
    request_extension,
)
from deals.services.line import advance, dissolve, end_grace
from deals.services.opportunities import close, reopen
from deals.services.orders import close_deal, propose_win, refuse_win
from deals.services.owners import answer_owner, ask_owner
from deals.services.protection import approach_end, expire, lapse, release, remind, report_progress
from deals.services.rates import load_rates
from deals.services.registrations import confirm, redraft, register, submit, withdraw
from deals.services.resolutions import resolve
from deals.services.revenue import enter_revenue, remove_revenue
from deals.services.revocations import confirm_revocation, propose_revocation, refuse_revocation
from deals.services.terms import set_terms
from deals.services.transfers import (
    agree_to_transfer,
    confirm_transfer,
    decline_transfer,
    hand_over,
    offer_transfer,
    refuse_transfer,
)
from deals.services.winding import set_timers

__all__ = (
    "advance",
    "agree_to_transfer",
    "answer",
    "answer_owner",
    "appeal",
    "approach_end",
    "approve",
    "ask",
    "ask_owner",
    "close",
    "close_deal",
    "confirm",
    "confirm_revocation",
    "confirm_transfer",
    "decline_transfer",
    "dissolve",
    "end_grace",
    "enter_revenue",
    "escalate",
    "expire",
    "extend_for_activity",
    "find_breaches",
    "find_in_batch",
    "find_on",
    "grant_appeal",
    "grant_extension",
    "hand_over",
    "lapse",
    "load_rates",
    "no_extension",
    "offer_transfer",
    "propose_revocation",
    "propose_win",
    "redraft",
    "refuse_appeal",
    "refuse_extension",
    "refuse_revocation",
    "refuse_transfer",
    "refuse_win",
    "register",
    "reject",
    "release",
    "remind",
    "remove_revenue",
    "reopen",
    "report_progress",
    "request_extension",
    "research",
    "resolve",
    "review_again",
    "set_terms",
    "set_timers",
    "settle_breach",
    "submit",
    "withdraw",
)
