"""Doors translate and do nothing else: they read through the wall and write through services."""

import ast
from collections.abc import Iterable

import pytest

from tests.laws.source import ROOT, RUNG, Module, none, program, root_name

WRITES = {"save", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
# What crosses the wall on purpose: "module: expression" → why.
ALLOWED: dict[str, str] = {}
CLOCKS = {("timezone", "now"), ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
# Modules that may ask for the time without being a page, task or command → why.
CLOCKWORK = {
    "core/clock.py": "is the clock",
    "core/doors.py": "takes the moment for every page",
    "prm/middleware.py": "stands around every page",
    "prm/nav.py": "a context processor: part of every page",
    "core/templatetags/prm.py": "tags of pages",
    "accounts/adapter.py": "the sign-in pages' own adapter",
    "partners/authentication.py": "the API's sign-in",
}


# --- reads -----------------------------------------------------------------------------------------------------------


def unscoped_reads(modules: Iterable[Module]) -> list[str]:
    """Reads in doors that do not start with visible_to."""
    doors = [m for m in modules if m.is_door and not m.path.startswith("core/api")]
    return [
        f"{m.where(node)} {ast.unparse(node)}"
        for m in doors
        for node in m.nodes
        if _unscoped(node) and f"{m.path}: {ast.unparse(node)}" not in ALLOWED
    ]


def _unscoped(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id in {"get_object_or_404", "get_list_or_404"}
    if not isinstance(node, ast.Attribute):
        return False
    if node.attr in {"_default_manager", "_base_manager"}:
        return True
    manager = node.value
    return isinstance(manager, ast.Attribute) and manager.attr == "objects" and node.attr != "visible_to"


def test_doors_read_through_the_wall_alone():
    none(unscoped_reads(program()))


@pytest.mark.parametrize(
    "planted",
    [
        "Deal.objects.get(reference=reference)",
        "self.model.objects.all()",
        "get_object_or_404(Deal, pk=pk)",
        "Deal._default_manager.get(pk=pk)",
    ],
)
@pytest.mark.parametrize(
    "path", ["deals/portal.py", "deals/admin.py", "deals/api.py", "prm/pages/home.py", "prm/console.py"]
)
def test_a_read_past_the_wall_is_found(path, planted):
    assert len(unscoped_reads([Module(path, planted)])) == 1


def test_a_read_through_the_wall_is_no_fault():
    fine = Module("deals/portal.py", "Deal.objects.visible_to(self.actor).get(reference=reference)")
    assert unscoped_reads([fine]) == []


# --- writes ----------------------------------------------------------------------------------------------------------


def writes_in_doors(modules: Iterable[Module]) -> list[str]:
    """Calls in doors that change rows."""
    doors = ((m, _imported_modules(m)) for m in modules if m.is_door and not m.path.startswith("core/api"))
    return [
        f"{m.where(call)} {ast.unparse(call.func)}" for m, names in doors for call in m.calls() if _writes(call, names)
    ]


def _imported_modules(module: Module) -> set[str]:
    return {name or dotted for _node, dotted, name in module.imported() if (name or dotted).islower()}


def _writes(call: ast.Call, imported: set[str]) -> bool:
    if not isinstance(call.func, ast.Attribute) or root_name(call.func) in imported:
        return False
    verb = call.func.attr
    by_name = bool(call.keywords) and not call.args
    return verb in WRITES or verb == "create" or (verb == "update" and by_name)


def test_doors_write_through_services_alone():
    none(writes_in_doors(program()))


@pytest.mark.parametrize(
    "planted",
    [
        "deal.save()",
        "deal.delete()",
        "Deal.objects.create(name='x')",
        "rows.update(status='approved')",
        "Deal.objects.bulk_create(rows)",
    ],
)
def test_a_write_in_a_door_is_found(planted):
    assert len(writes_in_doors([Module("deals/portal.py", planted)])) == 1


def test_a_call_of_a_service_is_no_write():
    fine = "from deals import services\nservices.create(particulars, by=actor, at=at)\ncontext.update({'a': 1})"
    assert writes_in_doors([Module("deals/portal.py", fine)]) == []


# --- messages, signals, states ---------------------------------------------------------------------------------------


def hidden_channels(modules: Iterable[Module]) -> list[str]:
    """Work started past the table of reactions: task messages and signals outside core."""
    return [fault for m in modules if m.app != "core" for fault in (*_messages(m), *_signals(m))]


def _messages(module: Module) -> list[str]:
    sends = {"delay", "apply_async", "send_task"}
    calls = (c for c in module.calls() if isinstance(c.func, ast.Attribute) and c.func.attr in sends)
    return [f"{module.where(call)} {ast.unparse(call.func)}" for call in calls]


def _signals(module: Module) -> list[str]:
    """Django's signals; those of Celery's own start-up move no business."""
    ours = ((node, dotted, name) for node, dotted, name in module.imported() if not dotted.startswith("celery"))
    return [
        f"{module.where(n)} {dotted}"
        for n, dotted, name in ours
        if {"signals", "dispatch"} & {*dotted.split("."), name}
    ]


def test_nothing_works_past_the_table_of_reactions():
    none(hidden_channels(program()))


@pytest.mark.parametrize(
    "planted",
    [
        "sweep.delay()",
        "sweep.apply_async(countdown=3)",
        "app.send_task('core.tasks.sweep')",
        "from django.db.models.signals import post_save",
        "from django.dispatch import receiver",
        "from django.db.models import signals",
    ],
)
def test_a_hidden_channel_is_found(planted):
    assert len(hidden_channels([Module("deals/services/registrations.py", planted)])) == 1


def overrides(modules: Iterable[Module]) -> list[str]:
    """Models with logic in save(), delete() or Meta.ordering, and states written by assignment."""
    found = [
        f"{m.where(n)} {n.name}()"
        for m in modules
        if "models" in m.parts
        for n in m.functions()
        if n.name in ("save", "delete")
    ]
    for module in modules:
        for node in module.nodes:
            if isinstance(node, ast.Assign):
                words = [ast.unparse(t) for t in node.targets]
                ordering = "models" in module.parts and "ordering" in words
                state = any(isinstance(t, ast.Attribute) and t.attr == "status" for t in node.targets)
                found += [f"{module.where(node)} {ast.unparse(node)}"] if ordering or state else []
    return found


def test_models_hide_no_logic_and_states_move_by_workflow_alone():
    apps = [m for m in program() if m.app not in ("core", "prm")]
    none(overrides(apps))


@pytest.mark.parametrize(
    "planted",
    ["class Deal:\n    def save(self): ...", "class Meta:\n    ordering = ['name']", "deal.status = 'approved'"],
)
def test_hidden_logic_is_found(planted):
    assert len(overrides([Module("deals/models.py", planted)])) == 1


# --- time ------------------------------------------------------------------------------------------------------------


def clocks(modules: Iterable[Module]) -> list[str]:
    """Modules below the doors that ask for the time."""
    return [
        f"{m.where(node)} {ast.unparse(node)}" for m in modules if not _may_ask(m) for node in m.nodes if _asks(node)
    ]


def _may_ask(module: Module) -> bool:
    return module.path in CLOCKWORK or module.is_door or module.is_command or {"tasks", "reactions"} & set(module.parts)


def _asks(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module == "core.clock" or (node.module == "core" and any(a.name == "clock" for a in node.names))
    return isinstance(node, ast.Attribute) and (root_name(node.value), node.attr) in CLOCKS


def test_below_the_doors_nobody_asks_for_the_time():
    none(clocks(program()))


@pytest.mark.parametrize(
    "planted", ["timezone.now()", "datetime.now(UTC)", "date.today()", "from core.clock import now"]
)
def test_a_clock_below_the_doors_is_found(planted):
    assert len(clocks([Module("deals/services/registrations.py", planted)])) == 1


def second_clocks(modules: Iterable[Module]) -> list[str]:
    """Doors that take the time from elsewhere than core.clock."""
    return [
        f"{m.where(node)} {ast.unparse(node)}"
        for m in modules
        if m.path != "core/clock.py"
        for node in m.nodes
        if isinstance(node, ast.Attribute) and (root_name(node.value), node.attr) in CLOCKS
    ]


def test_there_is_one_clock():
    none(second_clocks(program()))
    assert len(second_clocks([Module("deals/portal.py", "timezone.now()")])) == 1


# --- the ladder of imports -------------------------------------------------------------------------------------------


def steps_up(modules: Iterable[Module]) -> list[str]:
    """Imports of an app that stands higher, or beside."""
    return [
        f"{m.where(node)} {dotted}"
        for m in modules
        for node, dotted, _name in m.imported()
        if _is_up(m.app, dotted.split(".")[0])
    ]


def _is_up(app: str, other: str) -> bool:
    return other in RUNG and other != app and RUNG[other] >= RUNG[app]


def test_an_app_knows_only_what_stands_below_it():
    none(steps_up(program()))


@pytest.mark.parametrize(
    ("path", "planted"),
    [
        ("core/events.py", "from deals.models import Registration"),
        ("core/deliver.py", "from prm import reactions"),
        ("deals/services/registrations.py", "from notifications import mail"),
        ("metrics/queries.py", "import crm.loader"),
    ],
)
def test_an_import_up_the_ladder_is_found(path, planted):
    assert len(steps_up([Module(path, planted)])) == 1


def test_every_app_has_its_rung():
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} <= set(RUNG)
