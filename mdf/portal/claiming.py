"""The form of a claim: invoices and the frozen proof list, files kept as soon as they come, sums on show."""

from functools import cache
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core.doors import Page, one_or_404
from core.errors import Refused
from core.files import inspect_all, keep
from core.ids import uuid7
from core.parts import Crumb
from mdf import money, shown
from mdf.enums import ClaimStatus
from mdf.forms import claiming as forms
from mdf.forms.typed import Typed, changed, read, uuid_of
from mdf.models import Activity, Claim, Request
from mdf.portal.requesting import crumbs
from mdf.queries import own as queries
from mdf.rates import rate_of
from mdf.services import accepted, claims, holding

C = ClaimStatus
WRITTEN = (C.DRAFT, C.REJECTED, C.INFORMATION_REQUESTED)


class Claiming(Page):
    """What the pages of the form share."""

    permission = "mdf.claim"

    def request_(self) -> Request:
        return one_or_404(queries.requests(self.actor), reference=self.kwargs["parent"])

    def claim(self, request: Request) -> Claim | None:
        """The claim of the address, or the one that this form made before."""
        rows = queries.claims(self.actor).filter(activity__request=request)
        if reference := self.kwargs.get("reference"):
            return one_or_404(rows, reference=reference)
        pk = uuid_of(self.request.POST.get("draft", ""))
        if pk is None:
            return None
        holding.form(pk)
        return rows.filter(pk=pk).first()

    def activity(self, request: Request, claim: Claim | None) -> Activity:
        """What is claimed for: the claim's, the chosen one, else the first. Raises Refused where there is none."""
        found = queries.claimable(self.actor, request)
        wanted = claim.activity.public_id if claim else self._chosen() or (found[0].public_id if found else "")
        for one in found:
            if one.public_id == wanted:
                return one
        raise Refused(_("Nothing can be claimed for this activity."), code="illegal_transition")

    def _chosen(self) -> str:
        return self.request.POST.get("activity", "") or self.request.GET.get("activity", "")

    def form(self, typed: Typed, activity: Activity, claim: Claim | None, *, bound: bool = False) -> forms.ClaimForm:
        @cache
        def rate(currency, day):
            return rate_of(currency, activity.currency, day, actor=self.actor, at=self.at)

        files = queries.loose_or_of(self.actor, activity.partner_id, claim.pk if claim else None, forms.file_ids(typed))
        own = claim or Claim(pk=uuid_of(typed["values"]["draft"]) or uuid7())
        left = money.balance(money.RESERVED, activity)
        ground = forms.Ground(activity, left, self.at.date(), rate, accepted.room(own, activity))
        return forms.ClaimForm(typed, ground, files, bound=bound)

    def sent(self) -> tuple[forms.ClaimForm, Claim | None]:
        """The form as it was sent, judged, and the claim it made before."""
        parent = self.request_()
        claim = self.claim(parent)
        typed = read(self.request.POST, forms.CLAIM)
        return self.form(typed, self.activity(parent, claim), claim, bound=True), claim

    def keep(self, form: forms.ClaimForm, claim: Claim | None) -> Claim:
        """The claim of this form, made or brought up to date with all that fits."""
        if claim is None:
            return claims.draft(form.plan(), by=self.actor, at=self.at, pk=form.draft)
        return claims.write(claim, form.plan(), by=self.actor, at=self.at)

    def take_files(self, typed: Typed, partner_id: UUID, activity: Activity) -> list[str]:
        """Keeps what was sent with the form; why some of it was not taken."""
        refused = []
        for place, kind in ((f"proof{n}", kind) for n, kind in enumerate(activity.proofs)):
            uploads: list[Any] = self.request.FILES.getlist(f"{place}-new")
            try:
                for clean in inspect_all(uploads, forms.rules_of(kind)):
                    file = keep(clean, partner_id=partner_id, by=self.actor, at=self.at)
                    forms.with_file(typed, place, file.public_id)
            except Refused as refusal:
                refused.append(str(refusal.reason))
        return refused


class ClaimForm(Claiming):
    """A new claim, or one that is written further. GET stores nothing."""

    template = "mdf/claim_form.html"

    def get(self, request, **_places):
        parent = self.request_()
        claim = self.claim(parent)
        if claim and claim.status not in WRITTEN:
            return redirect(self.address(claim))
        activity = self.activity(parent, claim)
        typed = forms.typed_of(claim) if claim else forms.fresh(uuid7(), activity)
        return self.shown(self.form(typed, activity, claim), parent, claim)

    def post(self, request, **_places):
        parent = self.request_()
        claim = self.claim(parent)
        if claim and claim.status not in WRITTEN:
            return redirect(self.address(claim))
        activity = self.activity(parent, claim)
        typed, do = read(request.POST, forms.CLAIM), request.POST.get("do", "")
        refused = self.take_files(typed, parent.partner_id, activity)
        if do.startswith(("add:", "drop:", "forget:")):
            return self.shown(self.form(_moved(typed, do), activity, claim), parent, claim)
        form = self.form(typed, activity, claim, bound=True)
        form.said += refused
        return self.written(form, parent, claim, do)

    def address(self, claim: Claim) -> str:
        return claim.get_absolute_url()

    def written(self, form: forms.ClaimForm, parent: Request, claim: Claim | None, do: str) -> HttpResponse:
        """Kept in any case; sent when it is whole and that was asked for."""
        try:
            with transaction.atomic():
                claim = self.keep(form, claim)
            if do == "send" and form.is_valid():
                with transaction.atomic():
                    claims.submit(claim, by=self.actor, at=self.at)
                messages.success(self.request, _("Sent. We answer by the time shown here."))
                return redirect(claim)
        except Refused as refusal:
            form.said.append(refusal.reason)
        if not form.is_valid():
            return self.shown(form, parent, claim, 422)
        messages.success(self.request, _("Saved, not sent yet."))
        return redirect("portal:mdf_claim_edit", parent.reference, claim.reference)  # type: ignore[union-attr]

    def shown(self, form, parent: Request, claim: Claim | None, status: int = 200) -> HttpResponse:
        judged = form if form.is_bound else self.form(form.typed, form.ground.activity, claim, bound=True)
        others = [one for one in queries.claimable(self.actor, parent) if one.pk != form.ground.activity.pk]
        context = {
            "heading": _("Claim for %s") % form.ground.activity,
            "lead": claim.reference if claim else "",
            "crumbs": [*crumbs(), Crumb(str(parent), parent.get_absolute_url())],
            "upload_at": reverse("portal:mdf_claim_files", args=[parent.reference]),
            "form": form,
            "claim": claim,
            "parent": parent,
            "activity": form.ground.activity,
            "others": others if claim is None else [],
            "sums": shown.claim_sums(judged, twins(judged, claim)),
            "may_send": claim is None or claim.status != C.INFORMATION_REQUESTED,
        }
        return self.show(self.template, context | self.more(parent, form), status)

    def more(self, parent: Request, form: forms.ClaimForm) -> dict[str, Any]:
        """What another door shows otherwise."""
        return {}


class ClaimDraft(Claiming):
    """Autosave: keeps what is typed, also when it does not fit yet. Files were kept when they came."""

    def post(self, request, **_places):
        form, claim = self.sent()
        if form.draft is None:
            return JsonResponse({"error": _("Load the page again to save a draft.")}, status=422)
        return JsonResponse({"reference": self.keep(form, claim).reference})


class ClaimSums(Claiming):
    """The arithmetic and doubles as they stand now; nothing is kept."""

    def post(self, request, **_places):
        form, claim = self.sent()
        return self.show("mdf/claim_sums.html", {"sums": shown.claim_sums(form, twins(form, claim)), "live": True})


class ProofFiles(Claiming):
    """One card's files: what was just sent is kept, what is dropped is left out; answers with the card's piece."""

    def post(self, request, **_places):
        parent = self.request_()
        claim = self.claim(parent)
        activity = self.activity(parent, claim)
        typed = read(request.POST, forms.CLAIM)
        refused = self.take_files(typed, parent.partner_id, activity)
        form = self.form(typed, activity, claim)
        found = next((one for one in form.proofs if f"proof{one.key}" == request.GET.get("place")), None)
        if found is None:
            raise Refused(_("Load the page again."))
        context = {"proof": found, "upload_at": request.path, "why": " ".join(refused)}
        return self.show("mdf/_upload.html", context, 422 if refused else 200)


def twins(form: forms.ClaimForm, claim: Claim | None) -> list[str]:
    """Warnings: in which of the partner's own claims the invoices of the form stand already."""
    own = claim or Claim(pk=form.draft or uuid7(), partner_id=form.ground.activity.partner_id)
    told = _("Invoice %(number)s stands in %(where)s already.")
    found = claims.twins_of(own, form.invoiced())
    return [told % {"number": one.invoice_number, "where": where} for one, where in found]


def _moved(typed: Typed, do: str) -> Typed:
    verb, _colon, rest = do.partition(":")
    if verb == "forget":
        place, _second, file = rest.partition(":")
        forms.without_file(typed, place, file)
        return typed
    return changed(typed, do, forms.CLAIM)
