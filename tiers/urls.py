from django.urls import path

from core import addresses  # noqa: F401 - registers the converter
from tiers import portal

portal_patterns = [
    path("tier/", portal.TierPage.as_view(), name="tier"),
    path("tier/ask/<slug:kind>/", portal.BenefitNew.as_view(), name="benefit_new"),
    path("tier/requests/<ref:reference>/", portal.BenefitPage.as_view(), name="benefit_request"),
    path("tier/requests/<ref:reference>/<slug:verb>/", portal.BenefitPage.as_view(), name="benefit_request_verb"),
]
