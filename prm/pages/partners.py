"""The console's list of partners, and the page that adds one with its program and its first admin."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actor import Actor
from core.console import ConsolePage
from core.errors import Refused
from core.forms import LongSelect, TextField
from core.paging import keyset
from core.parts import Action, Column, Crumb, Pager, Row, Table
from core.scope import elevated
from partners import queries, services, shown
from partners.console import page_of
from partners.countries import COUNTRIES
from partners.enums import MemberRole, PartnerStatus, PartnerType
from partners.forms import MANAGERS, EmailsField, staff
from partners.models import Partner, Program
from partners.particulars import Care, Company, Invites, Start
from tiers import services as tiers
from tiers.enums import MembershipStatus
from tiers.models import ProgramMembership, Tier
from tiers.particulars import Enrolment


class Filters(forms.Form):
    """What the list is narrowed to; kept in the address."""

    mark_optional = False
    q = TextField(label=gettext_lazy("Search"), required=False, max_length=100)
    status = forms.ChoiceField(
        label=gettext_lazy("Status"), required=False, choices=[("", "–"), *PartnerStatus.choices]
    )
    manager = forms.ChoiceField(label=gettext_lazy("Channel manager"), required=False)
    region = forms.ChoiceField(label=gettext_lazy("Region"), required=False)
    tier = forms.ChoiceField(label=gettext_lazy("Tier"), required=False)

    def __init__(self, data, *, actor):
        super().__init__(data)
        tier_names = (
            Tier.objects.visible_to(actor).filter(deleted_at=None).order_by("rank").values_list("name", flat=True)
        )
        choices = {
            "manager": [(str(pk), name) for pk, name in queries.managers(actor)],
            "region": [(name, name) for name in queries.regions(actor)],
            "tier": [(name, name) for name in dict.fromkeys(tier_names)],
        }
        for name, found in choices.items():
            self.fields[name].choices = [("", "–"), *found]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, str]:
        """The filters that are set and make sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


def narrowed(rows: QuerySet[Partner], chosen: dict[str, str], actor: Actor) -> QuerySet[Partner]:
    """The rows that fit every filter."""
    ways = {
        "q": lambda v: Q(name__icontains=v) | Q(domain__icontains=v) | Q(reference__iexact=v),
        "status": lambda v: Q(status=v),
        "manager": lambda v: Q(manager_id=v) | Q(backup_id=v),
        "region": lambda v: Q(region=v),
        "tier": lambda v: Q(pk__in=_places(actor).filter(tier__name=v).values("partner_id")),
    }
    for name, value in chosen.items():
        rows = rows.filter(ways[name](value))
    return rows


def _places(actor: Actor) -> QuerySet[ProgramMembership]:
    rows = ProgramMembership.objects.visible_to(actor)
    return rows.filter(status=MembershipStatus.ACTIVE, deleted_at=None)


class Partners(ConsolePage):
    """Every partner, by name."""

    def get(self, request):
        filters = Filters(request.GET, actor=self.actor)
        chosen = filters.chosen()
        rows = narrowed(queries.companies(self.actor), chosen, self.actor)
        held = Prefetch("program_memberships", _places(self.actor).select_related("tier"), to_attr="places")
        page = keyset(rows.prefetch_related(held), request.GET, order=("name", "id"))
        add = Action(_("Add a partner"), href="new/", tone="primary", icon="plus")
        context = {
            "heading": _("Partners"),
            "primary": add if self.actor.can("partner.edit") else None,
            "reassigns": self.actor.can("partner.edit"),
            "invites": self.actor.can("member.invite"),
            "filters": filters,
            "active": len(chosen),
            "table": self._table(page, rows.count()) if page.rows else None,
        }
        return self.show("pages/partners.html", context)

    def _table(self, page, total: int) -> Table:
        columns = (
            Column(_("Partner")), Column(_("Status"), "tag"), Column(_("Tier")), Column(_("Region")),
            Column(_("Channel manager")), Column(_("Last activity"), "when"),
        )  # fmt: skip
        pager = Pager(len(page.rows), total, page.newer, page.older)
        return Table(_("Partners"), columns, [self._row(partner) for partner in page.rows], pager=pager)

    def _row(self, partner: Partner) -> Row:
        tiers_held = ", ".join(dict.fromkeys(place.tier.name for place in partner.places if place.tier))  # type: ignore[attr-defined]
        manager = str(partner.manager) if partner.manager else ""
        cells = (
            partner.name, shown.status_tag(partner), tiers_held, partner.region, manager, partner.last_commercial_at,
        )  # fmt: skip
        return Row(cells, partner.get_console_url())


# --- a new partner ---------------------------------------------------------------------------------------------------


class NewPartner(forms.Form):
    """The least that starts a partnership."""

    name = TextField(label=gettext_lazy("Company"), max_length=200)
    website = TextField(label=gettext_lazy("Website"), max_length=255, required=False)
    country = forms.ChoiceField(
        label=gettext_lazy("Country"), choices=[("", "–"), *COUNTRIES], required=False, widget=LongSelect
    )
    region = TextField(label=gettext_lazy("Region"), max_length=60, required=False)
    program: forms.ModelChoiceField = forms.ModelChoiceField(None, label=gettext_lazy("Program"), required=False)
    partner_type = forms.ChoiceField(label=gettext_lazy("Type"), choices=PartnerType, initial=PartnerType.RESELLER)
    manager = forms.ModelChoiceField(MANAGERS, label=gettext_lazy("Channel manager"), required=False)
    emails = EmailsField(
        label=gettext_lazy("First admin's e-mail"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("We invite them; they invite their colleagues."),
    )

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        programs = Program.objects.visible_to(actor).filter(status="active", deleted_at=None).order_by("name")
        self.fields["program"].queryset, self.fields["program"].empty_label = programs, _("None yet")  # type: ignore[attr-defined]
        self.fields["manager"].queryset, self.fields["manager"].empty_label = staff(), _("Nobody yet")  # type: ignore[attr-defined]

    def company(self) -> Company:
        return Company(**{name: self.cleaned_data[name] for name in ("name", "website", "country", "region")})


class PartnerNew(ConsolePage):
    """Adds a partner, takes it into a program and invites its first admin: all or nothing."""

    permission = "partner.edit"

    def get(self, request):
        first = Program.objects.visible_to(self.actor).filter(status="active", deleted_at=None).order_by("name").first()
        initial = {"manager": self.actor.id, "program": first}
        return self.page(NewPartner(actor=self.actor, initial=initial))

    def post(self, request):
        form = NewPartner(request.POST, actor=self.actor)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            with transaction.atomic(), elevated():  # it may be for another region
                partner = self._add(form)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self.page(form, 422)
        messages.success(request, _("%s is a partner now.") % partner)
        return redirect(page_of(request, partner))

    def _add(self, form: NewPartner) -> Partner:
        values = form.cleaned_data
        start = Start(care=Care(values["manager"]))
        partner = services.register(form.company(), start, by=self.actor, at=self.at)
        if values["program"]:
            place = Enrolment(partner, values["program"], values["partner_type"], self.at.date())
            tiers.enrol(place, by=self.actor, at=self.at)
        if values["emails"]:
            services.invite(partner, Invites(values["emails"], MemberRole.ADMIN), by=self.actor, at=self.at)
        return partner

    def page(self, form, status: int = 200):
        above = [Crumb(_("Partners"), reverse("admin:partners_partner_changelist"))]
        context = {"heading": _("Add a partner"), "crumbs": above, "form": form, "save": _("Add partner")}
        return self.show("partners/console_form.html", context, status)
