"""Draws docs/workflows.md and docs/events.md from the code, so that they can't tell anything else."""

import ast
import importlib
import inspect
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import events
from core import workflow as core_workflow
from core.models import Record
from core.workflow import SYSTEM_ONLY, Step, Workflow

ANY = "any record"


class Command(BaseCommand):
    help = "Writes docs/workflows.md and docs/events.md; with --check fails when they are stale."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="write nothing, fail when a file is stale")

    def handle(self, *args, check: bool = False, **options):
        drawn = {"workflows.md": workflows_page(found_workflows()), "events.md": events_page()}
        stale = [name for name, text in drawn.items() if _present(name) != text]
        if check and stale:
            raise CommandError(f"Stale: docs/{', docs/'.join(stale)}. Run manage.py draw_docs.")
        for name in stale:
            (docs() / name).write_text(drawn[name])
            self.stdout.write(f"docs/{name}")


def docs() -> Path:
    return Path(settings.BASE_DIR) / "docs"


def _present(name: str) -> str:
    path = docs() / name
    return path.read_text() if path.exists() else ""


def own_apps() -> list[str]:
    """The names of our own apps, lowest first."""
    return [config.name for config in apps.get_app_configs() if Path(config.path).parent == Path(settings.BASE_DIR)]


# --- workflows ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """A workflow, where it stands and whose states it moves."""

    app: str
    name: str
    workflow: Workflow

    @cached_property
    def states(self) -> type[Enum]:
        return type(next(iter(self.workflow.steps.values())).target)  # type: ignore[return-value]

    @cached_property
    def models(self) -> list[type[Record]]:
        """The models of this app whose field holds these states."""
        found = [model for model in apps.get_app_config(self.app).get_models() if self._fits(model)]
        if not found:
            raise LookupError(f"{self.app}.workflow.{self.name} fits no model of {self.app}")
        return found  # type: ignore[return-value]

    def _fits(self, model: type) -> bool:
        names = {f.name: f for f in model._meta.concrete_fields}  # type: ignore[attr-defined]
        field = names.get(self.workflow.field)
        return field is not None and [v for v, _label in field.choices or ()] == [m.value for m in self.states]

    @property
    def model(self) -> type[Record]:
        return self.models[0]


def found_workflows() -> list[Found]:
    """Every Workflow in `<app>/workflow.py`."""
    modules = [(app, _module(f"{app}.workflow")) for app in own_apps() if _has(app, "workflow")]
    found = ((app, n, w) for app, module in modules for n, w in vars(module).items() if isinstance(w, Workflow))
    return [Found(*one) for one in found]


def _has(app: str, module: str) -> bool:
    return (Path(settings.BASE_DIR) / app / f"{module}.py").exists()


def _module(name: str) -> ModuleType:
    return importlib.import_module(name)


def workflows_page(found: list[Found]) -> str:
    head = "# Workflows\n\nWhat may happen to which record, drawn from `<app>/workflow.py` by `manage.py draw_docs`.\n"
    return head + "".join(_chapter(one) for one in found)


def _chapter(one: Found) -> str:
    rows = "\n".join(_row(step) for step in one.workflow.steps.values())
    table = f"| step | from | to | permission | event | barred by |\n|---|---|---|---|---|---|\n{rows}\n"
    names = ", ".join(str(model._meta.verbose_name) for model in one.models)
    title = f"{names.capitalize()} (`{one.app}.workflow.{one.name}`)"
    return f"\n## {title}\n\n```mermaid\n{one.workflow.diagram()}\n```\n\n{table}"


def _row(step: Step) -> str:
    who = "the system" if step.permission == SYSTEM_ONLY else f"`{step.permission}`"
    bars = ", ".join(bar.__name__.replace("_", " ") for bar in step.unless)
    return f"| {step.name} | {', '.join(step.source)} | {step.target} | {who} | {step.verb} | {bars} |"


# --- events ---------------------------------------------------------------------------------------------------------


def events_page() -> str:
    """A table of every event type: where it is recorded and what reacts."""
    reacts = events.installed()
    lines = [
        f"| `{kind}` | {', '.join(sorted(places))} | {', '.join(events.name_of(r) for r in reacts.get(kind, ()))} |"
        for kind, places in sorted(event_types().items())
    ]
    head = "# Events\n\nWhat is recorded, where, and what reacts, drawn from the code by `manage.py draw_docs`.\n\n"
    return head + "| type | recorded in | reactions |\n|---|---|---|\n" + "\n".join(lines) + "\n"


def event_types() -> dict[str, set[str]]:
    """Event type → modules that record it: by the steps of workflows and by calls of record()."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for one in found_workflows():
        for model, step in product(one.models, one.workflow.steps.values()):
            kinds[f"{model.resource}.{step.verb}"].add(f"`{one.app}.workflow`")
    for name in _own_modules():
        for kind in Recorded(name).types():
            kinds[kind].add(f"`{name}`")
    return dict(kinds)


def _own_modules() -> Iterator[str]:
    base = Path(settings.BASE_DIR)
    for app in own_apps():
        for path in sorted((base / app).rglob("*.py")):
            if "migrations" not in path.parts and "record(" in path.read_text():
                yield ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__")


class Recorded:
    """The record() calls of one module, and the types of what they are about as far as annotations tell."""

    def __init__(self, name: str):
        self.module = _module(name)
        self.tree = ast.parse(inspect.getsource(self.module))

    def types(self) -> Iterator[str]:
        if getattr(self.module, "record", None) is not events.record or self.module is core_workflow:
            return
        for function in ast.walk(self.tree):
            if isinstance(function, ast.FunctionDef):
                for call in self._calls(function):
                    yield from self._types_of(call, function)

    def _calls(self, function: ast.FunctionDef) -> Iterator[ast.Call]:
        calls = (n for n in ast.walk(function) if isinstance(n, ast.Call))
        return (c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "record")

    def _types_of(self, call: ast.Call, function: ast.FunctionDef) -> Iterator[str]:
        verb, subject = call.args[:2]
        resource = getattr(self.type_of(subject, function), "resource", ANY)
        return (f"{resource}.{word}" for word in self._words(verb, function))

    def _words(self, verb: ast.expr, function: ast.FunctionDef) -> list[str]:
        """The verbs an expression may stand for: a text, a side of a condition, an argument, the members of an enum."""
        if isinstance(verb, ast.Constant):
            return [str(verb.value)]
        if isinstance(verb, ast.IfExp):
            return [*self._words(verb.body, function), *self._words(verb.orelse, function)]
        if isinstance(verb, ast.Attribute) and verb.attr == "value":
            verb = verb.value
        kind = self.type_of(verb, function)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return [str(member.value) for member in kind]
        return self._words_of_name(verb.id, function) if isinstance(verb, ast.Name) else []

    def _words_of_name(self, name: str, function: ast.FunctionDef) -> list[str]:
        places = [argument.arg for argument in function.args.args]
        if name not in places:
            return [w for value in _values_of(name, function) for w in self._words(value, function)]
        place, calls = places.index(name), (n for n in ast.walk(self.tree) if isinstance(n, ast.Call))
        handed = [c.args[place] for c in calls if getattr(c.func, "id", "") == function.name and len(c.args) > place]
        return [word for value in handed for word in self._words(value, function)]

    def type_of(self, node: ast.expr | None, function: ast.FunctionDef) -> Any:
        """The class of an expression, or None: from annotations, `Model.objects.create(…)` and return types."""
        if isinstance(node, ast.Name):
            return self._type_of_name(node.id, function)
        if isinstance(node, ast.Attribute):
            owner = self.type_of(node.value, function)
            return _hint(owner, node.attr)
        if isinstance(node, ast.Call):
            return self._type_of_call(node, function)
        return None

    def _type_of_name(self, name: str, function: ast.FunctionDef) -> Any:
        known = inspect.unwrap(getattr(self.module, function.name, None) or (lambda: None))
        hint = get_type_hints(known).get(name) if inspect.isfunction(known) else None
        return hint or next(filter(None, self._assigned(name, function)), None)

    def _assigned(self, name: str, function: ast.FunctionDef) -> Iterator[Any]:
        return (self.type_of(value, function) for value in _values_of(name, function))

    def _type_of_call(self, node: ast.Call, function: ast.FunctionDef) -> Any:
        """`Model(…)`, `Model.objects.filter(…)…` and functions of this module with a return type."""
        root: ast.expr = node.func
        while isinstance(root, ast.Attribute | ast.Call):
            root = root.value if isinstance(root, ast.Attribute) else root.func
        found = getattr(self.module, root.id, None) if isinstance(root, ast.Name) else None
        if inspect.isfunction(found):
            return get_type_hints(inspect.unwrap(found)).get("return")
        return found if isinstance(found, type) else None


def _values_of(name: str, function: ast.FunctionDef) -> Iterator[ast.expr]:
    """What a function binds to a name: by `=`, as the first of several, or by `for`."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            first = (t.elts[0] if isinstance(t, ast.Tuple) else t for t in node.targets)
            if any(isinstance(target, ast.Name) and target.id == name for target in first):
                yield node.value
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name) and node.target.id == name:
            yield node.iter


def _hint(owner: Any, name: str) -> Any:
    """The type of an attribute: a dataclass field, or the model at the other end of a foreign key."""
    if not isinstance(owner, type):
        return None
    if issubclass(owner, Record):
        found = {f.name: f for f in owner._meta.fields}.get(name)
        return getattr(found, "related_model", None)
    return get_type_hints(owner).get(name)
