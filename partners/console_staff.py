"""The console's pages about colleagues at the vendor, for administrators."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import queries as people
from accounts import services
from accounts.models import User
from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.errors import Refused
from core.ids import parse_public_id
from core.parts import Action as Button
from core.parts import Column, Crumb, Row, Table, Tag
from partners import forms
from partners import services as partners
from partners.enums import StaffRole
from partners.forms.care import RegionsForm


def _crumbs() -> list[Crumb]:
    return [Crumb(_("Colleagues"), reverse("admin:staff"))]


def _state(user: User) -> Tag:
    return Tag(_("Active"), "good") if user.is_active else Tag(_("Deactivated"), "bad")


def role_of(user: User) -> str:
    return str(StaffRole(user.staff_role).label) if user.staff_role in StaffRole.values else _("None")


class Staff(ConsolePage):
    """Everybody who works for the vendor here."""

    permission = "staff.manage"

    def get(self, request):
        columns = (
            Column(_("Name")), Column(_("E-mail")), Column(_("Role")), Column(_("Two-step sign-in"), "tag"),
            Column(_("State"), "tag"), Column(_("Last seen"), "when"),
        )  # fmt: skip
        rows = [self._row(user) for user in people.staff().order_by("-is_active", "name")]
        context = {
            "heading": _("Colleagues"),
            "primary": Button(_("Add a colleague"), href=reverse("admin:staff_new"), tone="primary", icon="plus"),
            "table": Table(_("Colleagues"), columns, rows),
        }
        return self.show("partners/console_table.html", context)

    def _row(self, user: User) -> Row:
        two_step = Tag(_("On"), "good") if user.two_step else Tag(_("Off"), "warn")  # type: ignore[attr-defined]
        cells = (str(user), user.email, role_of(user), two_step, _state(user), user.last_login)
        return Row(cells, reverse("admin:staff_person", args=[user.public_id]))


class StaffNew(ConsolePage):
    """Adds a colleague; they sign in by a code to their address and then choose a password or a passkey."""

    permission = "staff.manage"

    def get(self, request):
        return self.page(forms.StaffForm())

    def post(self, request):
        form = forms.StaffForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            user = services.hire(form.particulars(), by=self.actor, at=self.at)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.reason)
            return self.page(form, 422)
        messages.success(request, _("%s can sign in now, with a code by e-mail.") % user)
        return redirect("admin:staff")

    def page(self, form, status: int = 200) -> HttpResponse:
        context = {"heading": _("Add a colleague"), "crumbs": _crumbs(), "form": form, "save": _("Add colleague")}
        return self.show("partners/console_form.html", context, status)


class StaffPerson(ConsoleActionPage):
    """One colleague: role, second factor, access."""

    permission = "staff.manage"
    actions = {
        "role": Action(services.change_staff_role, forms.StaffRoleForm, gettext_lazy("Role changed.")),
        "regions": Action(
            partners.give_regions, RegionsForm, gettext_lazy("Saved. It holds from their next click on.")
        ),
        "deactivate": Action(services.deactivate, None, gettext_lazy("Deactivated and signed out everywhere.")),
        "reactivate": Action(services.reactivate, None, gettext_lazy("They can sign in again.")),
        "reset": Action(
            services.reset_second_factor, None, gettext_lazy("Removed. The next sign-in sets up a new one.")
        ),
    }

    def subject(self) -> User:
        return one_or_404(people.staff(), pk=parse_public_id(User.prefix, self.kwargs["person"]))

    def page(self, user: User, status: int = 200, bound=None) -> HttpResponse:
        context = {
            "heading": str(user),
            "lead": f"{user.email} · {role_of(user)}",
            "status": _state(user),
            "crumbs": _crumbs(),
            "person_shown": user,
            "here": reverse("admin:staff_person", args=[user.public_id]),
            "regions": self.regions(user, bound or {}),
            "form": (bound or {}).get("role") or forms.StaffRoleForm(initial={"role": user.staff_role}),
        }
        return self.show("partners/console_staff.html", context, status)

    def bind(self, action: Action, subject: User):
        if action.form is RegionsForm:
            return RegionsForm(self.request.POST, actor=self.actor, person=subject)
        return super().bind(action, subject)

    def regions(self, user: User, bound):
        """The form of a channel manager's regions."""
        if user.staff_role != StaffRole.CHANNEL_MANAGER:
            return None
        return bound.get("regions") or RegionsForm(actor=self.actor, person=user)

    def after(self, user: User) -> str:
        return reverse("admin:staff_person", args=[user.public_id])


console_patterns = [
    path("staff/", Staff.as_view(), name="staff"),
    path("staff/new/", StaffNew.as_view(), name="staff_new"),
    path("staff/<str:person>/", StaffPerson.as_view(), name="staff_person"),
    path("staff/<str:person>/<slug:verb>/", StaffPerson.as_view(), name="staff_verb"),
]
