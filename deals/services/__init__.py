"""Every change of the deals app, one function per verb."""

from deals.services.opportunities import close
from deals.services.registrations import (
    answer,
    approach_end,
    approve,
    ask,
    expire,
    redraft,
    register,
    reject,
    release,
    report_progress,
    resolve,
    submit,
    withdraw,
)

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
