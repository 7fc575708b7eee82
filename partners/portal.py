"""Partners' pages about themselves: team and profile."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import services as accounts
from accounts.forms import PreferencesForm, preferences_of
from accounts.portal import remember
from core.doors import Action, ActionPage, Page, one_or_404
from core.errors import Forbidden
from core.ids import parse_public_id
from core.parts import Crumb
from partners import forms, queries, services, shown
from partners.enums import WORKING
from partners.models import Invitation, Member, Partner

YOURS = "id_your_%s"  # both forms of the profile page ask for a time zone


def own_company(actor) -> Partner:
    """Raises Forbidden for somebody who works for no partner now."""
    partner = queries.own_company(actor)
    if partner is None:
        raise Forbidden(_("You don't belong to a partner company now. Ask a colleague for an invitation."))
    return partner


class Team(ActionPage):
    """Who works here, who is invited, and the form that invites."""

    actions = {"invite": Action(services.invite, forms.InviteForm)}

    def subject(self) -> Partner:
        return own_company(self.actor)

    def page(self, partner: Partner, status: int = 200, bound=None) -> HttpResponse:
        manages = self.actor.can("member.invite")
        people = list(queries.members(self.actor, partner))
        context = {
            "heading": _("Team"),
            "lead": ngettext("%d person at %s", "%d people at %s", len(people)) % (len(people), partner),
            "table": shown.team(people, self.link if manages else None),
            "alone": len(people) == 1,
            "invitations": shown.invitations(queries.open_invitations(self.actor, partner)[:100], self.at),
            "manages": manages,
            "form": (bound or {}).get("invite") or (forms.InviteForm() if manages else None),
        }
        return self.show("partners/team.html", context, status)

    def link(self, member: Member) -> str:
        return reverse("portal:member", args=[member.public_id])

    def run(self, action, subject, form):
        sent = super().run(action, subject, form)
        words = ngettext("%d invitation sent.", "%d invitations sent.", len(sent)) % len(sent)
        messages.success(self.request, words)
        return sent

    def refused(self, subject, verb, form, refusal):
        response = super().refused(subject, verb, form, refusal)
        if refusal.code == "rate_limited":
            response.status_code = 429
        return response

    def after(self, subject) -> str:
        return reverse("portal:team")


class InvitationPage(ActionPage):
    """Send again and cancel."""

    permission = "member.invite"
    actions = {
        "resend": Action(services.resend, None, gettext_lazy("Sent again. The old link is dead.")),
        "cancel": Action(services.revoke, None, gettext_lazy("Invitation cancelled.")),
    }

    def subject(self) -> Invitation:
        rows = Invitation.objects.visible_to(self.actor).select_related("partner")
        return one_or_404(rows, pk=parse_public_id(Invitation.prefix, self.kwargs["invitation"]))

    def page(self, invitation: Invitation, status: int = 200, bound=None) -> HttpResponse:
        return redirect(self.after(invitation))

    def after(self, invitation: Invitation) -> str:
        return reverse("portal:team")


class MemberPage(ActionPage):
    """One colleague: role, and removal."""

    permission = "member.invite"
    actions = {
        "role": Action(services.change_role, forms.RoleForm, gettext_lazy("Role changed.")),
        "remove": Action(services.remove, None, gettext_lazy("Removed. They are signed out everywhere.")),
    }

    def subject(self) -> Member:
        return one_or_404(queries.members(self.actor), pk=parse_public_id(Member.prefix, self.kwargs["member"]))

    def page(self, member: Member, status: int = 200, bound=None) -> HttpResponse:
        context = {
            "heading": str(member.user),
            "lead": f"{member.user.email} · {member.get_role_display()}",
            "member": member,
            "crumbs": [Crumb(_("Team"), self.after(member))],
            "here": self.here(member),
            "form": (bound or {}).get("role") or forms.RoleForm(initial={"role": member.role}),
        }
        return self.show("partners/member.html", context, status)

    def after(self, member: Member) -> str:
        return reverse("portal:team")

    def here(self, member: Member) -> str:
        return reverse("portal:member", args=[member.public_id])


class Profile(Page):
    """The company's profile, and how I want to read."""

    def get(self, request, verb: str = ""):
        return redirect("portal:profile") if verb else self.page()

    def post(self, request, verb: str = ""):
        doors = {"company": self.company, "logo": self.logo, "you": self.you}
        if verb not in doors:
            raise Http404
        return doors[verb]()

    def company(self) -> HttpResponse:
        form = forms.Profile(self.request.POST)
        if not form.is_valid():
            return self.page(422, company=form)
        services.amend(own_company(self.actor), form.particulars(), by=self.actor, at=self.at)
        messages.success(self.request, _("Company profile saved."))
        return redirect("portal:profile")

    def logo(self) -> HttpResponse:
        form = forms.LogoForm(self.request.POST, self.request.FILES)
        if not form.is_valid():
            return self.page(422, logo=form)
        services.set_logo(own_company(self.actor), form.particulars(), by=self.actor, at=self.at)
        messages.success(self.request, _("Logo saved."))
        return redirect("portal:profile")

    def you(self) -> HttpResponse:
        form = PreferencesForm(self.request.POST, auto_id=YOURS)
        if not form.is_valid():
            return self.page(422, you=form)
        accounts.prefer(self.request.user, form.particulars(), by=self.actor, at=self.at)  # type: ignore[arg-type]
        messages.success(self.request, _("Your settings are saved."))
        return remember(redirect("portal:profile"), self.request.user)

    def page(self, status: int = 200, company=None, you=None, logo=None) -> HttpResponse:
        partner = own_company(self.actor)
        edits = self.actor.can("profile.edit")
        context = {
            "heading": _("Profile"),
            "lead": partner.name,
            "company": company or (forms.Profile.showing(partner) if edits else None),
            "facts": shown.facts(partner),
            "logo": logo or (forms.LogoForm() if edits else None),
            "partner": partner,
            "listed": partner.is_listed and partner.status in WORKING,
            "you": you or PreferencesForm(initial=preferences_of(self.request.user), auto_id=YOURS),
            "form": company or you or logo,
        }
        return self.show("partners/profile.html", context, status)
