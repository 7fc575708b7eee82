"""The console's page about what channel managers see: all partners, or those of their regions."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsolePage
from core.parts import Column, Fact, Row, Table, Tag
from partners import queries, services
from partners.particulars import Sight


class SightForm(forms.Form):
    """All, or their own."""

    ALL, OWN = "all", "own"
    sight = forms.ChoiceField(
        label=gettext_lazy("Channel managers see"),
        choices=[
            (ALL, gettext_lazy("all partners")),
            (OWN, gettext_lazy("the partners of their regions, and those they look after")),
        ],
        widget=forms.RadioSelect,
    )

    def particulars(self) -> Sight:
        return Sight(self.cleaned_data["sight"] == self.OWN)


class RegionsPage(ConsolePage):
    """The switch, and what it means for each channel manager."""

    permission = "staff.manage"

    def get(self, request):
        kept = services.managers_are_kept()
        return self.page(SightForm(initial={"sight": SightForm.OWN if kept else SightForm.ALL}))

    def post(self, request):
        form = SightForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        services.keep_managers(form.particulars(), by=self.actor, at=self.at)
        messages.success(request, _("Saved. It holds from their next click on."))
        return redirect("admin:regions")

    def page(self, form, status: int = 200) -> HttpResponse:
        nobodys, without = queries.unlooked_after(self.actor)
        context = {
            "heading": _("Managers and regions"),
            "lead": _("Which partners channel managers see and decide about. Everybody else at the vendor sees all."),
            "form": form,
            "table": self.table(),
            "facts": [
                Fact(_("Regions without a manager"), ", ".join(nobodys) or _("None")),
                Fact(_("Partners without a region"), without),
            ],
        }
        return self.show("partners/regions.html", context, status)

    def table(self) -> Table | None:
        columns = (Column(_("Channel manager")), Column(_("Regions")), Column(_("Partners they would see"), "num"))
        rows = [
            Row(
                (str(one), ", ".join(one.places) or Tag(_("None yet"), "warn"), one.seen),  # type: ignore[attr-defined]
                reverse("admin:staff_person", args=[one.public_id]),
            )
            for one in queries.channel_managers()
        ]
        return Table(_("Channel managers"), columns, rows) if rows else None


console_patterns = [path("regions/", RegionsPage.as_view(), name="regions")]
