"""The partners' addresses, from every app that has some."""

from django.urls import path

from deals.urls import portal_patterns as deals
from earnings.urls import portal_patterns as earnings
from mdf.urls import portal_patterns as mdf
from partners.urls import portal_patterns as partners
from prm.pages.home import Home
from prm.pages.promise import Promises
from tiers.urls import portal_patterns as tiers

patterns = [
    path("", Home.as_view(), name="home"),
    path("promise/", Promises.as_view(), name="promise"),
    *deals,
    *earnings,
    *mdf,
    *partners,
    *tiers,
]
