"""A program's definition, read into a tree that can be judged by; what can't be read is told with its path. Pure.

A rule is {"all": [...]}, {"any": [...]}, both at once, a list (all of it), or a leaf {"metric", "op", "value"}, nested
at will. A leaf has `window` where it does not use the program's. By market: a rule with `market` counts only there; a
threshold or a rule may be a mapping by market (`default` for the others); `market` can be compared like a figure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from tiers.rules.figures import OPS, names, plain

GROUPS = ("all", "any")
DEEPEST = 40
MOST_RANK = 32767
_NO_MARKETS = frozenset({"not", "none", "and", "or", "nor", "xor", "one", "at_least", "if", "then", "else"})


class CannotJudge(ValueError):
    """The rules ask for something this engine does not know; the text says what."""


@dataclass(frozen=True, slots=True)
class Problem:
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """A figure compared with a threshold; `needed` may be a mapping by market. `under`: the names of the figure."""

    metric: str
    op: str
    needed: Any
    window: str = ""
    under: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    markets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Group:
    """All or any of its parts; parts of other markets are not there."""

    kind: str
    parts: tuple["Node", ...]
    markets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ByMarket:
    """One rule for each market; without one for the market at hand it is not met."""

    rules: Mapping[str, "Node"]
    markets: frozenset[str] = frozenset()


Node = Leaf | Group | ByMarket


@dataclass(frozen=True, slots=True)
class TierRule:
    """`rule`: the gate, the unlock and the requirements together."""

    name: str
    rank: int
    path: str
    rule: Group
    markets: frozenset[str] = frozenset()


@dataclass
class Reader:
    """Reads parts of one definition and gathers what is wrong with them."""

    window: str = ""
    currency: str = ""
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, path: str, reason: str) -> None:
        self.problems.append(Problem(path, reason))

    # --- rules ---

    def rule(self, raw: Any, path: str, depth: int = 0) -> Node:
        if depth > DEEPEST:
            self.wrong(path, _("nested too deep"))
        elif isinstance(raw, list):
            return Group("all", self._parts(raw, path, depth))
        elif not isinstance(raw, Mapping):
            self.wrong(path, _("neither all, any nor a metric"))
        elif any(group in raw for group in GROUPS):
            return self._group(raw, path, depth)
        elif "metric" in raw or "op" in raw:
            return self._leaf(raw, path)
        elif _is_by_market(raw):
            rules = {str(m).casefold(): self.rule(part, f"{path}.{m}", depth + 1) for m, part in raw.items()}
            return ByMarket(rules)
        elif raw:
            self.wrong(path, _("neither all, any nor a metric"))
        return Group("all", ())

    def _group(self, raw: Mapping[str, Any], path: str, depth: int) -> Group:
        groups = tuple(
            Group(kind, self._parts(raw[kind], f"{path}.{kind}", depth, some=kind == "any"))
            for kind in GROUPS
            if kind in raw
        )
        markets = self.markets(raw, path)
        return Group(groups[0].kind, groups[0].parts, markets) if len(groups) == 1 else Group("all", groups, markets)

    def _parts(self, raw: Any, path: str, depth: int, *, some: bool = False) -> tuple[Node, ...]:
        if not isinstance(raw, list):
            self.wrong(path, _("is not a list"))
            return ()
        if some and not raw:
            self.wrong(path, _("any of nothing can't be met"))
        return tuple(self.rule(part, f"{path}[{i}]", depth + 1) for i, part in enumerate(raw))

    def _leaf(self, raw: Mapping[str, Any], path: str) -> Leaf:
        metric, op, window = raw.get("metric"), raw.get("op"), raw.get("window")
        if not isinstance(metric, str) or not metric.strip():
            self.wrong(path, _("neither all, any nor a metric"))
        if op not in OPS if isinstance(op, str) else True:
            self.wrong(f"{path}.op", _("unknown operator %s") % op)
        if window is not None and not isinstance(window, str):
            self.wrong(f"{path}.window", _("is not text"))
        needed = self._threshold(raw.get("value"), op, f"{path}.value")
        window = window if isinstance(window, str) else ""
        under = names(str(metric), window or self.window)
        return Leaf(str(metric), str(op), needed, window, under, (self.currency,), self.markets(raw, path))

    def _threshold(self, raw: Any, op: Any, path: str) -> Any:
        return self.by_market(raw, path, partial(self._comparable, op=op))

    def _comparable(self, raw: Any, path: str, op: Any) -> Any:
        value = plain(raw.isoformat() if isinstance(raw, date) else raw)
        if raw is None:
            self.wrong(path, _("the threshold is missing"))
        elif value is None or (isinstance(value, str) and op not in ("==", "!=") and not _is_day(value)):
            self.wrong(path, _("the threshold is not a number"))
        return value

    def by_market(self, raw: Any, path: str, read) -> Any:
        """What `read(raw, path)` makes of a value, or of each value of a mapping by market."""
        if not isinstance(raw, Mapping):
            return read(raw, path)
        if not raw:
            self.wrong(path, _("the threshold is missing"))
        return {str(m).casefold(): read(value, f"{path}.{m}") for m, value in raw.items()}

    def markets(self, raw: Mapping[str, Any], path: str) -> frozenset[str]:
        """The markets a tier or rule is for; none for all of them."""
        given = raw.get("market", raw.get("markets"))
        if given is None:
            return frozenset()
        listed = given if isinstance(given, list) else [given]
        if not listed or not all(isinstance(one, str) for one in listed):
            self.wrong(f"{path}.market", _("is neither a market nor a list of markets"))
        return frozenset(str(one).casefold() for one in listed)


def _is_by_market(raw: Mapping[str, Any]) -> bool:
    """Whether a mapping holds a rule for each market: each a mapping that begins a rule, under no word of logic."""
    begins = (isinstance(part, Mapping) and part.keys() & {"all", "any", "metric"} for part in raw.values())
    return bool(raw) and all(begins) and not {str(name).casefold() for name in raw} & _NO_MARKETS


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def leaves(node: Node) -> Iterator[Leaf]:
    """All leaves of a rule, of every market."""
    if isinstance(node, Leaf):
        yield node
    else:
        for part in node.parts if isinstance(node, Group) else node.rules.values():
            yield from leaves(part)


def markets_of(node: Node) -> set[str]:
    """All markets that a rule tells apart."""
    found = set(node.markets)
    if isinstance(node, Leaf):
        found |= set(node.needed) if isinstance(node.needed, Mapping) else set()
        return found | ({str(node.needed).casefold()} if node.metric == "market" else set())
    inner = node.parts if isinstance(node, Group) else node.rules.values()
    found |= set(node.rules) if isinstance(node, ByMarket) else set()
    return found.union(*(markets_of(part) for part in inner))
