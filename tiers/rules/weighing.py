"""Whether a rule is met by facts: in short, for many, and with every leaf told. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from tiers.rules.figures import Facts, first, holds, named, of_market, plain
from tiers.rules.grammar import ByMarket, Leaf, Node

GROUPS: Mapping[str, Callable[[Any], bool]] = {"all": all, "any": any}
Test = Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one node: a leaf (metric, op, needed, value), or a group of parts."""

    met: bool
    metric: str = ""
    op: str = ""
    needed: Any = None
    value: Any = None
    window: str = ""
    fact: str = ""  # the name under which the figure was found
    group: str = ""
    parts: tuple["Finding", ...] = ()

    def leaves(self) -> Iterator["Finding"]:
        if not self.group:
            yield self
        for part in self.parts:
            yield from part.leaves()

    @property
    def missing(self) -> Decimal | None:
        """How much more is needed of a growing figure; None where that can't be said in a number."""
        if self.met or self.op not in (">=", ">") or not isinstance(self.needed, Decimal):
            return None
        have = self.value if isinstance(self.value, Decimal) else Decimal(0)
        return self.needed - have + (self.op == ">")


def weigh(node: Node, facts: Facts) -> Finding:
    """The finding of a node. All of nothing holds, any of nothing does not."""
    if isinstance(node, Leaf):
        return _leaf(node, facts)
    if isinstance(node, ByMarket):
        chosen = of_market(node.rules, facts)
        return weigh(chosen, facts) if chosen else Finding(False, "market", "==", ", ".join(node.rules))
    parts = tuple(weigh(part, facts) for part in node.parts if is_for(part, facts))
    return Finding(GROUPS[node.kind](part.met for part in parts), group=node.kind, parts=parts)


def _leaf(node: Leaf, facts: Facts) -> Finding:
    name, needed = named(facts, node.under), _needed(node, facts)
    value = facts.get(name)
    met = holds(node.op, value, needed)
    return Finding(met, node.metric, node.op, needed, _shown(node.op, value, needed), node.window, name)


def _needed(node: Leaf, facts: Facts) -> Any:
    return of_market(node.needed, facts, node.otherwise) if isinstance(node.needed, Mapping) else node.needed


def _shown(op: str, value: Any, needed: Any) -> Any:
    """The figure as it was compared; of several the first that fell short, else the last."""
    if not isinstance(value, list | tuple):
        return plain(value)
    return next((plain(one) for one in value if not holds(op, one, needed)), plain(value[-1]) if value else None)


def is_for(node: Any, facts: Facts) -> bool:
    """Whether a tier or rule is for the facts' market."""
    market = facts.get("market")
    return not node.markets or (isinstance(market, str) and market.casefold() in node.markets)


def met(node: Node, facts: Facts) -> bool:
    return tester(node)(facts)


def tester(node: Node) -> Test:
    """The same answer as `weigh`, without the reasons, as a function to call for many."""
    if isinstance(node, Leaf):
        return _leaf_tester(node)
    if isinstance(node, ByMarket):
        by_market = {market: tester(rule) for market, rule in node.rules.items()}
        return lambda facts: (test := of_market(by_market, facts)) is not None and test(facts)
    whole, holds_all = GROUPS[node.kind], [(part, tester(part)) for part in node.parts]
    if not any(part.markets for part in node.parts):
        tests = [test for _part, test in holds_all]
        return lambda facts: whole(test(facts) for test in tests)
    return lambda facts: whole(test(facts) for part, test in holds_all if is_for(part, facts))


def _leaf_tester(node: Leaf) -> Test:
    if isinstance(node.needed, Mapping):
        return lambda facts: holds(node.op, first(facts, node.under), _needed(node, facts))
    if len(node.under) > 1:
        return lambda facts: holds(node.op, first(facts, node.under), node.needed)
    return partial(_compare, node.op, node.metric, node.needed)


def _compare(op: str, metric: str, needed: Any, facts: Facts) -> bool:
    return holds(op, facts.get(metric), needed)
