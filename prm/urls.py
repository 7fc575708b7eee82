"""Every address, by door."""

from django.contrib import admin
from django.urls import include, path

from prm import portal_urls, theme
from prm.pages import health, start

urlpatterns = [
    path("", start.start, name="start"),
    path("theme/", theme.choose, name="theme"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("accounts.urls")),
    path("portal/", include((portal_urls.patterns, "portal"))),
    path("admin/", admin.site.urls),
]
