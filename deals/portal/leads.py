"""Partners' pages about leads: what is offered, and what they work on."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.doors import Action, ActionPage, Page, one_or_404
from core.paging import keyset
from core.parts import Column, Pager, Row, Table, Task
from deals import lead_queries as queries
from deals.enums import LeadStatus
from deals.forms import leads as forms
from deals.models import Lead, LeadOffer
from deals.services import leads, offers
from deals.shown import leads as shown
from deals.workflow import LEAD, OFFER

_OPEN = (LeadStatus.ACCEPTED, LeadStatus.WORKING, LeadStatus.STALE)
_FILTERS = {
    "open": (gettext_lazy("Open"), _OPEN),
    "converted": (gettext_lazy("Registered"), (LeadStatus.CONVERTED,)),
    "closed": (gettext_lazy("Closed"), (LeadStatus.DISQUALIFIED,)),
}


class LeadList(Page):
    """Offers first, least time first; then the leads the company works on."""

    def get(self, request):
        chosen = request.GET.get("show", "")
        chosen = chosen if chosen in _FILTERS else "open"
        rows = queries.leads(self.actor).filter(status__in=_FILTERS[chosen][1])
        page = keyset(rows, request.GET, order=("-accepted_at", "-id"))
        in_time, every = queries.answered(self.actor, self.at)
        record = _("You answered %(in_time)s of %(every)s leads of the last 12 months in time.")
        context = {
            "heading": _("Leads"),
            "lead": record % {"in_time": in_time, "every": every} if every else "",
            "offers": [self._offer(offer) for offer in queries.open_offers(self.actor)[:50]],
            "table": self._table(page) if page.rows else None,
            "missed": [(shown.offer_title(o), shown.outcome(o), o) for o in queries.missed_offers(self.actor)],
            "filters": [(key, label, f"?{urlencode({'show': key})}") for key, (label, _s) in _FILTERS.items()],
            "chosen": chosen,
        }
        return self.show("deals/leads/list.html", context)

    def _offer(self, offer: LeadOffer) -> Task:
        need = offer.teaser.get("need", "")
        reason = need if len(need) <= 160 else f"{need[:157]}…"
        return Task(shown.offer_title(offer), offer.get_absolute_url(), reason, None, offer.due_at, offer.offered_at)

    def _table(self, page) -> Table:
        columns = (
            Column(_("Company")), Column(_("Status"), "tag"), Column(_("Contact")), Column(_("Next step")),
            Column(_("Due"), "when"),
        )  # fmt: skip
        pager = Pager(len(page.rows), newer=page.newer, older=page.older)
        return Table(_("Leads"), columns, [self._row(lead) for lead in page.rows], pager=pager)

    def _row(self, lead: Lead) -> Row:
        cells = (str(lead), shown.status_tag(lead, self.actor), lead.contact_name, lead.next_step, lead.due_at)
        return Row(cells, lead.get_absolute_url())


class OfferPage(ActionPage):
    """One offer: all that may be known, and the answer."""

    workflow = OFFER
    actions = {
        "accept": Action(offers.accept, None, gettext_lazy("Accepted. Contact them by the time shown here.")),
        "decline": Action(offers.decline, forms.Decline, gettext_lazy("Declined. It goes to another partner.")),
    }

    def subject(self) -> LeadOffer:
        return one_or_404(queries.offers(self.actor), reference=self.kwargs["reference"])

    def page(self, offer: LeadOffer, status: int = 200, bound=None) -> HttpResponse:
        bound = bound or {}
        waits = offer.status == "offered" and self.at < offer.due_at
        lead = queries.lead_behind(self.actor, offer)
        context = {
            "heading": shown.offer_title(offer),
            "lead": offer.reference,
            "status": shown.offer_tag(offer),
            "offer": offer,
            "clock": shown.offer_clock(offer, self.at),
            "facts": shown.teaser(offer),
            "outcome": "" if waits else shown.outcome(offer),
            "accepted": lead.get_absolute_url() if lead else "",
            "decline_form": bound.get("decline") or forms.Decline(),
            "may_answer": waits and self.actor.can("lead.answer"),
            "opened": "decline" in bound,
            "form": next(iter(bound.values()), None),
        }
        return self.show("deals/leads/offer.html", context, status)

    def after(self, offer: LeadOffer) -> str:
        lead = queries.lead_behind(self.actor, offer)
        return lead.get_absolute_url() if lead else reverse("portal:leads")


class LeadPage(ActionPage):
    """One accepted lead: whom to contact, what was done, what it turns into."""

    workflow = LEAD
    actions = {
        "work": Action(leads.work, forms.ReportWork, gettext_lazy("Noted.")),
        "close": Action(leads.disqualify, forms.Close, gettext_lazy("Lead closed."), step="disqualify"),
        "convert": Action(leads.begin_deal),
    }

    def subject(self) -> Lead:
        return one_or_404(queries.leads(self.actor), reference=self.kwargs["reference"])

    def post(self, request, *args, verb: str = "", **kwargs):
        if verb != "convert" or self.shut(self.actions[verb], verb, self.subject()):
            return super().post(request, *args, verb=verb, **kwargs)
        deal = leads.begin_deal(self.subject(), by=self.actor, at=self.at)
        return redirect("portal:deal_edit" if deal.status == "draft" else "portal:deal", deal.reference)

    def page(self, lead: Lead, status: int = 200, bound=None) -> HttpResponse:
        bound = bound or {}
        menu = {choice.step.name for choice in LEAD.menu(lead, by=self.actor, at=self.at)}
        context = {
            "heading": str(lead),
            "lead": lead.reference,
            "status": shown.status_tag(lead, self.actor),
            "row": lead,
            "clock": shown.clock(lead, self.at),
            "facts": shown.facts(lead, self.actor),
            "timeline": shown.timeline(lead, (), self.actor),
            "work_form": (bound.get("work") or forms.ReportWork()) if "work" in menu else None,
            "close_form": (bound.get("close") or forms.Close()) if "disqualify" in menu else None,
            "convert": "convert" in menu and self.actor.can("deal.register"),
            "opened": next(iter(bound), ""),
            "form": next(iter(bound.values()), None),
        }
        return self.show("deals/leads/lead.html", context, status)
