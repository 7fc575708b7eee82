"""What the console's pages about market funds share."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from core.actor import Actor
from core.console import ConsoleActionPage
from core.errors import Forbidden, Stale
from core.parts import Crumb
from mdf.admin.forms import OfVersion


def crumbs(*more: Crumb) -> list[Crumb]:
    return [Crumb(_("Market funds"), reverse("admin:mdf_request_changelist")), *more]


def chips(actor: Actor, here: str) -> list[dict[str, Any]]:
    """The pages about market funds, the one that is open marked."""
    pages = (
        ("mdf_request_changelist", _("Requests"), ""),
        ("mdf_claims", _("Claims"), ""),
        ("mdf_payments", _("Payments"), "mdf.pay"),
        ("mdf_budgets", _("Budgets"), ""),
        ("mdf_terms_first", _("Terms"), ""),
    )
    return [
        {"label": label, "href": reverse(f"admin:{name}"), "here": name == here}
        for name, label, permission in pages
        if not permission or actor.can(permission)
    ]


def why_not(refuse: Any, subject: Any, actor: Actor) -> str:
    """Why a step is not this reader's: the very sentence with which the service would refuse it."""
    try:
        refuse(subject, actor)
    except Forbidden as refusal:
        return str(refusal.reason)
    return ""


class FundPage(ConsoleActionPage):
    """A page with verbs about a record that several people may decide at once."""

    def bind(self, action: Any, subject: Any) -> Any:
        if action.form is None:
            return None
        about = {"subject": subject} if issubclass(action.form, OfVersion) else {}
        return action.form(self.request.POST, self.request.FILES, **about)

    def offered(self, name: str, subject: Any, menu: Mapping[str, Any], bound: Mapping[str, Any]) -> Any:
        """The form of a step that is open, as it was sent or fresh; None while the step is shut."""
        kind: Any = self.actions[name].form
        return (bound.get(name) or kind(subject=subject, auto_id=f"id_{name}_%s")) if name in menu else None

    def run(self, action: Any, subject: Any, form: Any) -> Any:
        if isinstance(form, OfVersion):
            form.refuse_stale()
        return super().run(action, subject, form)

    def post(self, request: Any, *args: Any, verb: str = "", **kwargs: Any) -> HttpResponse:
        """Who comes second sees the page as it is now, and what happened."""
        try:
            return super().post(request, *args, verb=verb, **kwargs)
        except Stale as stale:
            messages.error(request, stale.reason)
            return self.page(self.subject(), 409)
