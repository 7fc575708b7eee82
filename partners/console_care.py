"""The console's pages about absences and about partners that change hands together."""

from collections.abc import Collection
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.errors import Refused, Stale
from core.ids import parse_public_id
from core.parts import Column, Crumb, Row, Table, Tag
from partners import queries, rules, services
from partners.console import EVERYBODY
from partners.forms import care as forms
from partners.models import Absence, Partner


class Absences(ConsolePage):
    """Who is away and who decides meanwhile, and the form that says so."""

    def get(self, request):
        return self.page(forms.AwayForm(actor=self.actor))

    def post(self, request):
        form = forms.AwayForm(request.POST, actor=self.actor)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            services.be_away(form.particulars(), by=self.actor, at=self.at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self.page(form, 422)
        messages.success(request, _("Saved. The queue and the mails go to the other one meanwhile."))
        return redirect("admin:absences")

    def page(self, form, status: int = 200) -> HttpResponse:
        mine = self.actor.can("partner.edit")
        rows = [
            {"row": row, "ends": mine or row.person_id == self.actor.id}
            for row in queries.absences(self.actor, self.at.date())[:100]
        ]
        context = {
            "heading": _("Absences"),
            "lead": _("Whoever is away is stood in for: queue and mails go to the other one."),
            "absences": rows,
            "today": self.at.date(),
            "form": form,
        }
        return self.show("partners/absences.html", context, status)


class AbsenceEnd(ConsoleActionPage):
    actions = {"end": Action(services.be_back, None, gettext_lazy("Ended."))}

    def subject(self) -> Absence:
        rows = queries.absences(self.actor, self.at.date())
        return one_or_404(rows, pk=parse_public_id(Absence.prefix, self.kwargs["absence"]))

    def page(self, row: Absence, status: int = 200, bound=None) -> HttpResponse:
        return redirect(self.after(row))

    def after(self, row: Absence) -> str:
        return reverse("admin:absences")


class Reassign(ConsolePage):
    """Many partners go to another manager: first shown, then done."""

    permission = "partner.edit"

    def get(self, request):
        form = forms.ReassignForm(request.GET or None, actor=self.actor)
        if request.GET and form.is_valid():
            return self.page(form, list(form.rows(self.actor)[: rules.REASSIGNED_AT_ONCE]))
        return self.page(form, None, 422 if request.GET else 200)

    def post(self, request):
        form = forms.ReassignForm(request.POST, actor=self.actor)
        if not form.is_valid():
            return self.page(form, None, 422)
        rows = forms.chosen(form.rows(self.actor), request.POST.getlist("partner"))
        try:
            done = services.reassign(rows, form.particulars(), by=self.actor, at=self.at)
        except (Refused, Stale) as refusal:
            messages.error(request, refusal.reason)
            return self.page(form, list(form.rows(self.actor)[: rules.REASSIGNED_AT_ONCE]), 422)
        words = ngettext("%(n)d partner goes to %(who)s.", "%(n)d partners go to %(who)s.", done)
        messages.success(request, words % {"n": done, "who": form.cleaned_data["manager"]})
        self.tell_lost(rows)
        return redirect(EVERYBODY)

    def tell_lost(self, rows: list[Partner]) -> None:
        """Says how many of these partners were given out of this person's sight."""
        if not self.actor.reach:
            return
        seen = queries.companies(self.actor).filter(pk__in=[p.pk for p in rows]).count()
        words = ngettext(
            "%d partner is none of those you look after now: you don't see it any more. Others do.",
            "%d partners are none of those you look after now: you don't see them any more. Others do.",
            len(rows) - seen,
        )
        if seen < len(rows):
            messages.info(self.request, words % (len(rows) - seen))

    def page(self, form, rows: list[Partner] | None, status: int = 200) -> HttpResponse:
        lost = {p.pk for p in rows or () if rules.leaves_sight(p, form.cleaned_data["manager"].pk, self.actor.reach)}
        context = {
            "heading": _("Change who looks after partners"),
            "crumbs": [Crumb(_("Partners"), reverse(EVERYBODY))],
            "form": form,
            "kept": [(name, form.data.get(name, "")) for name in form.fields],
            "table": self.table(rows, lost) if rows else None,
            "lost": bool(lost),
            "asked": rows is not None,
            "count": len(rows or ()),
        }
        return self.show("partners/reassign.html", context, status)

    def table(self, rows: list[Partner], lost: Collection[UUID]) -> Table:
        columns = [Column(_("Partner")), Column(_("Now with")), Column(_("Backup")), Column(_("Region"))]
        if lost:
            columns.append(Column(_("After that"), "tag"))
        after = {pk: Tag(_("Out of your sight"), "warn") for pk in lost}
        found = [
            Row(
                (p.name, str(p.manager or ""), str(p.backup or ""), p.region, after.get(p.pk, ""))[: len(columns)],
                p.get_console_url(),
                id=p.reference,
            )
            for p in rows
        ]
        return Table(_("What will change"), columns, found)


console_patterns = [
    path("absences/", Absences.as_view(), name="absences"),
    path("absences/<str:absence>/<slug:verb>/", AbsenceEnd.as_view(), name="absence_verb"),
    path("partners/partner/reassign/", Reassign.as_view(), name="partner_reassign"),
]
