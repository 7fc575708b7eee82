"""The program as text: its modules, parsed, for laws that read code."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Lowest first; apps on one line are strangers to each other.
LADDER = (
    ("core",),
    ("accounts",),
    ("partners",),
    ("tiers",),
    ("campaigns",),
    ("deals", "mdf", "enablement", "recruitment"),
    ("crm", "metrics", "earnings", "notifications"),
    ("prm",),
)
RUNG = {app: rung for rung, apps in enumerate(LADDER) for app in apps}
_DOORS = ("portal", "public", "api", "admin")


@dataclass(frozen=True)
class Module:
    """One file of the program; `path` is relative to the repository."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    @property
    def app(self) -> str:
        return self.path.split("/")[0]

    @property
    def parts(self) -> set[str]:
        return set(Path(self.path).with_suffix("").parts)

    @property
    def is_command(self) -> bool:
        return "management" in self.parts

    @property
    def is_door(self) -> bool:
        """Pages, API and console: what turns a request into a call of a service."""
        if self.is_command:
            return False
        return bool(self.parts & {*_DOORS, "pages"}) or Path(self.path).stem.startswith(("console", "portal", "public"))

    def where(self, node: ast.AST) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 0)}"

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in self.nodes if isinstance(node, ast.Call))

    def imported(self) -> Iterator[tuple[ast.AST, str, str]]:
        """(node, dotted module, name or "") of every import."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node, alias.name, "") for alias in node.names)
            if isinstance(node, ast.ImportFrom):
                yield from ((node, node.module or "", alias.name) for alias in node.names)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (n for n in self.nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))

    @cached_property
    def code_lines(self) -> frozenset[int]:
        """The numbers of lines that hold code: no blanks, comments or docstrings."""
        numbered = ((number, line.strip()) for number, line in enumerate(self.text.split("\n"), 1))
        lines = {number for number, line in numbered if line and not line.startswith("#")}
        return frozenset((lines | self._lines_of_texts()) - self._docstring_lines())

    def _lines_of_texts(self) -> set[int]:
        """Within a long text nothing is blank or a comment."""
        found = (
            n for n in self.nodes if isinstance(n, ast.JoinedStr) or isinstance(getattr(n, "value", n), str | bytes)
        )
        return {n for node in found if isinstance(node, ast.expr) for n in range(node.lineno, node.end_lineno + 1)}

    def _docstring_lines(self) -> set[int]:
        kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        bodies = (node.body for node in self.nodes if isinstance(node, kinds) and node.body)
        first = (body[0] for body in bodies)
        texts = (n for n in first if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))
        return {
            n for node in texts if isinstance(node.value.value, str) for n in range(node.lineno, node.end_lineno + 1)
        }

    def length(self, function: ast.AST) -> int:
        """The code lines of a function's body."""
        return len(self.code_lines.intersection(range(function.body[0].lineno, function.end_lineno + 1)))


@cache
def program() -> tuple[Module, ...]:
    """Every module of our own apps, without migrations."""
    found = [p for app in RUNG for p in sorted((ROOT / app).rglob("*.py")) if "migrations" not in p.parts]
    return tuple(Module(str(path.relative_to(ROOT)), path.read_text()) for path in found)


def root_name(node: ast.AST) -> str:
    """The name an expression starts with: `Deal` of `Deal.objects.filter(…)`; "" for others."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


@cache
def templates() -> tuple[tuple[str, str], ...]:
    """(path, text) of every template."""
    found = sorted(p for p in (ROOT / "templates").rglob("*") if p.suffix in (".html", ".txt", ".svg"))
    found += [p for app in RUNG for p in sorted((ROOT / app).glob("templates/**/*.html"))]
    return tuple((str(path.relative_to(ROOT)), path.read_text()) for path in found)


def none(faults: list[str]) -> None:
    """Fails with every fault on a line of its own."""
    assert not faults, "\n" + "\n".join(faults)
