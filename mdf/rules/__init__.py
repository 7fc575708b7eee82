"""What is wise about market funds: terms, sums, and the sentences that say why not. Pure."""

from mdf.rules.accruing import Accrued, Span, add_months
from mdf.rules.arithmetic import Payable, claim_due_on, cost_of, decision_due, our_share, within_lines
from mdf.rules.bars import no_extension, not_confirmed, results_missing, verdicts_missing, working_days_between
from mdf.rules.criteria import Advice, Planned, advise, multiple, times
from mdf.rules.terms import PROOFS, Terms

__all__ = (
    "PROOFS",
    "Accrued",
    "Advice",
    "Payable",
    "Planned",
    "Span",
    "Terms",
    "add_months",
    "advise",
    "claim_due_on",
    "cost_of",
    "decision_due",
    "multiple",
    "no_extension",
    "not_confirmed",
    "our_share",
    "results_missing",
    "times",
    "verdicts_missing",
    "within_lines",
    "working_days_between",
)
