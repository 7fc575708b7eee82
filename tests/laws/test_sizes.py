"""The size budget: short functions, few arguments, modules that fit in a head."""

import ast
from collections.abc import Iterable
from statistics import median, quantiles

import pytest

from tests.laws.source import Module, none, program

MEDIAN, P95, LONGEST, ARGUMENTS, MODULE, MECHANISMS = 6, 20, 40, 6, 300, 2140
# Modules that are one file on purpose → why.
WHOLE = {
    "prm/settings.py": "every setting of the program: a list, not logic",
    "prm/embedded.py": "runs by itself as the servers' keeper, on the standard library alone",
}


def _arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many arguments, without self and without *args and **kwargs."""
    spec = function.args
    named = [a.arg for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
    return len([name for name in named if name not in ("self", "cls")])


def too_long(modules: Iterable[Module], limit: int = LONGEST) -> list[str]:
    return [
        f"{m.where(f)} {f.name}: {m.length(f)} lines" for m in modules for f in m.functions() if m.length(f) > limit
    ]


def too_many_arguments(modules: Iterable[Module]) -> list[str]:
    return [
        f"{m.where(f)} {f.name}: {_arguments(f)} arguments"
        for m in modules
        for f in m.functions()
        if _arguments(f) > ARGUMENTS
    ]


def too_big(modules: Iterable[Module]) -> list[str]:
    found = (m for m in modules if m.path not in WHOLE and len(m.code_lines) > MODULE)
    return [f"{m.path}: {len(m.code_lines)} lines" for m in found]


def lengths(modules: Iterable[Module]) -> list[int]:
    return [m.length(f) for m in modules for f in m.functions()]


def mechanisms(modules: Iterable[Module]) -> int:
    """The code lines of core, without its REST part and its commands, which are doors, and what it knows of files."""
    aside = ("core/api", "core/files")
    ours = (m for m in modules if m.app == "core" and not m.is_command and not m.path.startswith(aside))
    return sum(len(m.code_lines) for m in ours)


def test_functions_are_short():
    none(too_long(program()))
    assert median(lengths(program())) <= MEDIAN
    assert quantiles(lengths(program()), n=20)[-1] <= P95


def test_functions_take_few_arguments():
    none(too_many_arguments(program()))


def test_modules_fit_in_a_head():
    none(too_big(program()))


def test_the_kernel_stays_small():
    assert mechanisms(program()) <= MECHANISMS


def test_the_report(record_property):
    figures = {
        "functions": len(lengths(program())),
        "median": median(lengths(program())),
        "p95": round(quantiles(lengths(program()), n=20)[-1], 1),
        "longest": max(lengths(program())),
        "core mechanisms": mechanisms(program()),
        "core/api": sum(len(m.code_lines) for m in program() if m.path.startswith("core/api")),
        "all": sum(len(m.code_lines) for m in program()),
    }
    for name, figure in figures.items():
        record_property(name, figure)


def _function(lines: int, arguments: str = "") -> Module:
    body = "\n".join(f"    x = {n}" for n in range(lines))
    return Module("deals/services/x.py", f'def long({arguments}):\n    """Says what."""\n    # why\n\n{body}\n')


@pytest.mark.parametrize(("lines", "faults"), [(40, 0), (41, 1)])
def test_a_long_function_is_found_and_its_docstring_is_free(lines, faults):
    assert len(too_long([_function(lines)])) == faults


@pytest.mark.parametrize(("arguments", "faults"), [("self, a, b, c, *, d, e, f", 0), ("a, b, c, d, *, e, f, g", 1)])
def test_many_arguments_are_found(arguments, faults):
    assert len(too_many_arguments([_function(1, arguments)])) == faults


@pytest.mark.parametrize(("lines", "faults"), [(299, 0), (300, 1)])
def test_a_big_module_is_found(lines, faults):
    assert len(too_big([_function(lines)])) == faults


def test_lines_of_core_are_counted_without_commands():
    text = "a = 1\n\n# why\nb = (\n    2\n)\n"
    modules = [Module("core/x.py", text), Module("core/management/commands/y.py", text), Module("core/api/z.py", text)]
    assert mechanisms(modules) == 4
