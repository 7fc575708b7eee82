"""The console's pages about many people of partners: a file of invitations, and who has signed in yet."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.console import ConsolePage
from core.errors import Refused
from core.parts import Action, Column, Crumb, Row, Table, Tag
from partners import people_file, queries, services
from partners.console import EVERYBODY
from partners.enums import MemberRole
from partners.models import Invitation, Member
from partners.particulars import Guest
from partners.people_file import Line

SHOWN = 200


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=gettext_lazy("With the columns partner, email and role; up to 500 people."),
    )


class InviteFile(ConsolePage):
    """A file of people: first shown row by row, then invited. Sending it twice invites once."""

    permission = "member.invite"

    def get(self, request):
        return self.page(FileForm())

    def post(self, request):
        if "rows" in request.POST:
            return self.invite(request.POST["rows"])
        form = FileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, status=422)
        try:
            text = people_file.text_of(form.cleaned_data["file"].read(people_file.MOST_BYTES + 1))
            return self.page(form, people_file.read(text, self.actor), text)
        except Refused as refusal:
            form.add_error("file", refusal.reason)
            return self.page(form, status=422)

    def invite(self, text: str) -> HttpResponse:
        try:
            lines = people_file.read(text, self.actor)
            guests = [Guest(line.partner, line.email, line.role) for line in lines if line.is_new and line.partner]
            done = services.invite_many(guests, by=self.actor, at=self.at)
        except Refused as refusal:
            messages.error(self.request, refusal.reason)
            return self.page(FileForm(), status=429 if refusal.code == "rate_limited" else 422)
        messages.success(self.request, ngettext("%d invitation sent.", "%d invitations sent.", done) % done)
        return redirect("admin:sign_ins")

    def page(self, form, lines: list[Line] | None = None, text: str = "", status: int = 200) -> HttpResponse:
        found = lines or []
        new = sum(line.is_new for line in found)
        context = {
            "heading": _("Invite people from a file"),
            "crumbs": [Crumb(_("Partners"), reverse(EVERYBODY)), Crumb(_("Sign-ins"), reverse("admin:sign_ins"))],
            "form": form,
            "table": self.table(found) if found else None,
            "text": text,
            "new": new,
            "wrong": sum(bool(line.why) for line in found),
            "sample": "partner,email,role\nP-7F3K2,ana@company.com,sales",
        }
        return self.show("partners/invite_file.html", context, status)

    def table(self, lines: list[Line]) -> Table:
        columns = (
            Column(_("Row"), "num"), Column(_("Partner")), Column(_("E-mail")), Column(_("Role")),
            Column(_("What happens"), "tag"),
        )  # fmt: skip
        return Table(_("The file, row by row"), columns, [self.row(line) for line in lines])

    def row(self, line: Line) -> Row:
        if line.why:
            verdict = Tag(line.why, "bad")
        else:
            verdict = Tag(_("Is there or invited already"), "") if line.known else Tag(_("Is invited"), "good")
        role = MemberRole(line.role).label if line.role in MemberRole.values else line.role
        return Row((line.number, str(line.partner or line.company), line.email, str(role), verdict))


class SignIns(ConsolePage):
    """Who was invited and has not come, who has an account and never signed in, who came first when."""

    permission = "member.invite"

    def get(self, request):
        never = list(queries.never_here(self.actor)[:SHOWN])
        invited = list(queries.open_invitations(self.actor)[:SHOWN])
        came = list(queries.first_time_here(self.actor)[:SHOWN])
        add = Action(_("Invite from a file"), href=reverse("admin:invite_file"), tone="primary", icon="upload")
        context = {
            "heading": _("Sign-ins"),
            "lead": _("Who has come to the portal, and who has not yet."),
            "crumbs": [Crumb(_("Partners"), reverse(EVERYBODY))],
            "primary": add,
            "waiting": self.invited(invited) if invited else None,
            "never": self.members(_("No sign-in yet"), never) if never else None,
            "came": self.members(_("Signed in"), came) if came else None,
        }
        return self.show("partners/sign_ins.html", context)

    def invited(self, rows: list[Invitation]) -> Table:
        columns = (Column(_("E-mail")), Column(_("Partner")), Column(_("Invited"), "when"), Column(_("State"), "tag"))
        found = [
            Row(
                (row.email, row.partner.name, row.sent_at, Tag(row.get_status_display(), self.tone(row))),
                row.partner.get_console_url(),
            )
            for row in rows
        ]
        return Table(_("Invited, not here yet"), columns, found)

    def tone(self, row: Invitation) -> str:
        return "warn" if row.expires_at <= self.at else "info"

    def members(self, caption: str, rows: list[Member]) -> Table:
        columns = (Column(_("Name")), Column(_("Partner")), Column(_("Joined"), "when"), Column(_("Last seen"), "when"))
        found = [
            Row((str(m.user), m.partner.name, m.created_at, m.user.last_login), m.partner.get_console_url())
            for m in rows
        ]
        return Table(caption, columns, found)


console_patterns = [
    path("partners/partner/invite/", InviteFile.as_view(), name="invite_file"),
    path("partners/partner/sign-ins/", SignIns.as_view(), name="sign_ins"),
]
