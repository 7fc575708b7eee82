"""The table of a points program: units × points per unit × multipliers, read and reckoned. Pure.

`points` is a mapping metric → points per unit, or a list of {metric, points}. A line may have `per` (how many units
make one step), `max` and `multipliers` of its own; the program's `multipliers` go for every line. A multiplier is
- a number, or the name of a fact that brings one;
- {metric, op, value, factor}, or {when: rule, factor}: where that holds;
- name: number: of the line of that name, else where the fact of that name is true;
- name: {value: number}: by what the fact says (`market`, a region …).
Every number may be a mapping by market.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from tiers.rules.figures import EXACT, Facts, Look, capped, number, of_market, plain
from tiers.rules.grammar import GROUPS, Node, Reader, leaves
from tiers.rules.weighing import met

EACH = ("points", "per_unit", "points_per_unit", "each", "value")
TABLES = ("per_unit", "points_per_unit", "units", "lines", "table")
FACTORS = ("factor", "multiplier", "times")
MULTIPLIERS = ("multipliers", "multiplier", "factors")
UNITS = ("metric", "unit", "units", "name")
_WORDS = {"max", "metric", "unit", "window", "note", "notes", "source", "label", "text"}
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Factor:
    """A multiplier: `times` (a number, or a mapping by market or by the fact's value) where its condition holds."""

    times: Any = ONE
    fact: str = ""  # that brings the number, or chooses in `times`
    flag: str = ""  # a fact that must be true
    when: Node | None = None
    line: str = ""  # only for the line of this metric

    def value(self, look: Look, facts: Facts) -> Decimal:
        if (self.when and not met(self.when, facts)) or (self.flag and not number(look(self.flag))):
            return ONE
        if not self.fact:
            found = of_market(self.times, facts) if isinstance(self.times, Mapping) else self.times
        elif isinstance(self.times, Mapping):
            found = self.times.get(str(look(self.fact)).casefold(), self.times.get("default"))
        else:
            found = look(self.fact)
        return ONE if (factor := number(found)) is None else factor


@dataclass(frozen=True, slots=True)
class Line:
    """What one metric earns: units ÷ per × points × multipliers, at most `most`."""

    metric: str
    each: Any
    per: Decimal = ONE
    most: Decimal | None = None
    factors: tuple[Factor, ...] = ()

    def points(self, look: Look, facts: Facts) -> Decimal | None:
        """None without units, and in a market where the line earns nothing."""
        each = of_market(self.each, facts) if isinstance(self.each, Mapping) else self.each
        units = number(look(self.metric))
        if units is None or each is None:
            return None
        total = EXACT.divide(EXACT.multiply(units, each), self.per)
        for factor in self.factors:
            total = EXACT.multiply(total, factor.value(look, facts))
        return capped(total, self.most)


@dataclass(frozen=True, slots=True)
class Points:
    """All lines of a program; `totals`: under which names rules read their sum."""

    lines: tuple[Line, ...]
    totals: tuple[str, ...]
    most: Decimal | None = None

    @property
    def metrics(self) -> tuple[str, ...]:
        return (*self.totals, *(f"{line.metric}_points" for line in self.lines))

    @property
    def reads(self) -> tuple[str, ...]:
        factors = [factor for line in self.lines for factor in line.factors]
        named = [name for f in factors for name in (f.fact, f.flag) if name]
        conditions = [name for f in factors if f.when for leaf in leaves(f.when) for name in leaf.under]
        return (*self.totals, *(line.metric for line in self.lines), *named, *conditions)

    @property
    def markets(self) -> frozenset[str]:
        tables = [line.each for line in self.lines]
        tables += [f.times for line in self.lines for f in line.factors if f.fact in ("", "market")]
        return frozenset().union(*(table for table in tables if isinstance(table, Mapping)))

    def values(self, look: Look, facts: Facts) -> Facts:
        """The points of each line and their sum, unless the facts bring it."""
        earned = {f"{line.metric}_points": line.points(look, facts) for line in self.lines}
        total = Decimal(0)
        for points in earned.values():
            total = total if points is None else EXACT.add(total, points)
        brought = next((value for name in self.totals if (value := look(name)) is not None), None)
        found = capped(total, self.most) if brought is None else brought
        return earned | dict.fromkeys(self.totals, found)


def read_points(reader: Reader, definition: Mapping[str, Any], asked: set[str]) -> Points:
    """The points table of a definition. `asked`: the metrics its rules read."""
    raw = definition.get("points")
    if not isinstance(raw, Mapping | list | None):
        reader.wrong("points", _("is no table of points"))
    table = raw if isinstance(raw, Mapping) else {"lines": raw if isinstance(raw, list) else []}
    path = "points"
    rows = list(_rows(reader, table, path))
    known = {metric for metric, _row, _path in rows}
    shared = read_factors(reader, _one_of(table, MULTIPLIERS), f"{path}.multipliers", known)
    lines = tuple(_line(reader, row, () if row[1] is table else shared, known) for row in rows)
    given = [name for key in ("total", "metric") if isinstance(name := table.get(key), str) and name not in known]
    ending = sorted(m for m in asked if m.endswith("_points") and m not in known and m[:-7] not in known)
    totals = tuple(dict.fromkeys(["total_points", "points", *given, *ending]))
    return Points(lines, totals, _limit(reader, table, path))


Row = tuple[str, Any, str]


def _rows(reader: Reader, table: Mapping[str, Any], path: str) -> Iterator[Row]:
    """Metric, what is said of it, and where; of a table in any of its spellings."""
    inner = next((key for key in TABLES if isinstance(table.get(key), Mapping | list)), None)
    if isinstance(_one_of(table, UNITS), str) and any(key in table for key in EACH):
        yield str(_one_of(table, UNITS)), table, path
    elif inner:
        yield from _listed(reader, table[inner], f"{path}.{inner}" if inner != "lines" else path)
    else:
        words = {*_WORDS, *MULTIPLIERS, "total"}
        yield from ((str(name), said, f"{path}.{name}") for name, said in table.items() if name not in words)


def _listed(reader: Reader, raw: Any, path: str) -> Iterator[Row]:
    if isinstance(raw, Mapping):
        yield from ((str(name), said, f"{path}.{name}") for name, said in raw.items())
        return
    for i, said in enumerate(raw if isinstance(raw, list) else ()):
        metric = _one_of(said, UNITS) if isinstance(said, Mapping) else None
        if isinstance(metric, str):
            yield metric, said, f"{path}[{i}]"
        else:
            reader.wrong(f"{path}[{i}]", _("names no metric"))


def _one_of(table: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((table[key] for key in keys if key in table), None)


def _line(reader: Reader, row: Row, shared: tuple[Factor, ...], known: set[str]) -> Line:
    metric, said, path = row
    key = next((key for key in EACH if key in said), "") if isinstance(said, Mapping) else ""
    full = bool(key)
    each = reader.by_market(said[key] if full else said, f"{path}.{key}".rstrip("."), _number_of(reader))
    own = _one_of(said, MULTIPLIERS) if full else None
    mine = tuple(f for f in shared if f.line in ("", metric))
    factors = mine + read_factors(reader, own, f"{path}.multipliers", known)
    per = number(said.get("per")) if full and "per" in said else ONE
    if not per or per < 0:
        reader.wrong(f"{path}.per", _("is not a number above 0"))
    return Line(metric, each, per or ONE, _limit(reader, said, path) if full else None, factors)


def _number_of(reader: Reader):
    def read(raw: Any, path: str) -> Decimal:
        value = plain(raw)
        if not isinstance(value, Decimal):
            reader.wrong(path, _("is not a number"))
        return value if isinstance(value, Decimal) else ONE

    return read


def _limit(reader: Reader, said: Mapping[str, Any], path: str) -> Decimal | None:
    raw = said.get("max")
    return None if raw is None else _number_of(reader)(raw, f"{path}.max")


# --- multipliers ----------------------------------------------------------------------------------------------------


def read_factors(reader: Reader, raw: Any, path: str, known: set[str]) -> tuple[Factor, ...]:
    """Multipliers in any of their spellings."""
    if raw is None:
        return ()
    if isinstance(raw, list):
        return tuple(f for i, one in enumerate(raw) for f in read_factors(reader, one, f"{path}[{i}]", known))
    if isinstance(raw, str):
        return (Factor(fact=raw),)
    if not isinstance(raw, Mapping):
        return (Factor(_number_of(reader)(raw, path)),)
    if _factor_key(raw):
        return (_conditional(reader, raw, path, known),)
    return tuple(_named(reader, str(name), said, f"{path}.{name}", known) for name, said in raw.items())


def _factor_key(raw: Any) -> str | None:
    """Where a multiplier that says more than its number has it; `value` is a threshold where there is an operator."""
    keys = FACTORS if "op" in raw else (*FACTORS, "value")
    return next((key for key in keys if key in raw), None)


def _conditional(reader: Reader, raw: Mapping[str, Any], path: str, known: set[str], name: str = "") -> Factor:
    key = str(_factor_key(raw))
    times = reader.by_market(raw[key], f"{path}.{key}", _number_of(reader))
    condition = next((raw[word] for word in ("when", "if", "requires") if word in raw), None)
    if condition is None and ("op" in raw or any(group in raw for group in GROUPS)):
        condition = {"metric": name} | dict(raw)
    named = str(_one_of(raw, ("line", *UNITS)) or name)
    line = named if named in known else ""
    if condition is not None:
        return Factor(times, when=reader.rule(condition, path), line=line)
    return Factor(times, flag="" if line else named, line=line)


def _named(reader: Reader, name: str, said: Any, path: str, known: set[str]) -> Factor:
    if isinstance(said, Mapping) and _factor_key(said):
        return _conditional(reader, said, path, known, name)
    times = reader.by_market(said, path, _number_of(reader))
    if name in known:
        return Factor(times, line=name)
    return Factor(times, fact=name) if isinstance(times, Mapping) else Factor(times, flag=name)
