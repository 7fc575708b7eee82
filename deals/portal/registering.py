"""The registration form, its drafts and its live check."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core.doors import Page, one_or_404
from core.errors import Forbidden, Refused
from core.ids import uuid7
from core.limits import too_many
from deals import check, forms, queries, rules, services, shown
from deals.enums import PROTECTED, Status
from deals.forms.registering import asked_by_program
from deals.models import Registration
from tiers import benefits

CHECKS_PER_MINUTE = 30


class Registering(Page):
    """What the registration pages share: the form for the actor's own memberships."""

    permission = "deal.register"

    def memberships(self):
        found = queries.memberships(self.actor.partner_ids)
        if not found:
            raise Forbidden(_("Your company isn't in a program yet. Ask your channel manager."))
        return found

    def form(self, data=None, initial=None) -> forms.Registration:
        today = self.at.date()
        return forms.Registration(data, initial=initial, memberships=self.memberships(), today=today)

    def draft(self, pk: UUID | None) -> Registration | None:
        """The actor's registration with this id; a second click waits for the first one to be done."""
        if pk is None:
            return None
        check.hold(str(pk))
        return queries.find_own(self.actor, pk)

    def keep(self, form: forms.Registration, claim) -> Registration:
        """The draft of this form, made or brought up to date."""
        pk = form.cleaned_data.get("draft")
        deal = self.draft(pk)
        if deal is None:
            return services.register(claim, by=self.actor, at=self.at, pk=pk)
        return services.redraft(deal, claim, by=self.actor, at=self.at)


class DealNew(Registering):
    """The registration form. GET stores nothing: the draft's id is in the form, so a second click finds the first."""

    def get(self, request, reference: str = ""):
        if not reference:
            own = {"draft": uuid7(), "country": self.memberships()[0].partner.country}
            return self._page(self.form(initial=own | self._chosen()))
        deal = one_or_404(queries.registrations(self.actor), reference=reference)
        if deal.status != Status.DRAFT:
            return redirect(deal)
        return self._page(self.form(initial=forms.Registration.initial_of(deal) | self._chosen()), deal=deal)

    def _chosen(self) -> dict[str, str]:
        """What the address says: the way of selling and the program, for who works without scripts."""
        return {name: self.request.GET[name] for name in ("motion", "membership") if self.request.GET.get(name)}

    def post(self, request, reference: str = ""):
        if reference:
            one_or_404(queries.registrations(self.actor), reference=reference)
        form = self.form(request.POST)
        sent = self._sent_already(request.POST.get("draft", ""))
        if sent:
            return redirect(sent)
        if not form.is_valid():
            return self._page(form, 422)
        try:
            with transaction.atomic():
                deal = services.submit(self.keep(form, form.particulars()), by=self.actor, at=self.at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self._page(form, 422)
        messages.success(request, self._said(deal))
        return redirect(deal)

    def _said(self, deal: Registration) -> str:
        if deal.status in PROTECTED:
            return _("Sent and approved at once.")
        return _("Sent. %s answers by the time shown here.") % (deal.partner.manager or _("We"))

    def _sent_already(self, draft: str) -> Registration | None:
        try:
            deal = self.draft(UUID(draft))
        except ValueError:
            return None
        return deal if deal and deal.status != Status.DRAFT else None

    def _page(self, form, status: int = 200, deal: Registration | None = None) -> HttpResponse:
        membership, policy = form.chosen_membership, form.policy
        context = {
            "heading": _("Register a deal"),
            "form": form,
            "deal": deal,
            "manager": membership.partner.manager,
            "margin": benefits.margin(membership),
            "tier": membership.tier,
            "answer_by": rules.decision_due(policy, form.chosen_motion, self.at, membership.partner.time_zone),
            "protection_days": policy.protection_days,
            **asked_by_program(form),
        }
        return self.show("deals/new.html", context, status)


class DealDraft(Registering):
    """Autosave: keeps what is typed, also when it does not fit yet."""

    def post(self, request):
        form = self.form(request.POST)
        claim = form.draft_particulars()
        if "draft" not in form.cleaned_data:
            return JsonResponse({"error": _("Load the page again to save a draft.")}, status=422)
        deal = self.keep(form, claim)
        return JsonResponse({"reference": deal.reference, "url": reverse("portal:deal_edit", args=[deal.reference])})


class DealCheck(Registering):
    """The live duplicate check: a verdict in words, a limited number of times a minute."""

    def get(self, request):
        website, company = request.GET.get("website", "")[:255], request.GET.get("account_name", "")[:200]
        customer = check.Customer.of(website, company, request.GET.get("country", "")[:2])
        if too_many(f"check:{self.actor.id}", CHECKS_PER_MINUTE, 60):
            found = shown.not_checked()
        else:
            found = shown.advice(self._findings(customer, request))
        return self.show("deals/advice.html", {"advice": found})

    def _findings(self, customer, request) -> check.Findings:
        product = request.GET.get("product", "")
        known = {str(p.pk): p.pk for p in queries.products()}
        partner = self.memberships()[0].partner_id
        return check.find(customer, partner_id=partner, product_id=known.get(product), ignore=None, at=self.at)
