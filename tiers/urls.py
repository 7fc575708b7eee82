from django.urls import path

from tiers import portal

portal_patterns = [path("tier/", portal.TierPage.as_view(), name="tier")]
