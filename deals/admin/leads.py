"""The console's pages about leads."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.errors import Refused
from core.paging import keyset
from core.parts import Action as Button
from core.parts import Column, Crumb, Pager, Row, Table
from deals import lead_queries as queries
from deals.enums import LeadStatus
from deals.forms import leads as forms
from deals.models import Lead
from deals.services import leads, offers
from deals.shown import leads as shown
from deals.workflow import LEAD
from partners.models import Partner

_FILTERS = {
    "waiting": (gettext_lazy("Waiting for us"), (LeadStatus.NEW, LeadStatus.QUALIFIED, LeadStatus.RETURNED)),
    "offered": (gettext_lazy("Offered"), (LeadStatus.OFFERED,)),
    "work": (gettext_lazy("With partners"), (LeadStatus.ACCEPTED, LeadStatus.WORKING, LeadStatus.STALE)),
    "converted": (gettext_lazy("Converted"), (LeadStatus.CONVERTED,)),
    "closed": (gettext_lazy("Disqualified"), (LeadStatus.DISQUALIFIED,)),
    "all": (gettext_lazy("All"), tuple(LeadStatus)),
}


def crumbs() -> list[Crumb]:
    return [Crumb(_("Leads"), reverse("admin:leads"))]


def partners(actor):
    """Who may be chosen for a lead."""
    return Partner.objects.visible_to(actor).working().filter(deleted_at=None, is_direct=False).order_by("name")


class LeadList(ConsolePage):
    """All leads, the newest first."""

    def get(self, request):
        chosen = request.GET.get("show", "")
        chosen = chosen if chosen in _FILTERS else "all"
        words = request.GET.get("q", "").strip()[:100]
        rows = queries.leads(self.actor).filter(status__in=_FILTERS[chosen][1])
        rows = rows.filter(account_name__icontains=words) if words else rows
        page = keyset(rows, request.GET, order=("-received_at", "-id"))
        may_add = self.actor.can("lead.route")
        new = Button(_("New lead"), href=reverse("admin:lead_new"), tone="primary", icon="plus") if may_add else None
        context = {
            "heading": _("Leads"),
            "primary": new,
            "table": self._table(page) if page.rows else None,
            "filters": [(key, label, f"?{urlencode({'show': key})}") for key, (label, _s) in _FILTERS.items()],
            "chosen": chosen,
            "words": words,
            "narrowed": bool(words) or chosen != "all",
        }
        return self.show("deals/leads/console_list.html", context)

    def _table(self, page) -> Table:
        columns = (
            Column(_("Company")), Column(_("Status"), "tag"), Column(_("Temperature"), "tag"), Column(_("Partner")),
            Column(_("Value"), "num"), Column(_("Due"), "when"), Column(_("Came in"), "when"),
        )  # fmt: skip
        pager = Pager(len(page.rows), newer=page.newer, older=page.older)
        return Table(_("Leads"), columns, [self._row(lead) for lead in page.rows], pager=pager)

    def _row(self, lead: Lead) -> Row:
        cells = (
            str(lead), shown.status_tag(lead, self.actor), shown.warmth(lead.temperature),
            lead.partner.name if lead.partner else None, shown.value(lead), lead.due_at, lead.received_at,
        )  # fmt: skip
        return Row(cells, lead.get_console_url())


class LeadNew(ConsolePage):
    """A lead is entered."""

    permission = "lead.route"

    def get(self, request):
        return self.page(forms.Enquiring())

    def post(self, request):
        form = forms.Enquiring(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            lead = leads.receive(form.particulars(), by=self.actor, at=self.at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self.page(form, 422)
        return redirect(lead.get_console_url())

    def page(self, form: forms.Enquiring, status: int = 200) -> HttpResponse:
        context = {"heading": _("New lead"), "crumbs": crumbs(), "form": form, "save": _("Enter lead")}
        return self.show("deals/leads/new.html", context, status)


class LeadEdit(ConsolePage):
    """What we know better now, while the lead is with us."""

    permission = "lead.route"

    def get(self, request, reference: str):
        lead = self._lead(reference)
        names = forms.Enquiring.base_fields
        initial = {name: getattr(lead, name) for name in names if name != "product"} | {"product": lead.product_id}
        return self.page(lead, forms.Enquiring(initial=initial))

    def post(self, request, reference: str):
        lead, form = self._lead(reference), forms.Enquiring(request.POST)
        if not form.is_valid():
            return self.page(lead, form, 422)
        try:
            leads.correct(lead, form.particulars(), by=self.actor, at=self.at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self.page(lead, form, 422)
        return redirect(lead.get_console_url())

    def _lead(self, reference: str) -> Lead:
        return one_or_404(queries.leads(self.actor), reference=reference)

    def page(self, lead: Lead, form: forms.Enquiring, status: int = 200) -> HttpResponse:
        way = [*crumbs(), Crumb(str(lead), lead.get_console_url())]
        context = {"heading": _("Edit the lead"), "crumbs": way, "form": form, "save": _("Save changes")}
        return self.show("deals/leads/new.html", context, status)


class LeadPage(ConsoleActionPage):
    """One lead: who may be known already, who would get it and why, what happened."""

    workflow = LEAD
    actions = {
        "qualify": Action(leads.qualify, None, gettext_lazy("Qualified.")),
        "offer": Action(offers.offer, forms.Offer, gettext_lazy("Offered.")),
        "recall": Action(leads.recall, forms.Recall, gettext_lazy("Taken back. The partner is told.")),
        "disqualify": Action(leads.disqualify, forms.Close, gettext_lazy("Disqualified.")),
    }

    def subject(self) -> Lead:
        return one_or_404(queries.leads(self.actor), reference=self.kwargs["reference"])

    def bind(self, action: Action, subject: Lead):
        if action.form is forms.Offer:
            return forms.Offer(self.request.POST, partners=partners(self.actor))
        return super().bind(action, subject)

    def page(self, lead: Lead, status: int = 200, bound=None) -> HttpResponse:
        bound = bound or {}
        menu = {choice.step.name for choice in LEAD.menu(lead, by=self.actor, at=self.at)}
        asked = queries.offers_of(lead, self.actor)
        kept = queries.last_ranking(lead, self.actor)
        context = {
            "heading": str(lead),
            "crumbs": crumbs(),
            "lead": f"{lead.reference} · {lead.partner}" if lead.partner else lead.reference,
            "status": shown.status_tag(lead, self.actor),
            "row": lead,
            "clock": shown.clock(lead, self.at),
            "facts": shown.facts(lead, self.actor),
            "known": shown.known_customers(*queries.known_customers(lead, self.actor)),
            "twins": queries.twins(lead, self.actor),
            "kept": kept,
            "ranking": shown.ranking_of(kept),
            "timeline": shown.timeline(lead, asked, self.actor),
            "forms": self._forms(menu, bound),
            "edits": self.actor.can("lead.route") and lead.status in _FILTERS["waiting"][1],
            "qualify": "qualify" in menu and lead.status == LeadStatus.NEW,
            "opened": next(iter(bound), ""),
            "form": next(iter(bound.values()), None),
        }
        return self.show("deals/leads/console_lead.html", context, status)

    def _forms(self, menu: set[str], bound) -> dict:
        """What may be done now; a lead that waits is qualified by offering it."""
        offer = menu & {"offer", "qualify"}
        return {
            "offer": (bound.get("offer") or forms.Offer(partners=partners(self.actor))) if offer else None,
            "recall": (bound.get("recall") or forms.Recall()) if "recall" in menu else None,
            "disqualify": (bound.get("disqualify") or forms.Close()) if "disqualify" in menu else None,
        }

    def after(self, lead: Lead) -> str:
        return lead.get_console_url()
