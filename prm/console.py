"""The console: the site of the channel team."""

from django.contrib.admin import AdminSite


class Console(AdminSite):
    """Our own admin site."""
