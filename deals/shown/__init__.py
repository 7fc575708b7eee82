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
from deals.shown.protection import awaits_taker, breaches, extensions, transfer_state, transfers
from deals.shown.review import (
    answers,
    asked_owners,
    choice_words,
    conditions,
    deciders,
    owner_facts,
    step_words,
    steps,
)

__all__ = (
    "Advice",
    "Comparison",
    "Rival",
    "advice",
    "answers",
    "asked_owners",
    "awaits_taker",
    "breaches",
    "check_words",
    "choice_words",
    "clock",
    "comparison",
    "conditions",
    "days_left",
    "deciders",
    "dispute",
    "extensions",
    "facts",
    "moment",
    "not_checked",
    "owner_facts",
    "preset",
    "protected_until",
    "rival",
    "standing",
    "status_tag",
    "step_words",
    "steps",
    "timeline",
    "transfer_state",
    "transfers",
    "value",
)
