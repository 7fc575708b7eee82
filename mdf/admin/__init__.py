"""The console's side of market funds."""

from django.urls import path

from core import addresses  # noqa: F401 - registers the converter
from mdf.admin.claims import ClaimPage, Claims, PayableNow
from mdf.admin.lists import Requests
from mdf.admin.review import RequestPage

console_patterns = [
    path("mdf/", Requests.as_view(), name="mdf_request_changelist"),
    path("mdf/requests/<ref:reference>/", RequestPage.as_view(), name="mdf_request"),
    path("mdf/requests/<ref:reference>/<slug:verb>/", RequestPage.as_view(), name="mdf_request_verb"),
    path("mdf/claims/", Claims.as_view(), name="mdf_claims"),
    path("mdf/claims/<ref:reference>/", ClaimPage.as_view(), name="mdf_claim"),
    path("mdf/claims/<ref:reference>/payable-now/", PayableNow.as_view(), name="mdf_payable_now"),
    path("mdf/claims/<ref:reference>/<slug:verb>/", ClaimPage.as_view(), name="mdf_claim_verb"),
]
