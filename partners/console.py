"""The console's pages about one partner: everything at a glance, its profile, its people, its contacts."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, re_path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import slots
from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.errors import Refused, Stale
from core.ids import parse_public_id
from core.parts import Crumb
from partners import forms, portal, queries, services, shown
from partners.models import Contact, Partner

EVERYBODY = "admin:partners_partner_changelist"
REFERENCE = r"^partners/(?P<reference>P-[0-9A-Z]+)/"


def one_partner(actor, reference: str) -> Partner:
    return one_or_404(queries.companies(actor), reference=reference)


def crumbs(partner: Partner | None = None) -> list[Crumb]:
    above = [Crumb(_("Partners"), reverse(EVERYBODY))]
    return [*above, Crumb(partner.name, partner.get_console_url())] if partner else above


def page_of(request, partner: Partner) -> str:
    """Where to go after a change of the partner: its page, or the list when it was given out of this person's sight."""
    if not request.actor.reach or queries.companies(request.actor).filter(pk=partner.pk).exists():
        return partner.get_console_url()
    words = _("%s is none of the partners you look after now: you don't see it any more. Others do.")
    messages.info(request, words % partner)
    return reverse(EVERYBODY)


class PartnerPage(ConsoleActionPage):
    """One partner: who they are, where they stand, what happened, what we know."""

    actions = {
        "care": Action(services.hand_over, forms.CareForm, gettext_lazy("Saved. From that day on they look after it.")),
        "note": Action(services.write_note, forms.NoteForm, gettext_lazy("Note kept.")),
        "agreement": Action(services.record_agreement, forms.AgreementForm, gettext_lazy("Agreement recorded.")),
        "contact": Action(services.add_contact, forms.ContactForm, gettext_lazy("Contact added.")),
        "invite": Action(services.invite, forms.InviteForm, gettext_lazy("Invitations sent.")),
        "export": Action(
            services.ask_export, None, gettext_lazy("The file is being made. It is here in a few minutes.")
        ),
    }
    NEEDS = {
        "care": "partner.edit", "note": "note.write", "agreement": "partner.edit", "contact": "partner.edit",
        "invite": "member.invite",
    }  # fmt: skip

    def get(self, request, *args, **kwargs):
        """What was merged into another partner leads there."""
        now = queries.merged(self.actor, self.kwargs["reference"])
        return redirect(now.get_console_url()) if now else super().get(request, *args, **kwargs)

    def subject(self) -> Partner:
        return one_partner(self.actor, self.kwargs["reference"])

    def page(self, partner: Partner, status: int = 200, bound=None) -> HttpResponse:
        bound = bound or {}
        cards = slots.ask("partner_tab", self.actor, partner, at=self.at)
        context = {
            "heading": partner.name,
            "crumbs": crumbs(),
            "lead": " · ".join(word for word in (partner.reference, partner.region, partner.website) if word),
            "status": shown.status_tag(partner),
            "partner": partner,
            "only_us": _("Only %s sees this") % (settings.VENDOR_NAME or _("your own team")),
            "facts": shown.vendor_facts(partner),
            "terms": shown.terms(queries.terms(self.actor, partner)),
            "main_cards": [card for card in cards if card.column == "main"],
            "side_cards": [card for card in cards if card.column == "side"],
            "edits": self.actor.can("partner.edit"),
            "merges": self.actor.can("partner.merge"),
            "watches": self.actor.can("partner.watch"),
            "forms": {name: bound.get(name) or self.blank(name, partner) for name in self.open_verbs()},
            "opened": next(iter(bound), ""),
            "form": next(iter(bound.values()), None),
        }
        return self.show("partners/console.html", context | self.people(partner) | self.story(partner), status)

    def open_verbs(self) -> list[str]:
        return [name for name, permission in self.NEEDS.items() if self.actor.can(permission)]

    def blank(self, verb: str, partner: Partner):
        initial = {"manager": partner.manager_id, "backup": partner.backup_id} if verb == "care" else None
        return self.actions[verb].form(initial=initial, auto_id=f"id_{verb}_%s")  # type: ignore[misc]

    def people(self, partner: Partner) -> dict:
        members = list(queries.members(self.actor, partner))
        contacts = list(queries.contacts(self.actor, partner))
        manages, edits = self.actor.can("member.invite"), self.actor.can("partner.edit")
        return {
            "team": shown.team(members, self.link("admin:partner_member", partner) if manages else None),
            "contacts": shown.contacts(contacts, self.link("admin:partner_contact", partner) if edits else None),
            "invitations": shown.invitations(queries.open_invitations(self.actor, partner)[:50], self.at),
            "manages": manages,
        }

    def link(self, url_name: str, partner: Partner):
        return lambda row: reverse(url_name, args=[partner.reference, row.public_id])

    def story(self, partner: Partner) -> dict:
        return {
            "notes": shown.notes(queries.notes(self.actor, partner)[:50]),
            "agreements": shown.agreements(queries.agreements(self.actor, partner)),
            "timeline": shown.timeline(queries.events(self.actor, partner)),
        }

    def after(self, partner: Partner) -> str:
        return page_of(self.request, partner)


class PartnerEdit(ConsolePage):
    """Everything that is known about a partner, as a form."""

    permission = "partner.edit"

    def get(self, request, reference: str):
        partner = one_partner(self.actor, reference)
        return self.page(partner, forms.Company.showing(partner))

    def post(self, request, reference: str):
        partner = one_partner(self.actor, reference)
        form = forms.Company(request.POST)
        if not form.is_valid():
            return self.page(partner, form, 422)
        try:
            services.amend(partner, form.particulars(), by=self.actor, at=self.at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self.page(partner, form, 422)
        except Stale as stale:
            return self.stale(partner, form, stale)
        messages.success(request, _("Saved."))
        return redirect(page_of(request, partner))

    def stale(self, partner: Partner, form, stale: Stale) -> HttpResponse:
        """What was typed stays on the page; sending it once more means it."""
        form.data = form.data.copy()
        form.data["version"] = partner.version
        form.add_error(None, stale.reason)
        return self.page(partner, form, 409)

    def page(self, partner: Partner, form, status: int = 200) -> HttpResponse:
        context = {"heading": _("Edit %s") % partner, "crumbs": crumbs(partner), "partner": partner, "form": form}
        return self.show("partners/console_form.html", context, status)


class ContactPage(ConsoleActionPage):
    """One contact of a partner."""

    permission = "partner.edit"
    actions = {
        "edit": Action(services.edit_contact, forms.ContactForm, gettext_lazy("Saved.")),
        "remove": Action(services.remove_contact, None, gettext_lazy("Contact removed.")),
    }

    def subject(self) -> Contact:
        self.partner = one_partner(self.actor, self.kwargs["reference"])
        rows = queries.contacts(self.actor, self.partner)
        return one_or_404(rows, pk=parse_public_id(Contact.prefix, self.kwargs["contact"]))

    def page(self, contact: Contact, status: int = 200, bound=None) -> HttpResponse:
        shown_now = {name: getattr(contact, name) for name in forms.ContactForm.base_fields}
        context = {
            "heading": str(contact),
            "crumbs": crumbs(self.partner),
            "here": reverse("admin:partner_contact", args=[self.partner.reference, contact.public_id]),
            "form": (bound or {}).get("edit") or forms.ContactForm(initial=shown_now),
        }
        return self.show("partners/console_contact.html", context, status)

    def after(self, contact: Contact) -> str:
        return self.partner.get_console_url()


class MemberPage(portal.MemberPage):
    """One colleague at a partner, for the vendor."""

    audience = ("vendor",)

    def after(self, member) -> str:
        return member.partner.get_console_url()

    def here(self, member) -> str:
        return reverse("admin:partner_member", args=[member.partner.reference, member.public_id])


class InvitationPage(portal.InvitationPage):
    audience = ("vendor",)

    def after(self, invitation) -> str:
        return invitation.partner.get_console_url()


console_patterns = [
    re_path(REFERENCE + "$", PartnerPage.as_view(), name="partner"),
    re_path(REFERENCE + "edit/$", PartnerEdit.as_view(), name="partner_edit"),
    re_path(REFERENCE + r"contacts/(?P<contact>\w+)/$", ContactPage.as_view(), name="partner_contact"),
    re_path(
        REFERENCE + r"contacts/(?P<contact>\w+)/(?P<verb>\w+)/$", ContactPage.as_view(), name="partner_contact_verb"
    ),
    re_path(REFERENCE + r"people/(?P<member>\w+)/$", MemberPage.as_view(), name="partner_member"),
    re_path(REFERENCE + r"people/(?P<member>\w+)/(?P<verb>\w+)/$", MemberPage.as_view(), name="partner_member_verb"),
    path("invitations/<str:invitation>/<slug:verb>/", InvitationPage.as_view(), name="invitation_verb"),
    re_path(REFERENCE + r"(?P<verb>\w+)/$", PartnerPage.as_view(), name="partner_verb"),
]
