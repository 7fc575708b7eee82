from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PrmConfig(AppConfig):
    """Joins the parts: the tables of reactions, timers and slots are handed down here, once."""

    name = "prm"

    def ready(self):
        from core import events, slots, timers  # noqa: PLC0415 - the registry of apps must be ready first
        from prm import reactions  # noqa: PLC0415 - the same
        from prm import slots as table  # noqa: PLC0415 - the same
        from prm import timers as bells  # noqa: PLC0415 - the same

        events.install(reactions.TABLE)
        timers.install(bells.TABLE)
        slots.fill(table.TABLE)


class ConsoleConfig(AdminConfig):
    """The channel team's console is Django's admin with our own site."""

    default_site = "prm.console.Console"
