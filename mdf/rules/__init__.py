"""What is wise about market funds: terms, sums, and the sentences that say why not. Pure."""

from mdf.rules.arithmetic import Payable, accrued, claim_due_on, cost_of, our_share, pipeline_multiple
from mdf.rules.bars import verdicts_missing, working_days_between
from mdf.rules.terms import PROOFS, Terms

__all__ = (
    "PROOFS",
    "Payable",
    "Terms",
    "accrued",
    "claim_due_on",
    "cost_of",
    "our_share",
    "pipeline_multiple",
    "verdicts_missing",
    "working_days_between",
)
