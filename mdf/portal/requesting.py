"""The form of a request: rows that come and go, drafts that save themselves, advice while typing."""

from functools import cached_property
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core.doors import Page, one_or_404
from core.errors import Refused
from core.ids import uuid7
from core.parts import Crumb
from mdf import shown
from mdf.enums import RUNNING, RequestStatus
from mdf.forms import requesting as forms
from mdf.forms.typed import Typed, changed, read
from mdf.models import Request
from mdf.queries import own as queries
from mdf.services import changing, holding, requests
from mdf.track_record import track_record

R = RequestStatus
WRITTEN = (R.DRAFT, R.REJECTED, R.ACTION_REQUIRED)
CHANGED = (R.APPROVED, R.IN_EXECUTION)


class Requesting(Page):
    """What the pages of the form share."""

    permission = "mdf.request"

    def form(self, typed: Typed, *, bound: bool = False) -> forms.RequestForm:
        """Raises Refused where the company has no funds to ask for."""
        if not self.sources:
            raise Refused(_("Your company has no market funds now. Ask your channel manager."), code="no_funds")
        return forms.RequestForm(typed, sources=self.sources, today=self.at.date(), bound=bound)

    @cached_property
    def sources(self) -> list[queries.Source]:
        return queries.sources(self.actor, self.at.date())

    def draft(self, pk: UUID | None) -> Request | None:
        """The actor's request with this id; a second click waits for the first one to be done."""
        if pk is None:
            return None
        holding.form(pk)
        return queries.find_own(self.actor, pk)

    def keep(self, form: forms.RequestForm) -> Request:
        """The request of this form, made or brought up to date with all that fits."""
        found = self.draft(form.draft)
        if found is None:
            return requests.draft(form.plan(), by=self.actor, at=self.at, pk=form.draft)
        return requests.write(found, form.plan(), by=self.actor, at=self.at)


class RequestNew(Requesting):
    """A new request, or one that is written further. GET stores nothing: the draft's id is in the form."""

    def get(self, request, reference: str = ""):
        if not reference:
            if not self.sources:
                return self.show("mdf/no_funds.html", {"heading": _("Ask for market funds"), "crumbs": crumbs()})
            return self._page(self.form(forms.fresh(uuid7())))
        found = one_or_404(queries.requests(self.actor), reference=reference)
        if found.status not in (*WRITTEN, *CHANGED):
            return redirect(found)
        return self._page(self.form(forms.typed_of(found)), found)

    def post(self, request, reference: str = ""):
        found = one_or_404(queries.requests(self.actor), reference=reference) if reference else None
        typed, do = read(request.POST, forms.REQUEST), request.POST.get("do", "")
        if do.startswith(("add:", "drop:")):
            return self._page(self.form(changed(typed, do, forms.REQUEST)), found, focus=do)
        if found:
            typed["values"]["draft"] = str(found.pk)  # whatever the form says
        form = self.form(typed, bound=True)
        sent = found or self.draft(form.draft)
        if sent and sent.status not in (*WRITTEN, *(CHANGED if found else ())):
            return redirect(sent)
        return self._page(form, found, 422) if not form.is_valid() else self._written(form, found)

    def _written(self, form: forms.RequestForm, found: Request | None) -> HttpResponse:
        try:
            with transaction.atomic():
                return redirect(self._write(form, found))
        except Refused as refusal:
            form.said.append(refusal.reason)
            return self._page(form, found, 422)

    def _write(self, form: forms.RequestForm, found: Request | None) -> Request:
        if found and found.status in CHANGED:
            sent = changing.change(found, form.plan(), by=self.actor, at=self.at)
            messages.success(self.request, _changed_words(found, sent))
            return sent
        return self.keep(form)

    def _page(self, form, found: Request | None = None, status: int = 200, focus: str = "") -> HttpResponse:
        judged = form if form.is_bound else self.form(form.typed, bound=True)
        partner = form.source.membership.partner
        changing = found is not None and found.status in CHANGED
        context = {
            "heading": _("Ask for market funds") if found is None else str(found),
            "crumbs": crumbs(found),
            "form": form,
            "found": found,
            "changing": changing,
            "panel": shown.panel(judged),
            "late": judged.is_late,
            "apply_days": form.source.terms.apply_working_days,
            "earlier": shown.earlier(track_record(partner, actor=self.actor, at=self.at, leave_out=found)),
            "segments": form.source.terms.segments,
            "ineligible": form.source.terms.ineligible,
            "focus": focus.removeprefix("add:") if focus.startswith("add:") else "",
        }
        return self.show("mdf/new.html", context, status)


class RequestDraft(Requesting):
    """Autosave: keeps what is typed, also when it does not fit yet."""

    def post(self, request):
        form = self.form(read(request.POST, forms.REQUEST), bound=True)
        if form.draft is None:
            return JsonResponse({"error": _("Load the page again to save a draft.")}, status=422)
        kept = self.keep(form)
        return JsonResponse({"reference": kept.reference, "url": reverse("portal:mdf_edit", args=[kept.reference])})


class RequestAdvice(Requesting):
    """The criteria and sums as they look now; nothing is kept."""

    def post(self, request):
        form = self.form(read(request.POST, forms.REQUEST), bound=True)
        return self.show("mdf/advice.html", {"panel": shown.panel(form), "live": True})


def _changed_words(before: Request, sent: Request) -> str:
    if sent.pk != before.pk:
        return (
            _("Sent. What you changed is decided anew in this request; the rest stays agreed in %s.") % before.reference
        )
    if sent.status in RUNNING:
        return _("Changed. What you left out is free again; the rest stays agreed.")
    return _("Sent. We decide about it anew.")


def crumbs(found: Request | None = None) -> list[Crumb]:
    own = [Crumb(found.reference, found.get_absolute_url())] if found else []
    return [Crumb(_("Market funds"), reverse("portal:mdf")), *own]
