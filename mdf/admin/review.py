"""The decision page of one request."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import addresses, slots  # noqa: F401 - the first registers the converter
from core.doors import Action, one_or_404
from mdf import services, shown
from mdf.admin import cards, forms, queries, standing, words
from mdf.admin.pages import FundPage, crumbs, why_not
from mdf.enums import RUNNING, ActivityStatus, RequestStatus
from mdf.models import Activity, Request
from mdf.queries import own
from mdf.workflow import REQUEST

_DECIDED = (RequestStatus.REJECTED, RequestStatus.DECLINED)


class RequestPage(FundPage):
    """One request with all the evidence: approve (A), ask (Q) or decline (D)."""

    workflow = REQUEST
    actions = {
        "approve": Action(services.deciding.approve, forms.Approve, _("Approved.")),
        "ask": Action(services.deciding.ask, forms.Question, _("Question sent. Our clock stops until the answer.")),
        "reject": Action(services.deciding.reject, forms.Reason, _("Declined. The partner may send it again.")),
        "decline": Action(services.deciding.decline, forms.Reason, _("Declined for good.")),
        "extend": Action(services.executing.extend, forms.Extension, _("The partner has more time to claim."), step=""),
    }

    def subject(self) -> Request:
        rows = queries.with_activities(self.actor)
        return one_or_404(rows, reference=self.kwargs["reference"])

    def run(self, action: Action, subject: Request, form: Any) -> Any:
        if self.kwargs.get("verb") != "extend":
            return super().run(action, subject, form)
        return services.executing.extend(form.particulars(), by=self.actor, at=self.at)

    def page(self, request: Request, status: int = 200, bound: Mapping[str, Any] | None = None) -> HttpResponse:
        bound = bound or {}
        menu = {c.step.name: c for c in REQUEST.menu(request, by=self.actor, at=self.at)}
        approving = self.offered("approve", request, menu, bound)
        context = {
            "heading": str(request),
            "crumbs": crumbs(),
            "lead": f"{request.reference} · {request.partner} · {request.membership.program}",
            "status": words.status_tag(request),
            "funds": request,
            "clock": words.clock(request, self.at),
            "asked": words.asked(request),
            "approved": words.approved(request),
            "declined": request.status in _DECIDED,
            "stages": words.stages(request, queries.signed(request, self.actor)),
            "is_last_step": request.steps_done + 1 >= len(request.steps),
            "cards": [self._card(activity, request, approving) for activity in request.activities.all()],
            "timeline": self._timeline(request),
            "bars": self._bars(request),
            "relatives": shown.relatives(request, lambda one: one.get_console_url()),
            "records": slots.ask("mdf_record", self.actor, request, at=self.at),
            "menu": menu,
            "not_you": why_not(services.deciding.refuse_others, request, self.actor) if "approve" in menu else "",
            "opened": next(iter(bound), ""),
            "form": next(iter(bound.values()), None),
            "approving": approving,
            "forms": {name: self.offered(name, request, menu, bound) for name in ("ask", "reject", "decline")},
        }
        return self.show("mdf/console/request.html", context, status)

    def _card(self, activity: Activity, request: Request, form: Any) -> dict[str, Any]:
        evidence = words.evidence(activity, request.fund_terms)
        return {
            "activity": activity,
            "facts": words.activity_facts(activity, request.share_percent),
            "lines": words.lines_table(activity),
            "return": words.return_tag([activity], request.fund_terms.return_multiple),
            "fields": form.of(activity, evidence) if form else None,
            "verdicts": words.verdicts(activity, evidence),
            "claims": words.claims_table(activity),
            "claim_for": self._claim_for(activity, request),
            "extend": forms.Extension(subject=request, initial={"activity": activity.place_in_request}, auto_id=False)
            if self._may_extend(activity, request)
            else None,
        }

    def _claim_for(self, activity: Activity, request: Request) -> str:
        """Where a claim is written for the partner, of what can be claimed."""
        is_open = activity.status == ActivityStatus.APPROVED and request.status in RUNNING
        if not is_open or not self.actor.can("mdf.claim"):
            return ""
        return f"{reverse('admin:mdf_claim_for', args=[request.reference])}?activity={activity.public_id}"

    def _may_extend(self, activity: Activity, request: Request) -> bool:
        is_open = activity.status == ActivityStatus.APPROVED and not activity.claim_extended
        return is_open and bool(request.fund_terms.claim_extension_days) and self.actor.can("mdf.decide")

    def _timeline(self, request: Request) -> list[Any]:
        theirs = [request.pk, *(activity.pk for activity in request.activities.all())]
        return shown.moments(own.story(self.actor, theirs))

    def _bars(self, request: Request) -> list[standing.Standing]:
        allocation = request.allocation
        if allocation is None:
            return []
        asked = words.asked(request).amount if request.status == RequestStatus.IN_REVIEW else standing.ZERO
        of_budget = standing.of_budgets(self.actor, [allocation.budget_id])[allocation.budget_id]
        return [
            standing.allocation_bar(allocation, standing.of_allocation(self.actor, allocation), asked),
            standing.budget_bar(allocation.budget, of_budget),
        ]

    def after(self, request: Request) -> str:
        """To the next that waits for this person; here where this one still runs."""
        if self.kwargs.get("verb") == "extend":
            return request.get_console_url()
        waiting = cards.queue(self.actor, None, self.at)
        return waiting.items[0].url if waiting and waiting.items else reverse("admin:index")
