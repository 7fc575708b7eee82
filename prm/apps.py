"""The house as an app: its commands, its console."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PrmConfig(AppConfig):
    """Fills the slots of lower apps when all are loaded."""

    name = "prm"


class ConsoleConfig(AdminConfig):
    """The Django admin with our own site."""

    default_site = "prm.console.Console"
