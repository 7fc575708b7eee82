"""The first administrator of a fresh installation, by the one-time code that its start printed."""

from hmac import compare_digest

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views import View

from accounts import queries, services
from accounts.enums import Kind
from accounts.particulars import Person
from core.actor import SYSTEM
from core.clock import now
from core.forms import TextField
from core.limits import too_many
from core.scope import elevated

TRIES, SECONDS = 10, 300


class Setup(forms.Form):
    """Who administers, and proof of being at the machine."""

    code = TextField(label=_("Setup code"), help_text=_("It was printed when the program started."), max_length=40)
    name = TextField(label=_("Your name"), max_length=150)
    email = forms.EmailField(label=_("E-mail address"))
    password = forms.CharField(
        label=_("Password"),
        help_text=_("12 characters or more."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_code(self):
        code = self.cleaned_data["code"]
        if too_many("setup", TRIES, SECONDS) or not compare_digest(code.encode(), settings.SETUP_CODE.encode()):
            raise ValidationError(_("This isn't the code. Look at what the program printed at its start."))
        return code

    def clean_password(self):
        validate_password(self.cleaned_data["password"])
        return self.cleaned_data["password"]

    def particulars(self) -> Person:
        data = self.cleaned_data
        return Person(data["email"], data["name"], Kind.VENDOR, services.ADMINISTRATOR, data["password"])


class SetupPage(View):
    """Open only while the installation has no staff and its start printed a code."""

    def dispatch(self, request, *args, **kwargs):
        if not settings.SETUP_CODE or queries.has_staff():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        return self._page(Setup())

    def post(self, request):
        form = Setup(request.POST)
        if not form.is_valid():
            return self._page(form, 422)
        with elevated():
            services.enrol(form.particulars(), by=SYSTEM, at=now())
        return redirect("account_login")

    def _page(self, form: Setup, status: int = 200):
        heading = _("Set up this installation")
        return render(self.request, "pages/setup.html", {"form": form, "heading": heading}, status=status)


patterns = [path("setup/", SetupPage.as_view(), name="setup")]
