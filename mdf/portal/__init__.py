"""Partners' pages about market funds."""

from mdf.portal.claim import ClaimPage
from mdf.portal.claiming import ClaimDraft, ClaimForm, ClaimSums, ProofFiles
from mdf.portal.list import FundsPage
from mdf.portal.request import RequestPage
from mdf.portal.requesting import RequestAdvice, RequestDraft, RequestNew

__all__ = (
    "ClaimDraft",
    "ClaimForm",
    "ClaimPage",
    "ClaimSums",
    "FundsPage",
    "ProofFiles",
    "RequestAdvice",
    "RequestDraft",
    "RequestNew",
    "RequestPage",
)
