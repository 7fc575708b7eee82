"""The console's side of deals."""

from django.urls import path

from core import addresses  # noqa: F401 - registers the converter
from deals.admin import records  # noqa: F401 - Django finds the records here
from deals.admin.conflict import ConflictPage
from deals.admin.deal import DealPage

console_patterns = [
    path("deals/<ref:reference>/", DealPage.as_view(), name="deal"),
    path("deals/<ref:reference>/<slug:verb>/", DealPage.as_view(), name="deal_verb"),
    path("conflicts/<ref:reference>/", ConflictPage.as_view(), name="conflict"),
    path("conflicts/<ref:reference>/<slug:verb>/", ConflictPage.as_view(), name="conflict_verb"),
]
