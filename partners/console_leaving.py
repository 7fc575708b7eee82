"""The console's pages about a partner's data as a file, and about how long people are kept."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.ids import parse_public_id
from core.parts import Fact
from partners import services
from partners.models import PartnerExport
from partners.particulars import Keeping

FEWEST, MOST = 6, 240


class ExportPage(ConsoleActionPage):
    """Hands a file out; the link is good for five minutes, and the event says who took it."""

    permission = "partner.export"
    actions = {"fetch": Action(services.fetch_export)}

    def subject(self) -> PartnerExport:
        rows = PartnerExport.objects.visible_to(self.actor).select_related("partner", "file")
        return one_or_404(rows, pk=parse_public_id(PartnerExport.prefix, self.kwargs["export"]))

    def page(self, row: PartnerExport, status: int = 200, bound=None) -> HttpResponse:
        return redirect(row.partner.get_console_url())

    def after(self, row: PartnerExport) -> str:
        return row.file.get_absolute_url() if row.file else row.partner.get_console_url()


class KeepingForm(forms.Form):
    months = forms.IntegerField(
        label=gettext_lazy("Months"),
        required=False,
        min_value=FEWEST,
        max_value=MOST,
        help_text=gettext_lazy("Leave it empty to keep them for ever. 24 is usual."),
    )

    def particulars(self) -> Keeping:
        return Keeping(self.cleaned_data["months"])


class KeepingPage(ConsolePage):
    """For how long people who left are kept: first counted, then set; the night forgets."""

    permission = "staff.manage"

    def get(self, request):
        form = KeepingForm(request.GET) if "months" in request.GET else None
        if form is None:
            return self.page(KeepingForm(initial={"months": services.months_kept()}))
        return self.page(form, asked=form.is_valid(), status=200 if form.is_valid() else 422)

    def post(self, request):
        form = KeepingForm(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        services.keep_people_for(form.particulars(), by=self.actor, at=self.at)
        messages.success(request, _("Saved. The next night forgets who is past that time."))
        return redirect("admin:keeping")

    def page(self, form, *, asked: bool = False, status: int = 200) -> HttpResponse:
        months = form.cleaned_data["months"] if asked else services.months_kept()
        context = {
            "heading": _("How long we keep people"),
            "lead": _("Who left a partner longer ago loses name, address and all other personal words. History stays."),
            "form": form,
            "asked": asked,
            "months": months,
            "facts": self.counted(months) if months else [],
        }
        return self.show("partners/keeping.html", context, status)

    def counted(self, months: int) -> list[Fact]:
        """Who would be forgotten now."""
        users, contacts, invited = services.past_their_time(months, self.at)
        return [
            Fact(_("People who signed in"), users.count()),
            Fact(_("Contacts"), contacts.count()),
            Fact(_("Addresses that were invited"), invited.count()),
        ]


console_patterns = [
    path("exports/<str:export>/<slug:verb>/", ExportPage.as_view(), name="export_verb"),
    path("keeping/", KeepingPage.as_view(), name="keeping"),
]
