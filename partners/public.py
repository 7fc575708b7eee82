"""The page behind an invitation's link."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from accounts.queries import with_address
from core.clock import now
from core.errors import Forbidden, Refused, Stale
from core.scope import elevated
from partners import services
from partners.enums import InvitationStatus
from partners.forms import JoinForm
from partners.models import Invitation, Member
from partners.particulars import Newcomer
from partners.queries import invitation_with


class Join(View):
    """GET shows who invites to what; POST joins. A mail scanner that follows the link changes nothing."""

    def dispatch(self, request, token: str):
        self.at, self.invitation = now(), invitation_with(token)
        if self.invitation is None:
            return self.gone(_("This link doesn't work. Ask the person who invited you for a new one."), 404)
        if self.invitation.status == InvitationStatus.ACCEPTED:
            return self.gone(_("This invitation was used already. Sign in."), 410)
        if self.invitation.status != InvitationStatus.SENT or self.invitation.expires_at <= self.at:
            return self.gone(_("This invitation has ended. Ask the person who invited you for a new one."), 410)
        self.person, self.partner = with_address(self.invitation.email), self.invitation.partner
        return super().dispatch(request)

    def get(self, request):
        return self.page(None if self.person else JoinForm())

    def post(self, request):
        form = None if self.person else JoinForm(request.POST, email=self.invitation.email)  # type: ignore[union-attr]
        if form is not None and not form.is_valid():
            return self.page(form, 422)
        newcomer = form.particulars() if form is not None else Newcomer(self.person.name)  # type: ignore[union-attr]
        try:
            with elevated():
                member = services.accept(self.invitation, newcomer, by=request.actor, at=self.at)  # type: ignore[arg-type]
        except Stale as late:
            return self.gone(late.reason, 409)
        except (Refused, Forbidden) as refusal:
            return self.gone(refusal.reason, 422)
        return self.joined(member)

    def joined(self, member: Member) -> HttpResponse:
        """New people are signed in; who has an account signs in as always, with every factor."""
        messages.success(self.request, _("You belong to %s now.") % self.partner)
        if self.person is None:
            get_adapter().login(self.request, member.user)
        elif self.request.actor.id != member.user_id:  # type: ignore[attr-defined]
            return redirect(f"{reverse('account_login')}?next=/portal/")
        return redirect("/portal/")

    def page(self, form: JoinForm | None, status: int = 200) -> HttpResponse:
        invitation: Invitation = self.invitation  # type: ignore[assignment]
        other = self.request.actor.id is not None and (self.person is None or self.person.pk != self.request.actor.id)  # type: ignore[attr-defined]
        context = {
            "heading": _("Join %s") % self.partner,
            "invitation": invitation,
            "form": form,
            "person": self.person,
            "other": other,
        }
        return render(self.request, "partners/join.html", context, status=status)

    def gone(self, reason: str, status: int) -> HttpResponse:
        context = {"heading": _("Invitation"), "reason": reason}
        return render(self.request, "partners/join_gone.html", context, status=status)
