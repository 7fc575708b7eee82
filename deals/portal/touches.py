"""What a partner did for opportunities, and what it is credited with."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core.doors import Page, one_or_404
from core.errors import Forbidden, Refused
from core.paging import keyset
from core.parts import Column, Pager, Row, Table
from deals.attribution import local_day
from deals.attribution.why import why
from deals.forms.touches import ClaimTouch
from deals.models import Opportunity, Touch
from deals.services import touches
from deals.shown import attribution as shown
from partners.models import Partner

LISTED = 500


class TouchList(Page):
    """Every touch the partner claimed, newest first."""

    def get(self, request):
        rows = Touch.objects.visible_to(self.actor).filter(deleted_at=None)
        page = keyset(rows, request.GET, order=("-entered_at", "-id"))
        context = {
            "heading": _("Touches"),
            "table": self._table(page) if page.rows else None,
            "may_claim": self.actor.can("touch.claim"),
        }
        return self.show("deals/touches/list.html", context)

    def _table(self, page) -> Table:
        seen = [row.opportunity_id for row in page.rows if row.opportunity_id]
        own = Opportunity.objects.visible_to(self.actor).in_bulk(seen)
        columns = (
            Column(_("Customer")), Column(_("What it was")), Column(_("Day"), "when"), Column(_("Status"), "tag"),
            Column(_("Answer")),
        )  # fmt: skip
        rows = [
            Row(
                (
                    shown.touch_customer(one, own.get(one.opportunity_id)), one.get_kind_display(), one.happened_on,
                    shown.touch_tag(one), one.answer,
                ),
                shown.credit_address(own.get(one.opportunity_id)),
            )
            for one in page.rows
        ]  # fmt: skip
        return Table(_("Touches"), columns, rows, pager=Pager(len(rows), newer=page.newer, older=page.older))


class TouchNew(Page):
    """Claims a touch. `?opportunity=O-…` chooses it."""

    permission = "touch.claim"

    def form(self, data=None, initial=None) -> ClaimTouch:
        own = (
            Partner.objects.visible_to(self.actor)
            .filter(pk__in=self.actor.partner_ids, deleted_at=None)
            .order_by("name")
        )
        partners = list(own)
        if not partners:
            raise Forbidden(_("Your company isn't in a program yet. Ask your channel manager."))
        seen = Opportunity.objects.visible_to(self.actor).filter(deleted_at=None).order_by("-opened_on", "-id")
        return ClaimTouch(
            data, initial=initial, partners=partners, opportunities=list(seen[:LISTED]), today=local_day(self.at)
        )

    def get(self, request):
        return self._page(self.form(initial={"opportunity": request.GET.get("opportunity", "")[:16]}))

    def post(self, request):
        form = self.form(request.POST)
        if not form.is_valid():
            return self._page(form, 422)
        try:
            with transaction.atomic():
                touch = touches.claim(form.particulars(), by=self.actor, at=self.at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self._page(form, 422)
        late = shown.late_words(touch, form.particulars().opportunity)
        messages.success(request, late or _("Claimed. The owner of the opportunity is asked to confirm it."))
        return redirect("portal:touches")

    def _page(self, form: ClaimTouch, status: int = 200) -> HttpResponse:
        return self.show("deals/touches/new.html", {"heading": _("Claim a touch"), "form": form}, status)


class OpportunityCredit(Page):
    """Why the partner is credited for its opportunity, or isn't: its own evidence alone."""

    def get(self, request, reference: str):
        rows = Opportunity.objects.visible_to(self.actor).filter(deleted_at=None).select_related("account")
        opportunity = one_or_404(rows, reference=reference)
        found = why(opportunity, self.actor)
        context = {
            "heading": _("Credit for %s") % opportunity,
            "lead": opportunity.reference,
            "why": shown.why(found, self.actor),
            "touch_href": shown.claim_address(opportunity) if self.actor.can("touch.claim") else "",
        }
        return self.show("deals/attribution/own.html", context)
