"""What pages show of market funds: frozen, in words, no query left for the template."""

from mdf.shown.advice import checks, earlier, panel
from mdf.shown.claim import (
    claim_clock,
    claim_sums,
    invoice_rows,
    payable,
    payment_rows,
    proof_rows,
    result_facts,
)
from mdf.shown.proofs import proof_link
from mdf.shown.request import ahead, cards, clock, facts, may_confirm, proof_words, relatives, stages, step_words
from mdf.shown.story import moments
from mdf.shown.words import activity_tag, claim_tag, payment_tag, proof_tag, request_tag

__all__ = (
    "activity_tag",
    "ahead",
    "cards",
    "checks",
    "claim_clock",
    "claim_sums",
    "claim_tag",
    "clock",
    "earlier",
    "facts",
    "invoice_rows",
    "may_confirm",
    "moments",
    "panel",
    "payable",
    "payment_rows",
    "payment_tag",
    "proof_link",
    "proof_rows",
    "proof_tag",
    "proof_words",
    "relatives",
    "request_tag",
    "result_facts",
    "stages",
    "step_words",
)
