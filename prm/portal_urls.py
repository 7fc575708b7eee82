"""The partners' addresses, from every app that has some."""

from deals.urls import portal_patterns as deals
from django.urls import path
from tiers.urls import portal_patterns as tiers

from prm.pages.home import Home

patterns = [path("", Home.as_view(), name="home"), *deals, *tiers]
