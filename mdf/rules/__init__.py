"""What is wise about market funds: terms, sums, and the sentences that say why not. Pure."""

from mdf.rules.arithmetic import Payable, claim_due_on, cost_of, our_share
from mdf.rules.bars import verdicts_missing, working_days_between
from mdf.rules.terms import PROOFS, Terms

__all__ = (
    "PROOFS",
    "Payable",
    "Terms",
    "claim_due_on",
    "cost_of",
    "our_share",
    "verdicts_missing",
    "working_days_between",
)
