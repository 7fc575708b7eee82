"""Money is exact: no float comes near it, neither in the code nor in its statements."""

import ast
import re
from collections.abc import Iterable, Iterator

import pytest

from tests.laws.source import Module, none, program

# Whole apps, and beside them what others know of money.
APPS = {"earnings", "mdf"}
PATHS = (
    "core/money.py",
    "core/ledger.py",
    "core/fields.py",
    "core/api/kinds.py",
    "deals/exchange.py",
    "deals/models/revenue.py",
    "deals/services/opportunities.py",
    "deals/services/rates.py",
    "deals/services/revenue.py",
    "deals/services/roles.py",
    "metrics/services/",
    "metrics/queries/",
    "metrics/turnover.py",
)
ASIDE = {"metrics/services/recompute.py": "seconds that it took"}
NAMES = {"float", "FloatField", "fsum", "isclose"}
# A type of PostgreSQL that rounds in twos, as a cast or a column.
ROUGH_SQL = re.compile(
    r"::\s*(real|float\d*|double precision)\b|\bAS (real|float\d*|double precision)\)", re.IGNORECASE
)


def of_money(module: Module) -> bool:
    return module.path not in ASIDE and (module.app in APPS or module.path.startswith(PATHS))


def floats(modules: Iterable[Module]) -> list[str]:
    """Where a money path makes or asks for a float: a number with a point, the type, a field or a cast of SQL."""
    return [found for m in modules if of_money(m) for node in _asked(m.tree) if (found := _float(m, node))]


def _asked(tree: ast.Module) -> Iterator[ast.AST]:
    """Every node but the second word of `isinstance(value, float)`: who asks that refuses one."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and len(node.args) == 2]
    refusals = {call.args[1] for call in calls if getattr(call.func, "id", "") == "isinstance"}
    return (node for node in ast.walk(tree) if node not in refusals)


def _float(module: Module, node: ast.AST) -> str | None:
    name = getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "name", None)
    if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
        return f"{module.where(node)} {node.value!r}"
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and ROUGH_SQL.search(node.value):
        return f"{module.where(node)} SQL"
    return f"{module.where(node)} {name}" if isinstance(name, str) and name in NAMES else None


def test_no_float_touches_money():
    none(floats(program()))


def test_the_paths_of_money_are_there():
    known = [m.path for m in program()]
    assert [path for path in PATHS if not any(one.startswith(path) for one in known)] == []


@pytest.mark.parametrize("line", [
    "share = 0.5", "share = float(amount)", "share: float = amount", "from math import fsum", "amount = 1e2",
    "amount = models.FloatField()", "sql = 'SELECT amount::float8'", "sql = 'CAST(amount AS double precision)'",
])  # fmt: skip
@pytest.mark.parametrize("path", ["earnings/planted.py", "mdf/rules/planted.py", "core/money.py"])
def test_the_law_sees_a_planted_float(line, path):
    assert len(floats([Module(path, line)])) == 1


@pytest.mark.parametrize(
    "line", ["isinstance(amount, float)", "share = Decimal('0.5')", "words = 'a float of balloons'", "n = 5"]
)
def test_the_law_lets_exact_numbers_be(line):
    assert floats([Module("earnings/planted.py", line)]) == []
