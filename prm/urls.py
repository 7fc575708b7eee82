"""Every address, by door."""

from django.contrib import admin
from django.urls import include, path

from core.files.public import patterns as files
from deals.public_receipts import patterns as receipts
from deals.urls import public_patterns as deals
from deals.urls import touch_answers
from partners.public_apply import patterns as apply
from partners.urls import public_patterns as partners
from prm import portal_urls, theme
from prm.pages import demo, directory, health, measures, setup, start

urlpatterns = [
    path("", start.start, name="start"),
    *demo.patterns,
    *setup.patterns,
    *receipts,
    *files,
    path("partners/", include((directory.patterns, "directory"))),
    path("theme/", theme.choose, name="theme"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", measures.metrics, name="prometheus"),
    path("accounts/", include(partners)),
    *touch_answers,
    path("", include((apply, "public"))),
    path("answers/", include(deals)),
    path("accounts/", include("accounts.urls")),
    path("portal/", include((portal_urls.patterns, "portal"))),
    path("api/", include("prm.api")),
    path("dashboard/", include("metrics.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "prm.pages.errors.bad_request"
handler403 = "prm.pages.errors.forbidden"
handler404 = "prm.pages.errors.not_found"
handler500 = "prm.pages.errors.failed"
