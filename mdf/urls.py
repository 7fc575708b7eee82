from django.urls import path

from core import addresses  # noqa: F401 - registers the converter
from mdf import portal

portal_patterns = [
    path("mdf/", portal.FundsPage.as_view(), name="mdf"),
    path("mdf/new/", portal.RequestNew.as_view(), name="mdf_new"),
    path("mdf/draft/", portal.RequestDraft.as_view(), name="mdf_draft"),
    path("mdf/check/", portal.RequestAdvice.as_view(), name="mdf_check"),
    path("mdf/<ref:reference>/", portal.RequestPage.as_view(), name="mdf_request"),
    path("mdf/<ref:reference>/edit/", portal.RequestNew.as_view(), name="mdf_edit"),
    path("mdf/<ref:parent>/claims/new/", portal.ClaimForm.as_view(), name="mdf_claim_new"),
    path("mdf/<ref:parent>/claims/draft/", portal.ClaimDraft.as_view(), name="mdf_claim_draft"),
    path("mdf/<ref:parent>/claims/sums/", portal.ClaimSums.as_view(), name="mdf_claim_sums"),
    path("mdf/<ref:parent>/claims/files/", portal.ProofFiles.as_view(), name="mdf_claim_files"),
    path("mdf/<ref:parent>/claims/<ref:reference>/", portal.ClaimPage.as_view(), name="mdf_claim"),
    path("mdf/<ref:parent>/claims/<ref:reference>/edit/", portal.ClaimForm.as_view(), name="mdf_claim_edit"),
    path("mdf/<ref:parent>/claims/<ref:reference>/<slug:verb>/", portal.ClaimPage.as_view(), name="mdf_claim_verb"),
    path("mdf/<ref:reference>/<slug:verb>/", portal.RequestPage.as_view(), name="mdf_request_verb"),
]
