"""What every page shares: who may enter, and how a button becomes one call of a service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext_lazy as _
from django.views import View

from core.clock import now
from core.errors import Forbidden, Refused
from core.workflow import Workflow


@dataclass(frozen=True)
class Action:
    """A verb offered on a page: its service, the form that yields the particulars, and what to say when done."""

    service: Callable
    form: type[Form] | None = None
    said: Any = ""
    danger: bool = False
    step: str | None = None  # of the page's workflow; None: the one of the verb's own name, "": none


class Page(View):
    """A page for one kind of people. `permission`, if any, is needed for every method."""

    audience: ClassVar[tuple[str, ...]] = ("partner",)
    permission: ClassVar[str] = ""

    def dispatch(self, request, *args, **kwargs):
        self.actor, self.at = request.actor, now()
        if self.actor.kind == "anonymous":
            return to_sign_in(request)
        if self.actor.kind not in self.audience:
            raise Forbidden(_("This page is for other people. Go back to your own start page."))
        if self.permission:
            self.actor.require(self.permission)
        return super().dispatch(request, *args, **kwargs)

    def show(self, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
        return render(self.request, template, {"at": self.at, "actor": self.actor, **context}, status=status)


class ActionPage(Page):
    """A page about one object with verbs: GET shows it, POST to `<page>/<verb>/` runs the verb's service."""

    actions: ClassVar[Mapping[str, Action]] = {}
    workflow: ClassVar[Workflow | None] = None  # of the object: permission and state are asked before the form is read

    def subject(self):
        """The object of the address, read through visible_to; Http404 otherwise."""
        raise Http404

    def page(self, subject, status: int = 200, bound: Mapping[str, Form] | None = None) -> HttpResponse:
        """The page, with the forms in `bound` (verb → form with errors) opened."""
        raise Http404

    def get(self, request, *args, verb: str = "", **kwargs):
        return self.page(self.subject()) if not verb else redirect(request.path.rsplit(verb, 1)[0])

    def post(self, request, *args, verb: str = "", **kwargs):
        action = self.action(verb)
        if action is None:
            raise Http404
        subject = self.subject()
        shut = self.shut(action, verb, subject)
        if isinstance(shut, Refused):
            return self.refused(subject, verb, None, shut)
        if shut:
            raise shut
        form = self.bind(action, subject)
        if form is not None and not form.is_valid():
            return self.page(subject, 422, {verb: form})
        try:
            self.run(action, subject, form)
        except Refused as refusal:
            return self.refused(subject, verb, form, refusal)
        if action.said:
            messages.success(request, action.said)
        return redirect(self.after(subject))

    def action(self, verb: str) -> Action | None:
        return self.actions.get(verb)

    def shut(self, action: Action, verb: str, subject) -> Exception | None:
        """Why the verb's step isn't open to this reader in this state."""
        name = verb if action.step is None else action.step
        known = self.workflow is not None and name in self.workflow.steps
        return self.workflow.shut(subject, name, by=self.actor) if self.workflow and known else None

    def bind(self, action: Action, subject) -> Form | None:
        """The verb's form with what was sent; pages whose forms depend on the subject say how."""
        return action.form(self.request.POST, self.request.FILES) if action.form else None

    def run(self, action: Action, subject, form: Form | None) -> Any:
        particulars = [form.particulars()] if form is not None else []  # type: ignore[attr-defined]
        with transaction.atomic():
            return action.service(subject, *particulars, by=self.actor, at=self.at)

    def refused(self, subject, verb: str, form: Form | None, refusal: Refused) -> HttpResponse:
        """The reason beside the form; when somebody else moved it on, above the page as it is now."""
        moved_on = refusal.code == "illegal_transition"
        if form is None or moved_on:
            messages.error(self.request, refusal.reason)
            return self.page(self.subject(), 409 if moved_on else 422)
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.reason)
        return self.page(subject, 422, {verb: form})

    def after(self, subject) -> str:
        """Where to go when the verb is done: the object's own page."""
        return subject.get_absolute_url()


def to_sign_in(request) -> HttpResponseRedirect:
    """To the sign-in page and back to this very address."""
    return HttpResponseRedirect(
        f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()}, safe='/')}"
    )


def one_or_404(queryset, **lookup):
    """The single row of an already narrowed queryset, or Http404 (also for values the column can't hold)."""
    try:
        return queryset.get(**lookup)
    except (queryset.model.DoesNotExist, ValueError, OverflowError) as error:
        raise Http404 from error
