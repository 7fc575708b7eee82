"""The console's pages about API keys, for administrators. A token is shown once, by the page that makes it."""

from datetime import datetime

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.errors import Refused
from core.ids import parse_public_id
from core.parts import Action as Button
from core.parts import Column, Crumb, Fact, Row, Table, Tag
from partners import forms, queries, services
from partners.models import ApiKey


def _crumbs() -> list[Crumb]:
    return [Crumb(_("API keys"), reverse("admin:keys"))]


def state(key: ApiKey, at: datetime) -> Tag:
    if key.revoked_at:
        return Tag(_("Revoked"), "bad")
    if key.expires_at and key.expires_at <= at:
        return Tag(_("Expired"), "warn")
    return Tag(_("Works"), "good")


class Keys(ConsolePage):
    permission = "vendor_key.create"

    def get(self, request):
        columns = (
            Column(_("Name")), Column(_("Begins with")), Column(_("For")), Column(_("State"), "tag"),
            Column(_("Last used"), "when"), Column(_("Works until"), "when"),
        )  # fmt: skip
        rows = [self._row(key) for key in queries.keys(self.actor)[:200]]
        context = {
            "heading": _("API keys"),
            "primary": Button(_("Make a key"), href=reverse("admin:key_new"), tone="primary", icon="plus"),
            "table": Table(_("API keys"), columns, rows) if rows else None,
            "empty": _("No keys yet. A program needs one to use the API."),
        }
        return self.show("partners/console_table.html", context)

    def _row(self, key: ApiKey) -> Row:
        whose = key.partner.name if key.partner else _("All partners")
        cells = (key.name, f"{key.hint}…", whose, state(key, self.at), key.last_used_at, key.expires_at)
        return Row(cells, reverse("admin:key", args=[key.public_id]))


class KeyNew(ConsolePage):
    permission = "vendor_key.create"

    def get(self, request):
        return self.page(self.form())

    def form(self, data=None) -> forms.KeyForm:
        return forms.KeyForm(data, partners=queries.companies(self.actor).order_by("name"))

    def post(self, request):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            key, token = services.issue_key(form.particulars(), by=self.actor, at=self.at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self.page(form, 422)
        context = {"heading": _("Key for %s") % key.name, "crumbs": _crumbs(), "token": token}
        return self.show("partners/console_key_made.html", context)

    def page(self, form, status: int = 200) -> HttpResponse:
        context = {"heading": _("Make a key"), "crumbs": _crumbs(), "form": form, "save": _("Make key")}
        return self.show("partners/console_form.html", context, status)


class KeyPage(ConsoleActionPage):
    permission = "vendor_key.create"
    actions = {"revoke": Action(services.revoke_key, None, gettext_lazy("Revoked. It opens nothing any more."))}

    def subject(self) -> ApiKey:
        return one_or_404(queries.keys(self.actor), pk=parse_public_id(ApiKey.prefix, self.kwargs["key"]))

    def page(self, key: ApiKey, status: int = 200, bound=None) -> HttpResponse:
        context = {
            "heading": key.name,
            "status": state(key, self.at),
            "crumbs": _crumbs(),
            "key": key,
            "here": reverse("admin:key", args=[key.public_id]),
            "facts": self._facts(key),
        }
        return self.show("partners/console_key.html", context, status)

    def _facts(self, key: ApiKey) -> list[Fact]:
        return [
            Fact(_("Begins with"), f"{key.hint}…"),
            Fact(_("For"), key.partner.name if key.partner else _("All partners")),
            Fact(_("Scopes"), _("Everything") if "*" in key.scopes else ", ".join(key.scopes)),
            Fact(_("Made by"), str(key.created_by or ""), hint=""),
            Fact(_("Made"), key.created_at),
            Fact(_("Last used"), key.last_used_at),
            Fact(_("Works until"), key.expires_at),
            Fact(_("Revoked"), key.revoked_at),
        ]

    def after(self, key: ApiKey) -> str:
        return reverse("admin:keys")


console_patterns = [
    path("keys/", Keys.as_view(), name="keys"),
    path("keys/new/", KeyNew.as_view(), name="key_new"),
    path("keys/<str:key>/", KeyPage.as_view(), name="key"),
    path("keys/<str:key>/<slug:verb>/", KeyPage.as_view(), name="key_verb"),
]
