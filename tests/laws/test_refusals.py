"""What the tables of steps forbid is refused at the doors of people, too: to whom, in which state, with which words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from django.db import models, transaction
from django.test import Client

from core.doors import ActionPage
from core.management.commands.draw_docs import Found, found_workflows
from core.models import Event
from core.workflow import SYSTEM_ONLY
from tests.laws.routes import Route, routes, rule_of, word
from tests.laws.source import none
from tests.laws.test_stranger import PARTNER, VENDOR, client_of, may
from tests.laws.world import World
from tests.sampled import LONG

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.sampled]

# What a form needs to be filled with so that the state alone is left to refuse.
WORDS = {
    "text": "Because it is so.", "reason": "Because it is so.", "code": "incomplete", "note": "Noted.",
    "decline_code": "other", "disqualified_code": "no_need", "next_step": "Call again.", "days": "10",
}  # fmt: skip


@dataclass(frozen=True)
class Door:
    """One verb of one page, and the step of the table it takes."""

    route: Route
    label: str  # of the model
    verb: str
    step: str
    flow: Found

    @property
    def is_partners(self) -> bool:
        return self.route.name.startswith("portal:")

    @property
    def permission(self) -> str:
        return self.flow.workflow.steps[self.step].permission


@cache
def flows() -> dict[str, Found]:
    """Model label → the workflow of its status."""
    return {one.model._meta.label: one for one in found_workflows()}


def doors_of_people() -> Iterator[Door]:
    """Every verb of every page that is a step of a workflow."""
    for route in routes():
        rule, page = rule_of(route), route.view_class
        if "verb" not in route.places or page is None or not issubclass(page, ActionPage):
            continue
        flow = flows().get(rule.of if isinstance(rule.of, str) else "")
        for verb, action in page.actions.items() if flow else ():
            step = verb if action.step is None else action.step
            if step in flow.workflow.steps:
                yield Door(route, rule.of, verb, step, flow)


DOORS = list(doors_of_people())
BY_NAME = pytest.mark.parametrize("door", DOORS, ids=lambda d: f"{d.route.name}-{d.verb}")


def address(door: Door, row: models.Model) -> str:
    rule = rule_of(door.route)
    return door.route.address({place: word(place, row, door.verb, rule) for place in door.route.places})


def people_of(door: Door) -> dict[str, str]:
    return PARTNER if door.is_partners else VENDOR


@contextmanager
def put(row: models.Model, state: str) -> Iterator[None]:
    """The row in this state for a while, whole enough for the constraints of every state; some are never left."""
    with transaction.atomic():
        _write(row, state)
        yield
        transaction.set_rollback(True)
    row.refresh_from_db()


def _write(row: models.Model, state: str) -> None:
    known = {f.name for f in row._meta.concrete_fields}
    whole = {
        "rejection_code": "incomplete", "decision_reason": "So.", "decided_label": "Mona", "answered_at": row.created_at,
        "decline_code": "other", "disqualified_code": "no_need", "accrued_at": row.created_at, "paid_at": row.created_at,
        "cancelled_code": "lost", "settled_at": row.created_at, "approved_at": row.created_at, "carried": "left_out",
        "failure": "So.", "answer": "So.", "decided_at": row.created_at,
    }  # fmt: skip
    values = {name: value for name, value in whole.items() if name in known}
    type(row)._base_manager.filter(pk=row.pk).update(status=state, **values)
    row.refresh_from_db()


def fullest(model: type[models.Model], world: World) -> Any:
    """The row of Acme (or of the vendor) with the fewest gaps: it fits in most states."""
    own = {"partner_id": world.cast.acme.pk} if "partner" in {f.name for f in model._meta.concrete_fields} else {}
    rows = model._base_manager.filter(**own)
    return max(rows, key=lambda row: sum(getattr(row, f.attname) is not None for f in model._meta.concrete_fields))


def state_of(row: models.Model) -> tuple[Any, int]:
    row.refresh_from_db()
    return row.version, Event.objects.count()


def illegal(door: Door) -> list[str]:
    return [state for state in door.flow.states if state not in door.flow.workflow.steps[door.step].source]


FEW = 2  # states and people that the short form tries at a door; `make fuzz` tries all


def some(of_all: list[str], door: Door) -> list[str]:
    """All of them in the long form, else a few: others at the next door, the same in every run."""
    first = 0 if LONG else DOORS.index(door) % max(len(of_all), 1)
    return of_all if LONG else (of_all[first:] + of_all[:first])[:FEW]


def taken_against_the_table(world: World, door: Door) -> list[str]:
    """(state) in which somebody with the right, and (role) without it, gets through or is told nothing."""
    row = fullest(door.flow.model, world)
    holder = next((who for who in people_of(door) if may(who, door.permission)), None)
    client = client_of(world, holder) if holder else None
    faults = []
    for state in some(illegal(door), door) if client else ():
        with put(row, state):
            faults += _not_refused(client, door, row, f"in {state} by {holder}", 409)
    with put(row, door.flow.workflow.steps[door.step].source[0]):
        for who in some([who for who in people_of(door) if not may(who, door.permission)], door):
            faults += _not_refused(client_of(world, who), door, row, f"by {who}", 403)
    return faults


def _not_refused(client: Client, door: Door, row: models.Model, where: str, status: int) -> list[str]:
    before = state_of(row)
    answer = client.post(address(door, row), WORDS, follow=True)
    told = status != 409 or "can&#x27;t be done any more" in answer.content.decode()
    code = 409 if status == 409 and answer.redirect_chain and told else answer.status_code  # to where it stands now
    if (code, told, state_of(row)) == (status, True, before):
        return []
    return [f"{door.route.name} {door.verb} {where}: {answer.status_code}{'' if told else ', no reason told'}"]


def test_the_pages_of_both_sides_have_such_verbs():
    assert {d.is_partners for d in DOORS if d.label == "deals.Registration"} == {True, False}
    assert len(DOORS) >= 12


def test_no_step_is_open_to_pages_that_only_the_system_takes():
    none([f"{d.route.name} {d.verb}" for d in DOORS if d.permission == SYSTEM_ONLY])


@BY_NAME
def test_what_the_table_forbids_is_refused_on_the_page(world, door):
    """At each door in two of the states and by two of the people it is shut for; `make fuzz`: in all, by all."""
    none(taken_against_the_table(world, door))


def test_a_page_that_takes_any_state_is_found(world, monkeypatch):
    door = next(d for d in DOORS if (d.label, d.verb) == ("deals.Registration", "withdraw"))
    monkeypatch.setattr(ActionPage, "shut", lambda self, action, verb, subject: None)
    monkeypatch.setattr(ActionPage, "run", lambda self, action, subject, form: subject)
    assert len(taken_against_the_table(world, door)) == 2 * FEW or LONG
