"""The console's pages about two partners that become one."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, re_path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.errors import Refused
from core.forms import TextField
from core.ids import parse_public_id
from core.parts import Fact
from partners import queries, services, shown
from partners.console import REFERENCE, crumbs, one_partner
from partners.forms import NoteForm
from partners.models import Merge, Partner
from partners.particulars import Joining
from partners.workflow import MERGE

KINDS = {
    "people": gettext_lazy("People who sign in"), "contacts": gettext_lazy("Contacts"),
    "invitations": gettext_lazy("Invitations"), "agreements": gettext_lazy("Agreements"),
    "notes": gettext_lazy("Notes"), "calls": gettext_lazy("Calls"), "values": gettext_lazy("Mutual value"),
    "integrations": gettext_lazy("Integrations"), "registrations": gettext_lazy("Deal registrations"),
    "leads": gettext_lazy("Leads"), "touches": gettext_lazy("Touches"),
    "opportunities": gettext_lazy("Roles in opportunities"), "memberships": gettext_lazy("Places in programs"),
    "earnings": gettext_lazy("Lines of earnings"), "market_funds": gettext_lazy("Requests for market funds"),
    "files": gettext_lazy("Files"),
}  # fmt: skip


class JoiningForm(forms.Form):
    """Which partner goes into this one, and why."""

    loser = TextField(
        label=gettext_lazy("The other partner's number"),
        max_length=16,
        help_text=gettext_lazy("Like P-7F3K2. It goes into this one and leaves only a signpost."),
    )
    reason = TextField(
        label=gettext_lazy("How we know that it is one company"), max_length=1000, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_loser(self) -> Partner:
        found = queries.companies(self.actor).filter(reference=self.cleaned_data["loser"].strip().upper()).first()
        if found is None:
            raise forms.ValidationError(_("There is no partner with this number."))
        return found

    def particulars(self) -> Joining:
        return Joining(**self.cleaned_data)


def facts(moved) -> list[Fact]:
    """What moves, by kind."""
    return [Fact(str(KINDS.get(name, name)), count) for name, count in moved.items()]


class MergeNew(ConsolePage):
    """Proposes that another partner goes into this one."""

    permission = "partner.merge"

    def get(self, request, reference: str):
        return self.page(one_partner(self.actor, reference), JoiningForm(actor=self.actor))

    def post(self, request, reference: str):
        partner = one_partner(self.actor, reference)
        form = JoiningForm(request.POST, actor=self.actor)
        if not form.is_valid():
            return self.page(partner, form, 422)
        try:
            merge = services.propose_merge(partner, form.particulars(), by=self.actor, at=self.at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self.page(partner, form, 422)
        return redirect("admin:merge", merge.public_id)

    def page(self, partner: Partner, form, status: int = 200) -> HttpResponse:
        context = {
            "heading": _("Merge another partner into %s") % partner, "crumbs": crumbs(partner), "partner": partner,
            "form": form, "save": _("Propose it"),
        }  # fmt: skip
        return self.show("partners/console_form.html", context, status)


class MergePage(ConsoleActionPage):
    """One proposal: what would move, and the second person's decision."""

    permission = "partner.merge"
    workflow = MERGE
    actions = {
        "carry_out": Action(services.carry_out_merge, None, gettext_lazy("They are one partner now.")),
        "refuse": Action(services.refuse_merge, NoteForm, gettext_lazy("They stay two.")),
    }

    def subject(self) -> Merge:
        rows = Merge.objects.visible_to(self.actor).select_related("winner", "loser", "proposed_by", "decided_by")
        return one_or_404(rows, pk=parse_public_id(Merge.prefix, self.kwargs["merge"]))

    def page(self, merge: Merge, status: int = 200, bound=None) -> HttpResponse:
        waits = merge.status == "proposed"
        moved, why = self.preview(merge) if waits else (merge.moved, "")
        context = {
            "heading": _("%(loser)s into %(winner)s") % {"loser": merge.loser, "winner": merge.winner},
            "lead": merge.get_status_display(),
            "crumbs": crumbs(merge.winner),
            "merge": merge,
            "waits": waits,
            "here": self.after(merge),
            "facts": facts(moved),
            "barred": why or (_("You proposed this. A colleague carries it out.") if self.is_mine(merge) else ""),
            "both": [(p, shown.vendor_facts(p)) for p in (merge.loser, merge.winner)] if waits else [],
            "form": (bound or {}).get("refuse") or NoteForm(),
        }
        return self.show("partners/console_merge.html", context, status)

    def is_mine(self, merge: Merge) -> bool:
        return merge.proposed_by_id == self.actor.id

    def preview(self, merge: Merge) -> tuple[dict, str]:
        try:
            return dict(services.preview_merge(services.Pair(merge.loser, merge.winner), at=self.at)), ""
        except Refused as refusal:
            return {}, str(refusal.reason)

    def after(self, merge: Merge) -> str:
        return reverse("admin:merge", args=[merge.public_id])


console_patterns = [
    re_path(REFERENCE + r"merge/$", MergeNew.as_view(), name="merge_new"),
    path("merges/<str:merge>/", MergePage.as_view(), name="merge"),
    path("merges/<str:merge>/<slug:verb>/", MergePage.as_view(), name="merge_verb"),
]
