"""The channel team's console: one site, one sign-in with everything else."""

from core.doors import to_sign_in
from django.contrib.admin import AdminSite
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _


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
            *(p for p in super().get_urls() if getattr(p, "name", "") not in {"index", "login", "logout"}),
            path("login/", lambda request: to_sign_in(request), name="login"),
            path("logout/", lambda request: redirect("account_logout"), name="logout"),
        ]
