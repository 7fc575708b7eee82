"""Touches in the console: found, linked to an opportunity, confirmed or not; and entered by our own people."""

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.console import ConsoleActionPage, ConsolePage
from core.doors import Action, one_or_404
from core.errors import Refused
from core.parts import Column, Fact, Row, Table
from deals.attribution import local_day
from deals.forms.touches import ClaimTouch, ConfirmTouch, LinkTouch, RefuseTouch
from deals.models import Opportunity, Touch
from deals.normalise import normal_name
from deals.services import touches
from deals.shown import attribution as shown
from deals.workflow import TOUCH
from partners.models import Partner

LISTED = 500
_FORMS = {"confirm": ConfirmTouch, "refuse": RefuseTouch}


class TouchPage(ConsoleActionPage):
    """One touch: what was claimed, for which opportunity, who was asked."""

    actions = {
        "confirm": Action(touches.confirm, ConfirmTouch, gettext_lazy("Touch confirmed.")),
        "refuse": Action(touches.refuse, RefuseTouch, gettext_lazy("The partner is told that it doesn't count.")),
        "link": Action(touches.link, LinkTouch, gettext_lazy("Linked. The owner is asked to confirm it.")),
    }

    def subject(self) -> Touch:
        rows = Touch.objects.visible_to(self.actor).filter(deleted_at=None)
        return one_or_404(rows.select_related("partner", "opportunity__account"), reference=self.kwargs["reference"])

    def post(self, request, *args, verb: str = "", **kwargs):
        if verb != "link":
            return super().post(request, *args, verb=verb, **kwargs)
        touch, form = self.subject(), LinkTouch(request.POST, find=self.opportunity)
        if not form.is_valid():
            return self.page(touch, 422, {"link": form})
        try:
            self.run(self.actions["link"], touch, form)
        except Refused as refusal:
            return self.refused(touch, verb, form, refusal)
        messages.success(request, self.actions["link"].said)
        return redirect(self.after(touch))

    def opportunity(self, reference: str) -> Opportunity | None:
        return Opportunity.objects.visible_to(self.actor).filter(reference=reference, deleted_at=None).first()

    def page(self, touch: Touch, status: int = 200, bound=None) -> HttpResponse:
        bound = bound or {}
        menu = {choice.step.name: choice for choice in TOUCH.menu(touch, by=self.actor, at=self.at)}
        context = {
            "heading": str(touch.opportunity or touch.account_name),
            "lead": f"{touch.reference} · {touch.partner}",
            "status": shown.touch_tag(touch),
            "touch": touch,
            "facts": _facts(touch),
            "late": shown.late_words(touch, touch.opportunity),
            "menu": menu,
            "forms": {
                name: bound.get(name) or form(auto_id=f"id_{name}_%s") for name, form in _FORMS.items() if name in menu
            },
            "link_form": (bound.get("link") or LinkTouch()) if menu else None,
            "near": self._near(touch) if menu else None,
            "opened": next(iter(bound), ""),
            "form": next(iter(bound.values()), None),
        }
        return self.show("deals/touches/decide.html", context, status)

    def _near(self, touch: Touch) -> Table | None:
        """Opportunities of a customer with this name."""
        name = normal_name(touch.account_name)
        if touch.opportunity_id or not name:
            return None
        rows = Opportunity.objects.visible_to(self.actor).filter(deleted_at=None)
        rows = rows.filter(Q(account__normal_name=name) | Q(name__iexact=touch.account_name))
        columns = (Column(_("Number")), Column(_("Opportunity")), Column(_("Stage")), Column(_("Opened"), "when"))
        found = [
            Row((one.reference, str(one), one.get_stage_display(), one.opened_on), one.get_console_url())
            for one in rows.order_by("-opened_on", "-id")[:10]
        ]
        return Table(_("Opportunities of this customer"), columns, found) if found else None

    def after(self, touch: Touch) -> str:
        return reverse("admin:touch", args=[touch.reference])


def _facts(touch: Touch) -> list[Fact]:
    one = touch.opportunity
    rows = [
        Fact(_("Partner"), touch.partner.name),
        Fact(_("Opportunity"), str(one) if one else None, href=one.get_console_url() if one else ""),
        Fact(_("Customer, as claimed"), touch.account_name),
        Fact(_("What it was"), touch.get_kind_display()),
        Fact(_("Day"), touch.happened_on),
        Fact(_("Entered"), touch.entered_at),
        Fact(_("Tracking code"), touch.campaign),
        Fact(_("What was done"), touch.note),
        Fact(_("Asked"), touch.asked_email),
        Fact(_("Answer due"), touch.due_at),
        Fact(_("Answered by"), touch.answered_label),
        Fact(_("Answer"), touch.answer),
    ]
    return [row for row in rows if row.value]


class TouchEnter(ConsolePage):
    """A touch our own people know of: confirmed at once. `?opportunity=O-…` chooses it."""

    permission = "touch.confirm"

    def form(self, data=None, initial=None) -> ClaimTouch:
        partners = Partner.objects.visible_to(self.actor).filter(deleted_at=None, is_direct=False).order_by("name")
        seen = Opportunity.objects.visible_to(self.actor).filter(deleted_at=None)
        wanted = (data or initial or {}).get("opportunity", "")
        rows = [*seen.filter(reference=wanted), *seen.exclude(reference=wanted).order_by("-opened_on", "-id")[:LISTED]]
        return ClaimTouch(data, initial=initial, partners=list(partners), opportunities=rows, today=local_day(self.at))

    def get(self, request):
        return self._page(self.form(initial={"opportunity": request.GET.get("opportunity", "")[:16]}))

    def post(self, request):
        form = self.form(request.POST)
        if not form.is_valid():
            return self._page(form, 422)
        try:
            with transaction.atomic():
                touch = touches.enter(form.particulars(), by=self.actor, at=self.at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
            return self._page(form, 422)
        messages.success(request, shown.late_words(touch, touch.opportunity) or _("Touch entered."))
        return redirect("admin:touch", touch.reference)

    def _page(self, form: ClaimTouch, status: int = 200) -> HttpResponse:
        return self.show("deals/touches/enter.html", {"heading": _("Enter a touch"), "form": form}, status)
