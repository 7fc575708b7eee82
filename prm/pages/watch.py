"""The console's two buttons of "see as partner": begin and leave."""

from django.shortcuts import redirect
from django.urls import path, re_path

from core.console import ConsolePage
from partners import services
from partners.console import REFERENCE, one_partner
from prm import watching


class Watch(ConsolePage):
    """Begins; the event tells who looked at whose portal."""

    permission = "partner.watch"
    http_method_names = ("post",)

    def post(self, request, reference: str):
        partner = one_partner(self.actor, reference)
        services.watch(partner, by=self.actor, at=self.at)
        watching.begin(request, partner, self.at)
        return redirect("portal:home")


class Leave(ConsolePage):
    http_method_names = ("post",)

    def post(self, request):
        return redirect(watching.end(request))


patterns = [
    re_path(REFERENCE + r"watch/$", Watch.as_view(), name="watch"),
    path("watching/leave/", Leave.as_view(), name="watch_leave"),
]
