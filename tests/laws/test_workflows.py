"""Every workflow: no state out of reach, no dead end, no step past the table."""

from collections.abc import Callable, Iterable

import pytest
from django.test import Client

from core.actor import NOBODY, SYSTEM, Actor
from core.errors import Forbidden, IllegalTransition
from core.ids import uuid7
from core.management.commands.draw_docs import Found, event_types, found_workflows
from core.models import Event
from core.workflow import SYSTEM_ONLY, Step, Workflow, illegal_moves
from partners import roles
from partners.enums import MemberRole, StaffRole
from prm.api import RESOURCES
from prm.reactions import TABLE
from tests.factories import NOW
from tests.laws.source import none
from tests.laws.test_refusals import put, state_of
from tests.laws.world import snapshot
from tests.sampled import LONG

FOUND = found_workflows()
BY_NAME = pytest.mark.parametrize("one", FOUND, ids=lambda one: f"{one.app}.{one.name}")


def everybody() -> list[Actor]:
    """One of each role, a key that may everything, nobody and the system."""
    members = [Actor(f"partner {r}", "partner", uuid7(), permissions=roles.of_member(r)) for r in MemberRole]
    staff = [Actor(f"vendor {r}", "vendor", uuid7(), sees_all=True, permissions=roles.of_staff(r)) for r in StaffRole]
    keys = [
        Actor(f"key {bound}", "api", uuid7(), permissions=roles.of_scopes(frozenset("*"), bound=bound))
        for bound in (True, False)
    ]
    return [*members, *staff, *keys, NOBODY, SYSTEM]


def start_of(one: Found) -> str:
    return next(f for f in one.model._meta.concrete_fields if f.name == one.workflow.field).default


def out_of_reach(workflow: Workflow, states: Iterable[str], start: str) -> set[str]:
    """States that no way from the start leads to."""
    reached, more = set(), {start}
    while more:
        reached |= more
        more = {s.target for s in workflow.steps.values() if set(s.source) & reached} - reached
    return set(states) - reached


def dead_ends(workflow: Workflow, states: Iterable[str]) -> set[str]:
    """States that nothing leaves although they are not final, and final ones that something leaves."""
    left = {source for step in workflow.steps.values() for source in step.source if step.target != source}
    return {state for state in states if (state in left) == (state in workflow.final)}


def test_there_are_workflows():
    assert {f"{one.app}.{one.name}" for one in FOUND} >= {"deals.REGISTRATION", "tiers.REVIEW"}


@BY_NAME
def test_every_state_can_be_reached(one):
    assert out_of_reach(one.workflow, one.states, start_of(one)) == set()


@BY_NAME
def test_only_final_states_are_dead_ends(one):
    assert dead_ends(one.workflow, one.states) == set()


@BY_NAME
def test_every_step_has_a_holder(one):
    held = {name for name, sides in roles.PERMISSIONS.items() if any(sides)} | {SYSTEM_ONLY}
    assert {step.permission for step in one.workflow.steps.values()} <= held


def allowed_past_the_table(one: Found, actors: list[Actor]) -> list[str]:
    """(state, step, actor) that the table forbids and that are not refused."""
    pairs = illegal_moves(one.workflow, list(one.states))
    return [
        f"{state} {name} by {who.label}"
        for number, (state, name) in enumerate(pairs)
        for who in _some(actors, one.workflow.steps[name].permission, number)
        if not _refused(one, state, name, who)
    ]


def _some(actors: list[Actor], permission: str, number: int) -> list[Actor]:
    """All who have the right, and in the short form one without it, another one for the next move."""
    others = [who for who in actors if not who.can(permission)]
    turn = others if LONG or not others else [others[number % len(others)]]
    return [who for who in actors if who.can(permission)] + turn


def _refused(one: Found, state: str, name: str, who: Actor) -> bool:
    subject = one.model(pk=uuid7(), version=1, **{one.workflow.field: state})
    try:
        one.workflow.fire(subject, name, by=who, at=NOW)
    except IllegalTransition:
        return True
    except Forbidden:
        return not who.can(one.workflow.steps[name].permission)
    except Exception:  # anything else got past the table
        return False
    return False


@BY_NAME
@pytest.mark.sampled
@pytest.mark.django_db
def test_what_the_table_forbids_is_refused_to_every_role_and_leaves_no_event(one):
    assert illegal_moves(one.workflow, list(one.states)) != []
    none(allowed_past_the_table(one, everybody()))
    assert Event.objects.count() == 0


@BY_NAME
def test_a_menu_holds_exactly_what_may_be_taken(one):
    for state in one.states:
        subject = one.model(pk=uuid7(), version=1, **{one.workflow.field: state})
        for who in everybody():
            offered = {c.step.name for c in _menu(one, subject, who)}
            steps = one.workflow.steps.values()
            assert offered == {s.name for s in steps if state in s.source and who.can(s.permission)}


def _menu(one: Found, subject, who: Actor):
    """The menu without judgement: bars may need more of the record than its state."""
    plain = Workflow(
        *(Step(s.name, s.source, s.target, s.permission, s.verb, s.label) for s in one.workflow.steps.values()),
        field=one.workflow.field,
    )
    return plain.menu(subject, by=who, at=NOW)


# --- through the API --------------------------------------------------------------------------------------------------

# Columns that a state demands besides itself, so that any state can be put on any row.


def _steps_of_the_api() -> list[tuple]:
    """(resource, action) of every step that the API takes."""
    found = ((res, action) for res in RESOURCES for action in res.actions)
    return [(res, action) for res, action in found if res.workflow and action.step]


@pytest.mark.sampled
def test_the_api_answers_409_to_every_illegal_step_and_nothing_changes(world):
    """From two of the states, others for the next step; one of them with a look at all tables, the other at the row and
    the log. `make fuzz`: from all, with a look at everything."""
    client = Client(headers={"Authorization": f"Bearer {world.keys['vendor key']}"})
    faults = []
    for number, (res, action) in enumerate(_steps_of_the_api()):
        row, refusal = world.row(res.model._meta.label), _refusal(res, action)
        for state, look in _looks(_illegal_states(res, action), number):
            with put(row, state):
                faults += _beyond(client, f"/api/v1/{res.name}/{row.public_id}/{action.name}", row, refusal, look)
    none(faults)
    assert len(_steps_of_the_api()) >= 7


def _looks(states: list[str], number: int) -> list[tuple[str, Callable]]:
    """States to try, each with what to compare before and after."""
    if LONG:
        return [(state, _everything) for state in states]
    turned = states[number % len(states) :] + states[: number % len(states)]
    return list(zip(turned, (_everything, state_of), strict=False))


def _everything(_row) -> dict[str, str]:
    return snapshot()


def _refusal(res, action) -> tuple[int, str]:
    """What the vendor's key is told: what it has no right to do, it is not told the state of."""
    held = roles.of_scopes(frozenset({"*"}), bound=False)
    may = res.workflow.steps[action.step].permission in held
    return (409, "illegal_transition") if may else (403, "permission_denied")


def _beyond(client: Client, address: str, row, refusal: tuple[int, str], look: Callable) -> list[str]:
    before = look(row)
    answer = client.post(address, "{}", "application/json", headers={"If-Match": f'"{row.version}"'})
    code = answer.json().get("code")
    if (answer.status_code, code) == refusal and before == look(row):
        return []
    return [f"{address} from {row.status}: {answer.status_code} {code}"]


def _illegal_states(res, action) -> list[str]:
    states = type(next(iter(res.workflow.steps.values())).target)
    return [state for state in states if state not in res.workflow.steps[action.step].source]


def test_every_reaction_answers_an_event_that_somebody_records():
    known = set(event_types())
    known_verbs = {kind.partition(".")[2] for kind in known if kind.startswith("any record.")}  # of every API resource
    assert {kind for kind in TABLE if kind not in known and kind.partition(".")[2] not in known_verbs} == set()


# --- the laws bite ----------------------------------------------------------------------------------------------------


def _flow(*steps: tuple[str, str, str], final: tuple[str, ...] = ()) -> Workflow:
    return Workflow(*(Step(n, (a,), b, "deal.decide", n) for n, a, b in steps), final=final)


def test_a_state_out_of_reach_is_found():
    assert out_of_reach(_flow(("go", "a", "b")), ["a", "b", "c"], "a") == {"c"}


def test_a_dead_end_is_found():
    assert dead_ends(_flow(("go", "a", "b")), ["a", "b"]) == {"b"}
    assert dead_ends(_flow(("go", "a", "b"), final=("b",)), ["a", "b"]) == set()


def test_a_final_state_that_goes_on_is_found():
    assert dead_ends(_flow(("go", "a", "b"), ("back", "b", "a"), final=("b",)), ["a", "b"]) == {"b"}


class _Lenient(Workflow):
    """Forgets to look at the state."""

    def refusal(self, subject, name, *, by, at):
        return None if by.can(self.steps[name].permission) else Forbidden("no")

    def fire(self, subject, name, *, by, at, data=None, **values):
        self.check(subject, name, by=by, at=at)


def test_a_workflow_that_forgets_the_state_is_found():
    real = next(one for one in FOUND if one.name == "REGISTRATION")
    lenient = Found(real.app, real.name, _Lenient(*real.workflow.steps.values(), final=real.workflow.final))
    assert len(allowed_past_the_table(lenient, everybody())) > 10
