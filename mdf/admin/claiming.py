"""The vendor's people write a claim for a partner, which reads it as theirs; somebody else decides it."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core.errors import Refused
from core.parts import Crumb
from mdf.admin.pages import crumbs
from mdf.enums import ClaimStatus
from mdf.forms import claiming as forms
from mdf.models import Claim, Request
from mdf.portal.claiming import ClaimForm
from mdf.queries import own
from mdf.services import claims


class ClaimFor(ClaimForm):
    """The partner's form in the vendor's hands. Files come with the form; nothing is kept before it is whole."""

    audience = ("vendor",)
    template = "mdf/console/claim_for.html"

    def get(self, request: Any, **places: Any) -> HttpResponse:
        parent = self.request_()
        if own.claimable(self.actor, parent):
            return super().get(request, **places)
        context = {
            "heading": _("Claim for %s") % parent,
            "crumbs": crumbs(Crumb(str(parent), parent.get_console_url())),
            "form": None,
        }
        return self.show(self.template, context)

    def claim(self, request: Request) -> Claim | None:
        """What this very person wrote with this form before."""
        found = super().claim(request)
        return found if found and found.created_by_id == self.actor.id else None

    def address(self, claim: Claim) -> str:
        return claim.get_console_url()

    def written(self, form: forms.ClaimForm, parent: Request, claim: Claim | None, do: str) -> HttpResponse:
        if not form.is_valid():
            return self.shown(form, parent, claim, 422)
        try:
            with transaction.atomic():
                sent = self.keep(form, claim)
                if sent.status == ClaimStatus.DRAFT:
                    claims.submit(sent, by=self.actor, at=self.at)
        except Refused as refusal:
            form.said.append(refusal.reason)
            return self.shown(form, parent, claim, 422)
        messages.success(self.request, _("Sent. The partner reads it; another person decides it."))
        return redirect(sent.get_console_url())

    def more(self, parent: Request, form: forms.ClaimForm) -> dict[str, Any]:
        return {
            "heading": _("Claim for %s") % form.ground.activity,
            "lead": _("On behalf of %s. Another person decides it.") % parent.partner,
            "crumbs": crumbs(Crumb(str(parent), parent.get_console_url())),
            "upload_at": "",
        }
