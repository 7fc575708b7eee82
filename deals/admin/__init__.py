"""The console's side of deals."""

from django.urls import path

from core import addresses  # noqa: F401 - registers the converter
from deals.admin import records  # noqa: F401 - Django finds the records here
from deals.admin.attribution import OpportunityWhy, Rules
from deals.admin.conflict import ConflictPage
from deals.admin.deal import DealPage
from deals.admin.leads import LeadEdit, LeadList, LeadNew, LeadPage
from deals.admin.protection import ProtectionPage
from deals.admin.rates import Rates
from deals.admin.receipt import ConsoleReceipt
from deals.admin.registering import RegisterFor
from deals.admin.routing import RuleEdit, RuleMove, RuleNew
from deals.admin.routing import Rules as RoutingRules
from deals.admin.terms import DealTerms, DealTermsOfFirst
from deals.admin.touches import TouchEnter, TouchPage

console_patterns = [
    path("program/deals/", DealTermsOfFirst.as_view(), name="deal_terms_first"),
    path("program/deals/<slug:key>/", DealTerms.as_view(), name="deal_terms"),
    path("program/deals/<slug:key>/<slug:verb>/", DealTerms.as_view(), name="deal_terms_verb"),
    path("touches/new/", TouchEnter.as_view(), name="touch_new"),
    path("touches/<ref:reference>/", TouchPage.as_view(), name="touch"),
    path("touches/<ref:reference>/<slug:verb>/", TouchPage.as_view(), name="touch_verb"),
    path("opportunities/<ref:reference>/", OpportunityWhy.as_view(), name="opportunity_why"),
    path("opportunities/<ref:reference>/<slug:verb>/", OpportunityWhy.as_view(), name="opportunity_why_verb"),
    path("program/attribution/", Rules.as_view(), name="attribution_rules"),
    path("program/attribution/<slug:verb>/", Rules.as_view(), name="attribution_rules_verb"),
    path("deals/for/<ref:reference>/", RegisterFor.as_view(), name="deal_register"),
    path("deals/<ref:reference>/", DealPage.as_view(), name="deal"),
    path("deals/<ref:reference>/protection/", ProtectionPage.as_view(), name="protection"),
    path("deals/<ref:reference>/protection/<slug:verb>/", ProtectionPage.as_view(), name="protection_verb"),
    path("deals/<ref:reference>/receipt.<slug:verb>", ConsoleReceipt.as_view(), name="deal_receipt"),
    path("deals/<ref:reference>/<slug:verb>/", DealPage.as_view(), name="deal_verb"),
    path("rates/", Rates.as_view(), name="rates"),
    path("rates/<slug:verb>/", Rates.as_view(), name="rates_verb"),
    path("leads/", LeadList.as_view(), name="leads"),
    path("leads/new/", LeadNew.as_view(), name="lead_new"),
    path("leads/routing/", RoutingRules.as_view(), name="routing"),
    path("leads/routing/new/", RuleNew.as_view(), name="routing_new"),
    path("leads/routing/<str:rule>/", RuleEdit.as_view(), name="routing_rule"),
    path("leads/routing/<str:rule>/<slug:verb>/", RuleMove.as_view(), name="routing_verb"),
    path("leads/<ref:reference>/", LeadPage.as_view(), name="lead"),
    path("leads/<ref:reference>/edit/", LeadEdit.as_view(), name="lead_edit"),
    path("leads/<ref:reference>/<slug:verb>/", LeadPage.as_view(), name="lead_verb"),
    path("conflicts/<ref:reference>/", ConflictPage.as_view(), name="conflict"),
    path("conflicts/<ref:reference>/<slug:verb>/", ConflictPage.as_view(), name="conflict_verb"),
]
