"""One request, for its partner."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy

from core.doors import Action, ActionPage, one_or_404
from mdf import shown
from mdf.enums import RequestStatus
from mdf.forms import answering as forms
from mdf.forms import reporting
from mdf.models import Activity, Request
from mdf.portal.requesting import CHANGED, WRITTEN, crumbs
from mdf.queries import own as queries
from mdf.rules import decision_due
from mdf.services import deciding, executing, requests, results
from mdf.workflow import REQUEST

_FORMS = {"answer": forms.Reply, "cancel": forms.CallOff}


def _more_time(request: Request, asked: Any, *, by, at) -> Activity:
    return executing.ask_extension(asked.activity, asked.words, by=by, at=at)


def _report(request: Request, told: Any, *, by, at) -> Activity:
    return results.report(told.activity, told.result, by=by, at=at)


class RequestPage(ActionPage):
    """Where a request stands, what was decided of each activity, what one can do. A draft: the check before sending."""

    workflow = REQUEST
    actions = {
        "submit": Action(requests.submit, None, gettext_lazy("Sent. What comes next stands here.")),
        "answer": Action(requests.answer, forms.Reply, gettext_lazy("Answer sent.")),
        "confirm": Action(requests.confirm, None, gettext_lazy("Confirmed. We decide now."), step=""),
        "accept": Action(deciding.accept, None, gettext_lazy("Accepted. The money is set aside for you.")),
        "withdraw": Action(requests.withdraw, None, gettext_lazy("Request withdrawn.")),
        "cancel": Action(deciding.cancel, forms.CallOff, gettext_lazy("Called off. What was set aside is free again.")),
        "report": Action(_report, reporting.Report, gettext_lazy("Thank you. It stands in your record."), step=""),
        "extend": Action(_more_time, forms.MoreTime, gettext_lazy("Asked. We answer soon."), step=""),
    }

    def subject(self) -> Request:
        return one_or_404(queries.requests(self.actor), reference=self.kwargs["reference"])

    def bind(self, action: Action, subject: Request):
        if action.form is forms.MoreTime:
            return forms.MoreTime(self.request.POST, activities=list(subject.activities.all()))
        if action.form is reporting.Report:
            return reporting.Report(self.request.POST, due=self.due(list(subject.activities.all())))
        return super().bind(action, subject)

    def due(self, activities: list[Activity]) -> dict[Activity, tuple[int, ...]]:
        """Results that are awaited now, of whom may report them."""
        if not self.actor.can("mdf.claim"):
            return {}
        found = {one: results.missing(one, self.at.date()) for one in activities}
        return {one: days for one, days in found.items() if days}

    def page(self, request: Request, status: int = 200, bound=None) -> HttpResponse:
        bound = bound or {}
        activities = queries.activities(request)
        menu = {choice.step.name: choice.barred for choice in REQUEST.menu(request, by=self.actor, at=self.at)}
        context = {
            "heading": str(request),
            "lead": request.reference,
            "status": shown.request_tag(request, self.actor),
            "crumbs": crumbs(),
            "request_": request,
            "menu": menu,
            "may_write": self.actor.can("mdf.request") and request.status in (*WRITTEN, *CHANGED),
            "form": next(iter(bound.values()), None),
            **{f"{verb}_form": bound.get(verb) or make(auto_id=f"{verb}-%s") for verb, make in _FORMS.items()},
            "more_time": bound.get("extend"),
            "report_form": bound.get("report") or self.report_form(activities),
        }
        draft = request.status == RequestStatus.DRAFT
        return (
            self._check(request, activities, context, status)
            if draft
            else self._story(request, activities, context, status)
        )

    def report_form(self, activities: list[Activity]) -> reporting.Report | None:
        due = self.due(activities)
        return reporting.Report(due=due, auto_id="report-%s") if due else None

    def _check(self, request: Request, activities: list[Activity], context: dict, status: int) -> HttpResponse:
        """All that follows from sending it, before it is sent."""
        more = {
            "ahead": shown.ahead(request, activities),
            "cards": shown.cards(request, activities, self.actor, self.at),
            "answer_by": decision_due(request.fund_terms, self.at, request.partner.time_zone),
            "steps": shown.step_words(request),
            "at_once": bool(activities) and deciding.needs_nobody(request, self.at),
            "barred": context["menu"].get("submit"),
        }
        return self.show("mdf/check.html", context | more, status)

    def _story(self, request: Request, activities: list[Activity], context: dict, status: int) -> HttpResponse:
        claims = [claim.pk for one in activities for claim in one.claims.all()]
        events = queries.story(self.actor, [request.pk, *(one.pk for one in activities), *claims])
        more = {
            "clock": shown.clock(request, activities, self.at),
            "stages": shown.stages(request, activities),
            "facts": shown.facts(request),
            "cards": shown.cards(request, activities, self.actor, self.at),
            "timeline": shown.moments(events),
            "may_confirm": shown.may_confirm(request, self.actor),
        }
        return self.show("mdf/request.html", context | more, status)
