"""The REST API: all resources in one table, their addresses, the OpenAPI document and its page."""

import json
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from core.api import files, openapi, pages, resources, routes
from core.api.feed import Events
from deals.api import RESOURCES as DEALS
from earnings.api import RESOURCES as EARNINGS
from mdf.api import RESOURCES as MDF
from metrics import api as metrics
from partners.api import RESOURCES as PARTNERS
from tiers import document_api as programs
from tiers.api import RESOURCES as TIERS

RESOURCES = [*PARTNERS, *TIERS, *DEALS, *MDF, *EARNINGS]
resources.register(RESOURCES)


@cache
def document() -> dict:
    """The OpenAPI document of this installation."""
    return openapi.document(RESOURCES, openapi.together(metrics.described(), files.described(), programs.described()))


@require_safe
def openapi_json(request: HttpRequest) -> HttpResponse:
    body = json.dumps(document(), ensure_ascii=False)
    return HttpResponse(body, "application/json", headers={"Cache-Control": "public, max-age=300"})


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The document as a page, without any script."""
    context = {
        "heading": _("REST API"),
        "lead": _("Keeps your CRM and this portal the same."),
        "base": f"{settings.BASE_URL}/api/v1",
        "sections": pages.sections(document()),
        "troubles": pages.troubles(),
    }
    return render(request, "api/docs.html", context)


GET = ["get", "head"]
v1 = [
    path("openapi.json", openapi_json, name="openapi"),
    path("events", Events.as_view(http_method_names=GET), name="events"),
    path("files", files.Files.as_view(http_method_names=["post"]), name="files"),
    path("files/<str:id>", files.OneFile.as_view(http_method_names=GET), name="file"),
    path("files/<str:id>/content", files.Content.as_view(http_method_names=GET), name="file_content"),
    path("metrics", metrics.Metrics.as_view(http_method_names=GET), name="metrics"),
    path("metrics/<str:key>", metrics.Metrics.as_view(http_method_names=GET), name="metric"),
    path("programs/<str:id>/document", programs.ProgramDocument.as_view(http_method_names=GET), name="document"),
    path("programs/<str:id>/document.yaml", programs.ProgramFile.as_view(http_method_names=GET), name="document_file"),
    *routes.all_of(RESOURCES),
]
urlpatterns = [path("v1/", include((v1, "v1"))), path("docs/", docs, name="api_docs")]
