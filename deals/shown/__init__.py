"""What pages show of deals: frozen, in words, no query left for the template."""

from deals.shown.advice import Advice, advice, not_checked
from deals.shown.conflict import Comparison, Rival, comparison, dispute, preset, rival
from deals.shown.deal import (
    check_words,
    clock,
    days_left,
    facts,
    moment,
    protected_until,
    standing,
    status_tag,
    timeline,
    value,
)

__all__ = (
    "Advice",
    "Rival",
    "advice",
    "Comparison",
    "comparison",
    "dispute",
    "preset",
    "check_words",
    "clock",
    "days_left",
    "facts",
    "moment",
    "not_checked",
    "protected_until",
    "rival",
    "standing",
    "status_tag",
    "timeline",
    "value",
)
