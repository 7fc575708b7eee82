"""How the vendor keeps its own service levels: shown to partners as to its own people."""

from django.utils.translation import gettext as _

from core import slots
from core.doors import Page


class Promises(Page):
    """What was promised and how it was kept in the last 90 days."""

    def get(self, request):
        context = {
            "heading": _("Our promise to you") if self.actor.is_partner else _("Our promise to partners"),
            "lead": _("The last 90 days, counted now."),
            "promises": slots.ask("promise", self.actor, None, at=self.at),
            "frame": "portal.html" if self.actor.is_partner else "console.html",
        }
        return self.show("pages/promise.html", context)


class ConsolePromises(Promises):
    audience = ("vendor",)
