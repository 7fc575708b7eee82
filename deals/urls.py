from django.urls import path

from core import addresses  # noqa: F401 - registers the converter
from deals import portal, public, public_leads
from deals.portal import leads, touches
from deals.public_touches import TouchAnswer

touch_answers = [path("answers/touches/<str:token>/", TouchAnswer.as_view(), name="touch_answer")]
portal_patterns = [
    path("touches/", touches.TouchList.as_view(), name="touches"),
    path("touches/new/", touches.TouchNew.as_view(), name="touch_new"),
    path("opportunities/<ref:reference>/", touches.OpportunityCredit.as_view(), name="opportunity_credit"),
    path("leads/", leads.LeadList.as_view(), name="leads"),
    path("leads/offers/<ref:reference>/", leads.OfferPage.as_view(), name="lead_offer"),
    path("leads/offers/<ref:reference>/<slug:verb>/", leads.OfferPage.as_view(), name="lead_offer_verb"),
    path("leads/<ref:reference>/", leads.LeadPage.as_view(), name="lead"),
    path("leads/<ref:reference>/<slug:verb>/", leads.LeadPage.as_view(), name="lead_verb"),
    path("deals/", portal.DealList.as_view(), name="deals"),
    path("deals/new/", portal.DealNew.as_view(), name="deal_new"),
    path("deals/draft/", portal.DealDraft.as_view(), name="deal_draft"),
    path("deals/check/", portal.DealCheck.as_view(), name="deal_check"),
    path("deals/transfers/<str:transfer>/", portal.TransferPage.as_view(), name="transfer"),
    path("deals/transfers/<str:transfer>/<slug:verb>/", portal.TransferPage.as_view(), name="transfer_verb"),
    path("deals/<ref:reference>/", portal.DealPage.as_view(), name="deal"),
    path("deals/<ref:reference>/edit/", portal.DealNew.as_view(), name="deal_edit"),
    path("deals/<ref:reference>/receipt.<slug:verb>", portal.Receipt.as_view(), name="deal_receipt"),
    path("deals/<ref:reference>/<slug:verb>/", portal.DealPage.as_view(), name="deal_verb"),
]
public_patterns = [
    path("leads/<str:token>/", public_leads.OfferAnswer.as_view(), name="lead_answer"),
    path("<str:token>/", public.OwnersAnswer.as_view(), name="owner_answer"),
]
