"""The channel team's console: one site, one sign-in with everything else."""

from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from core.errors import Forbidden

OURS = {"index", "login", "logout", "password_change", "password_change_done"}


def enter(request):
    """The console's door: staff go on, strangers to the one sign-in page, people of partners get no further."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise Forbidden(_("This page is for other people. Go back to your own start page."))
    wanted = request.GET.get("next", "")
    inside = wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else reverse("admin:index")
    if request.user.is_authenticated:
        return redirect(inside)
    return redirect(f"{reverse('account_login')}?{urlencode({'next': inside}, safe='/')}")


class Console(AdminSite):
    """Django's admin with the work queue as its first page and the apps' own pages beside the records."""

    site_header = site_title = _("Channel console")
    index_title = _("All records")
    enable_nav_sidebar = False

    def has_permission(self, request):
        return request.user.is_active and request.user.is_staff

    def get_urls(self):
        from prm import console_pages  # noqa: PLC0415 - the apps' admin modules need this site first

        return [
            path("", console_pages.index, name="index"),
            path("records/", self.admin_view(super().index), name="directory"),
            path("queue/", lambda request: redirect("admin:index"), name="queue"),
            *console_pages.patterns(),
            path("login/", enter, name="login"),
            path("logout/", lambda request: redirect("account_logout"), name="logout"),
            path("password_change/", lambda request: redirect("account_change_password"), name="password_change"),
            # last, because Django's own addresses end in one that catches all
            *(p for p in super().get_urls() if getattr(p, "name", "") not in OURS),
        ]
