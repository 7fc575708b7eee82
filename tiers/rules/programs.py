"""A whole program, read once: its tiers, what its kind makes of figures, and what is wrong with it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from tiers.rules.figures import Facts, first, names
from tiers.rules.grammar import MOST_RANK, CannotJudge, Group, Leaf, Node, Problem, Reader, TierRule, leaves, markets_of
from tiers.rules.kinds import Made, read_kind
from tiers.windows import read_window, window_key


@dataclass(frozen=True)
class Program:
    """`tiers`: lowest rank first. `windows`: over which the made figures are asked for, "" for the program's own."""

    tiers: tuple[TierRule, ...]
    made: Made | None = None
    window: str = ""
    windows: tuple[str, ...] = ("",)
    reads: frozenset[str] = frozenset()  # all names of facts that an answer can depend on
    own: frozenset[str] = frozenset()  # the figures of windows that leaves name themselves
    asks: frozenset[str] = frozenset()  # the figures it wants, as the worker names them: `metric@window`, or `metric`
    markets: frozenset[str] = frozenset()

    def exact(self, facts: Facts) -> Facts:
        """Facts that name their windows: where a leaf has a window of its own, the bare figure does not stand in."""
        absent = {name: () for name in self.own if facts.get(name) is None}
        return {**facts, **absent} if absent else facts

    def known(self, facts: Facts) -> Facts:
        """The facts with what the program's kind makes of them."""
        if self.made is None:
            return facts
        out = dict(facts)
        for window in self.windows:
            own = window or self.window
            values = self.made.values(lambda metric, own=own: first(facts, names(metric, own)), facts)  # type: ignore[misc]
            out.update((names(metric, own)[0], value) for metric, value in values.items())
            if not window:
                out.update(values)
        return out


def read(definition: Any) -> tuple[Program, list[Problem]]:
    """A program, and what is wrong with it: one with problems can't be judged by."""
    if not isinstance(definition, Mapping):
        return Program(()), [Problem("", _("is not a program"))]
    reader = Reader(_text(definition, "window"), _text(definition, "currency").casefold())
    _check_head(reader, definition)
    gate = reader.rule(definition["gate"], "gate") if definition.get("gate") else None
    rows = definition.get("tiers")
    tiers = [_tier(reader, raw, f"tiers[{i}]", gate) for i, raw in enumerate(rows if isinstance(rows, list) else ())]
    if not tiers:
        reader.wrong("tiers", _("there is no tier"))
    _check_twice(reader, tiers)
    asked = [leaf for tier in tiers for leaf in leaves(tier.rule)]
    made = read_kind(reader, definition, {leaf.metric for leaf in asked})
    own = {leaf.window for leaf in asked if made and leaf.window and leaf.metric in made.metrics}
    ranked, windows = tuple(sorted(tiers, key=lambda t: t.rank)), ("", *sorted(own))
    wanted = list(_wanted(asked, made, [window or reader.window for window in windows]))
    reads = frozenset(["market", *(name for under in wanted for name in under)])
    asks = frozenset(under[0] for under in wanted)
    usual = window_key(reader.window)
    apart = frozenset(leaf.under[0] for leaf in asked if read_window(leaf.window) and window_key(leaf.window) != usual)
    markets = frozenset().union(*(t.markets | markets_of(t.rule) for t in tiers), made.markets if made else ())
    return Program(ranked, made, reader.window, windows, reads, apart, asks, markets), reader.problems


def sound(definition: Any) -> Program:
    """A program that can be judged by. Raises CannotJudge with path and reason."""
    program, problems = read(definition)
    if problems:
        raise CannotJudge(f"{problems[0].path}: {problems[0].reason}")
    return program


def _text(definition: Mapping[str, Any], key: str) -> str:
    return value if isinstance(value := definition.get(key), str) else ""


def _check_head(reader: Reader, definition: Mapping[str, Any]) -> None:
    starts = definition.get("effective")
    if isinstance(starts, str):
        try:
            date.fromisoformat(starts)
        except ValueError:
            reader.wrong("effective", _("is not a date"))
    elif not isinstance(starts, date | None):
        reader.wrong("effective", _("is not a date"))


def _tier(reader: Reader, raw: Any, path: str, gate: Node | None) -> TierRule:
    if not isinstance(raw, Mapping):
        reader.wrong(path, _("is not a tier"))
        return TierRule("", 0, path, Group("all", ()))
    rules = [gate] if gate else []
    rules += [reader.rule(raw[key], f"{path}.{key}") for key in ("unlock", "requires") if raw.get(key)]
    name, rank = raw.get("name"), raw.get("rank")
    if not isinstance(name, str) or not name.strip():
        reader.wrong(f"{path}.name", _("name is missing"))
    if rank is None:
        reader.wrong(f"{path}.rank", _("rank is missing"))
    elif isinstance(rank, bool) or not isinstance(rank, int) or not 0 <= rank <= MOST_RANK:
        reader.wrong(f"{path}.rank", _("rank %s is not a whole number from 0 on") % rank)
    whole = rank if isinstance(rank, int) else 0
    return TierRule(str(name), whole, path, Group("all", tuple(rules)), reader.markets(raw, path))


def _check_twice(reader: Reader, tiers: Sequence[TierRule]) -> None:
    """Ranks and names are given once in each market."""
    told = {problem.path for problem in reader.problems}
    for i, tier in enumerate(tiers):
        rivals = [t for t in tiers[:i] if not (t.markets and tier.markets) or t.markets & tier.markets]
        if any(t.rank == tier.rank for t in rivals) and f"{tier.path}.rank" not in told:
            reader.wrong(f"{tier.path}.rank", _("rank %s is given twice") % tier.rank)
        if any(t.name == tier.name for t in rivals) and f"{tier.path}.name" not in told:
            reader.wrong(f"{tier.path}.name", _("name %s is given twice") % tier.name)


def _wanted(asked: Iterable[Leaf], made: Made | None, windows: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The names of each figure that an answer can depend on, the first choice first."""
    yield from (leaf.under for leaf in asked)
    for metric in made.reads if made else ():
        yield from (names(metric, window) for window in windows)
