"""One table per stateful model says what may happen; fire() is the only way a state changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Forbidden, IllegalTransition, Refused, Stale
from core.events import record
from core.models import Event, Record

Bar = Callable[[Any, datetime], str | None]
SYSTEM_ONLY = "system"  # a permission that no role holds: sweeps and services take such steps


@dataclass(frozen=True)
class Step:
    """One move: from these states to that one, for holders of `permission`, barred while a bar gives a sentence."""

    name: str
    source: tuple[str, ...]
    target: str
    permission: str
    verb: str  # of the event: approved, rejected …
    label: Any = ""  # may be lazily translated
    unless: tuple[Bar, ...] = ()

    def barred(self, subject: Any, at: datetime) -> str | None:
        return next((why for bar in self.unless if (why := bar(subject, at))), None)


@dataclass(frozen=True)
class Choice:
    """A step open to somebody in this state; `barred` is the sentence that says why it can't be taken now."""

    step: Step
    barred: str | None


class Workflow:
    """The steps of one model's `field`. Asked by pages for buttons, by services to act, by docs to draw."""

    def __init__(self, *steps: Step, field: str = "status", final: tuple[str, ...] = ()):
        self.steps = {step.name: step for step in steps}
        self.field = field
        self.final = final

    def state(self, subject: Any) -> str:
        return getattr(subject, self.field)

    def shut(self, subject: Any, name: str, *, by: Actor) -> Exception | None:
        """Why this step isn't open to this actor in this state, whatever the rules say: permission, then state."""
        step = self.steps[name]
        if not by.can(step.permission):
            return Forbidden(_("Your role can't do this. Ask your administrator."), permission=step.permission)
        if self.state(subject) not in step.source:
            return IllegalTransition(_("This can't be done any more: it is %s now.") % self._words(subject))
        return None

    def refusal(self, subject: Any, name: str, *, by: Actor, at: datetime) -> Exception | None:
        """Why this step can't be taken: permission first, then state, then rule. None when it can."""
        shut = self.shut(subject, name, by=by)
        why = None if shut else self.steps[name].barred(subject, at)
        return Refused(why, code="rule") if why else shut

    def hold(self, subject: Record, name: str, *, by: Actor) -> None:
        """Locks the row for a step that writes more than the row itself, until the transaction ends.

        Raises what shuts the step, and Stale when somebody moved the row since it was read.
        """
        if shut := self.shut(subject, name, by=by):
            raise shut
        rows = type(subject)._base_manager.filter(pk=subject.pk, version=subject.version)
        if not rows.select_for_update(of=("self",)).exists():
            raise self._lost(subject, self.state(subject))

    def check(self, subject: Any, name: str, *, by: Actor, at: datetime) -> Step:
        """The step, or raises its refusal."""
        refusal = self.refusal(subject, name, by=by, at=at)
        if refusal:
            raise refusal
        return self.steps[name]

    def menu(self, subject: Any, *, by: Actor, at: datetime) -> list[Choice]:
        """The steps this actor may take from the present state, in table order, each with what bars it."""
        state = self.state(subject)
        open_steps = (s for s in self.steps.values() if state in s.source and by.can(s.permission))
        return [Choice(step, step.barred(subject, at)) for step in open_steps]

    @transaction.atomic
    def fire(
        self, subject: Record, name: str, *, by: Actor, at: datetime, data: dict | None = None, **values: Any
    ) -> Event:
        """Compare-and-set on state (and on the version the caller read): one of two wins, the other gets Stale.

        `values` are columns that change with the state; `data` goes into the event beside before and after.
        """
        step = self.check(subject, name, by=by, at=at)
        before = self.state(subject)
        rows = type(subject)._base_manager.filter(pk=subject.pk, version=subject.version, **{self.field: before})
        if rows.update(**{self.field: step.target}, **values) != 1:
            raise self._lost(subject, before)
        subject.refresh_from_db()
        moved = {self.field: [before, step.target]}
        partner_id = getattr(subject, "partner_id", None)
        return record(step.verb, subject, by=by, at=at, partner_id=partner_id, data={"changes": moved} | (data or {}))

    def _lost(self, subject: Record, before: str) -> Stale:
        subject.refresh_from_db()
        if self.state(subject) != before:
            return Stale(_("Somebody was faster: it is %s now.") % self._words(subject))
        return Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")

    def _words(self, subject: Any) -> str:
        return str(getattr(subject, f"get_{self.field}_display")()).lower()

    def diagram(self) -> str:
        """The table as a Mermaid state diagram."""
        arrows = [f"    {source} --> {s.target}: {s.name}" for s in self.steps.values() for source in s.source]
        return "\n".join(["stateDiagram-v2", *arrows, *(f"    {state} --> [*]" for state in self.final)])


def illegal_moves(workflow: Workflow, states: Mapping[str, Any] | list[str]) -> list[tuple[str, str]]:
    """Every (state, step) that the table forbids."""
    return [(state, step.name) for state in states for step in workflow.steps.values() if state not in step.source]
