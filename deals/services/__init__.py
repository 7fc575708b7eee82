"""Every change of the deals app, one function per verb."""

from deals.services.decisions import answer, approve, ask, reject
from deals.services.opportunities import close
from deals.services.protection import approach_end, expire, release, report_progress
from deals.services.registrations import redraft, register, submit, withdraw
from deals.services.resolutions import resolve

__all__ = (
    "answer",
    "approach_end",
    "approve",
    "ask",
    "close",
    "expire",
    "redraft",
    "register",
    "reject",
    "release",
    "report_progress",
    "resolve",
    "submit",
    "withdraw",
)
