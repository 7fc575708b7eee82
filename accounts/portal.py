"""Pages of everybody who signed in: how they want to read."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.forms import PreferencesForm, preferences_of
from core.doors import Page

YEAR = 365 * 24 * 3600


def remember(response: HttpResponse, user) -> HttpResponse:
    """Puts language and colours into cookies, so that the first byte of every page knows them."""
    options: dict[str, Any] = {"max_age": YEAR, "samesite": "Lax", "secure": settings.SESSION_COOKIE_SECURE}
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, **options)
    if user.theme == "system":
        response.delete_cookie("theme", samesite="Lax")
    else:
        response.set_cookie("theme", user.theme, **options)
    return response


class PreferencesPage(Page):
    """Name, time zone, language, colours and shortcuts; links to password, passkeys and codes."""

    audience = ("partner", "vendor")

    def get(self, request):
        return self.page(PreferencesForm(initial=preferences_of(request.user)))

    def post(self, request):
        form = PreferencesForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        services.prefer(request.user, form.particulars(), by=self.actor, at=self.at)
        messages.success(request, _("Saved."))
        return remember(redirect("account_preferences"), request.user)

    def page(self, form, status: int = 200) -> HttpResponse:
        return self.show("accounts/preferences.html", {"form": form, "heading": _("Your settings")}, status)
