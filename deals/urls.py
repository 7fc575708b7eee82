from django.urls import path

from deals import portal

portal_patterns = [
    path("deals/", portal.DealList.as_view(), name="deals"),
    path("deals/new/", portal.DealNew.as_view(), name="deal_new"),
    path("deals/draft/", portal.DealDraft.as_view(), name="deal_draft"),
    path("deals/check/", portal.DealCheck.as_view(), name="deal_check"),
    path("deals/<str:reference>/", portal.DealPage.as_view(), name="deal"),
    path("deals/<str:reference>/edit/", portal.DealNew.as_view(), name="deal_edit"),
    path("deals/<str:reference>/<slug:verb>/", portal.DealPage.as_view(), name="deal_verb"),
]
