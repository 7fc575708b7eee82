"""What is wise about market funds: terms, sums, and the sentences that say why not. Pure."""

from mdf.rules.arithmetic import Payable, claim_due_on, cost_of, decision_due, our_share
from mdf.rules.bars import no_extension, verdicts_missing, working_days_between
from mdf.rules.criteria import Advice, Planned, advise, multiple, times
from mdf.rules.terms import PROOFS, Terms

__all__ = (
    "PROOFS",
    "Advice",
    "Payable",
    "Planned",
    "Terms",
    "advise",
    "claim_due_on",
    "cost_of",
    "decision_due",
    "multiple",
    "no_extension",
    "our_share",
    "times",
    "verdicts_missing",
    "working_days_between",
)
