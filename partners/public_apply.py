"""Becoming a partner: a form for everybody, and the page behind the link that proves an address."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views import View

from core.clock import now
from core.errors import Refused, Stale
from core.limits import too_many
from core.scope import elevated
from partners import queries_lifecycle as queries
from partners import services, terms
from partners.forms import JoinForm
from partners.forms import lifecycle as forms
from partners.models import AgreementText, Application
from partners.particulars import Newcomer

PER_HOUR = 10  # forms from one network address
TRIES_PER_HOUR = 30  # at links


class Apply(View):
    """The form. What it answers is the same for whom we know and whom we don't; the mail tells the rest."""

    def get(self, request):
        return self._page(forms.ApplyForm())

    def post(self, request):
        form = forms.ApplyForm(request.POST)
        if not form.is_valid():
            return self._page(form, 422)
        if too_many(f"apply:{get_adapter().get_client_ip(request)}", PER_HOUR, 3600):
            form.add_error(None, _("Too many forms came from your network. Try again in an hour."))
            return self._page(form, 429)
        with elevated():
            program = queries.program_to_join()
            if program is None:
                raise Http404
            services.apply(form.particulars(program), by=request.actor, at=now())
        context = {"heading": _("Look into your mail"), "email": form.cleaned_data["email"]}
        return render(request, "partners/apply_sent.html", context)

    def _page(self, form: forms.ApplyForm, status: int = 200) -> HttpResponse:
        context = {
            "heading": _("Become a partner"),
            "lead": _("Tell us who you are. We send you a link to go on."),
            "form": form,
        }
        return render(self.request, "partners/apply.html", context, status=status)


class Proved(View):
    """GET shows what comes next; POST does it. A mail scanner that follows the link changes nothing."""

    def dispatch(self, request, token: str):
        self.at, self.application = now(), queries.application_with(token)
        if too_many(f"apply-link:{get_adapter().get_client_ip(request)}", TRIES_PER_HOUR, 3600):
            return self._gone(_("Too many tries. Wait an hour, then open the link again."), 429)
        if self.application is None:
            return self._gone(_("This link doesn't work or was used. Send the form again."), 404)
        if self.application.expires_at <= self.at:
            return self._gone(_("This link has ended. Send the form again."), 410)
        with elevated():
            self.alone = services.way_of(self.application, self.at).step == "enter"
            place = {(self.application.program_id, self.application.partner_type)}
            self.texts = terms.texts(place, self.at) if self.alone else []
        return super().dispatch(request)

    def get(self, request):
        return self._page(self._form())

    def post(self, request):
        application: Application = self.application  # type: ignore[assignment]
        form = self._form(request.POST)
        if form is not None and not form.is_valid():
            return self._page(form, 422)
        newcomer = form.particulars() if form is not None else Newcomer(application.name)
        ip = get_adapter().get_client_ip(request)
        try:
            with elevated():
                user = services.prove(application, newcomer, ip, by=request.actor, at=self.at)
        except (Refused, Stale) as refusal:
            return self._gone(refusal.reason, 409)
        if user is None:
            return render(request, "partners/apply_waits.html", {"heading": _("Thank you")})
        get_adapter().login(request, user)
        messages.success(request, _("Welcome. This is your portal."))
        return redirect("/portal/")

    def _form(self, *data) -> JoinForm | None:
        if not self.alone:
            return None
        application: Application = self.application  # type: ignore[assignment]
        make = forms.EnterForm if self.texts else JoinForm
        return make(*data, email=application.email, initial={"name": application.name})

    def _page(self, form: JoinForm | None, status: int = 200) -> HttpResponse:
        texts: list[AgreementText] = self.texts
        lead = _("One more step: accept the terms and choose how you sign in.") if self.alone else ""
        context = {"heading": _("Your application"), "lead": lead, "application": self.application, "form": form}
        return render(self.request, "partners/apply_proved.html", context | {"texts": texts}, status=status)

    def _gone(self, reason: str, status: int) -> HttpResponse:
        context = {"heading": _("Your application"), "reason": reason}
        return render(self.request, "partners/join_gone.html", context, status=status)


patterns = [
    path("become-a-partner/", Apply.as_view(), name="apply"),
    path("become-a-partner/<str:token>/", Proved.as_view(), name="apply_proved"),
]
