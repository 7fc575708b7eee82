"""The page behind the link in the mail to an opportunity's owner."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from core.actor import Actor
from core.clock import now
from core.errors import Refused, Stale
from core.scope import elevated
from deals.enums import TouchStatus
from deals.forms.touches import ConfirmTouch, RefuseTouch
from deals.models import Touch
from deals.services import touches

_FORMS: dict[str, type[ConfirmTouch | RefuseTouch]] = {"confirm": ConfirmTouch, "refuse": RefuseTouch}
_SERVICES = {"confirm": touches.confirm, "refuse": touches.refuse}


class TouchAnswer(View):
    """GET shows the claim; POST confirms it or says that it was not so. A scanner of mail changes nothing."""

    touch: Touch

    def dispatch(self, request, token: str):
        self.at = now()
        with elevated():
            found = touches.behind(token)
            if found is None:
                return self.gone(_("This link doesn't work. Ask the channel team for a new one."), 404)
            self.touch = found
            if found.status != TouchStatus.CLAIMED:
                return self.gone(_("This was answered already: %s.") % found.get_status_display().lower(), 410)
            return super().dispatch(request)

    def get(self, request):
        return self.page({})

    def post(self, request):
        verb = request.POST.get("answer", "")
        if verb not in _FORMS:
            return self.page({}, 422)
        form = _FORMS[verb](request.POST, prefix=verb)
        if not form.is_valid():
            return self.page({verb: form}, 422)
        try:
            _SERVICES[verb](self.touch, form.particulars(), by=_owner(self.touch), at=self.at)
        except Stale as late:
            return self.gone(late.reason, 409)
        except Refused as refusal:
            return self.gone(refusal.reason, 422)
        return self.gone(_("Thank you. The partner is told."), 200)

    def page(self, bound: dict, status: int = 200) -> HttpResponse:
        forms = {verb: bound.get(verb) or form(prefix=verb) for verb, form in _FORMS.items()}
        context = {
            "heading": _("Did this happen?"),
            "touch": self.touch,
            "opportunity": self.touch.opportunity,
            "forms": forms,
            "form": next(iter(bound.values()), None),
        }
        return render(self.request, "deals/touches/answer.html", context, status=status)

    def gone(self, reason: str, status: int) -> HttpResponse:
        context = {"heading": _("Did this happen?"), "reason": reason}
        return render(self.request, "deals/touches/gone.html", context, status=status)


def _owner(touch: Touch) -> Actor:
    """Whoever holds the link answers as the address it was sent to, about this one touch."""
    return Actor(touch.asked_email, "vendor", sees_all=True, permissions=frozenset({"touch.confirm"}))
