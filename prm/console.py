"""The channel team's console: one site, one sign-in with everything else."""

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class Console(AdminSite):
    site_header = site_title = _("Channel console")
    index_title = _("My queue")

    def has_permission(self, request):
        return request.user.is_active and request.user.is_staff
