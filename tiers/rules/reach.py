"""Which tiers nobody can ever be given: rules that contradict themselves, or are covered by higher tiers. Pure.

A leaf bounds one figure only, so a rule can be met when each figure has a value left that all its leaves allow. Of the
values only those at and between the thresholds matter. Any-of and refuted all-of branch; the search gives up, and
calls the tier reachable, after `STEPS`.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tiers.rules.figures import holds, of_market
from tiers.rules.grammar import ByMarket, Leaf, Node, TierRule, leaves
from tiers.rules.kinds import Score, Weighted
from tiers.rules.programs import Program
from tiers.rules.weighing import is_for

STEPS = 20_000
Domains = Mapping[tuple[str, ...], frozenset[Any]]
Goal = tuple[Node, bool]  # a rule, and whether it must hold or must not


class GaveUp(Exception):
    """Too many cases to look at."""


def unreachable(program: Program) -> list[TierRule]:
    """The tiers that no facts of any market give."""
    markets: list[str | None] = [None, *sorted(program.markets)]
    left = list(program.tiers)
    for market in markets:
        facts = {} if market is None else {"market": market}
        here = [tier for tier in program.tiers if is_for(tier, facts)]
        left = [tier for tier in left if tier not in here or not _reachable(program, tier, here, facts)]
    return left


def _reachable(program: Program, tier: TierRule, here: Sequence[TierRule], facts: Mapping[str, str]) -> bool:
    goals: list[Goal] = [(tier.rule, True), *((t.rule, False) for t in here if t.rank > tier.rank)]
    try:
        return _Search(facts).possible(goals, _domains(program, here, facts))
    except GaveUp:
        return True


def _domains(program: Program, tiers: Iterable[TierRule], facts: Mapping[str, str]) -> Domains:
    """Of each figure the values worth trying: missing, every threshold, and one beside and between them."""
    marks: dict[tuple[str, ...], set[Any]] = {}
    for leaf in (leaf for tier in tiers for leaf in leaves(tier.rule)):
        if leaf.metric != "market":
            needed = of_market(leaf.needed, facts, leaf.otherwise) if isinstance(leaf.needed, Mapping) else leaf.needed
            marks.setdefault(leaf.under, set()).add(needed)
    tops = _tops(program)
    return {under: _values(found, tops.get(under[-1])) for under, found in marks.items()}


def _values(marks: set[Any], most: Decimal | None) -> frozenset[Any]:
    numbers = sorted({Decimal(m) for m in (*marks, most) if isinstance(m, Decimal | bool)})
    words = {m for m in marks if isinstance(m, str)}
    beside = [numbers[0] - 1, numbers[-1] + 1] if numbers else []
    between = [(a + b) / 2 for a, b in pairwise(numbers)]
    tried = [n for n in (*numbers, *beside, *between) if most is None or n <= most]
    return frozenset([None, "", *tried, *words, *(word + "~" for word in words)])


def _tops(program: Program) -> Mapping[str, Decimal]:
    """The most that figures made by the program's kind can be."""
    if isinstance(program.made, Weighted):
        return {**program.made.parts, "total_points": sum(program.made.parts.values(), Decimal(0))}
    return {"score": program.made.most} if isinstance(program.made, Score) and program.made.most is not None else {}


class _Search:
    """Whether all goals can hold at once, for the facts of one market."""

    def __init__(self, facts: Mapping[str, str]):
        self.facts, self.steps = facts, 0

    def possible(self, goals: Sequence[Goal], domains: Domains) -> bool:
        self.steps += 1
        if self.steps > STEPS:
            raise GaveUp
        if not goals:
            return True
        (node, wanted), rest = goals[0], goals[1:]
        if isinstance(node, ByMarket):
            chosen = of_market(node.rules, self.facts)
            ahead = [(chosen, wanted), *rest] if chosen else rest
            return (bool(chosen) or not wanted) and self.possible(ahead, domains)
        if isinstance(node, Leaf):
            return self._bounded(node, wanted, rest, domains)
        parts = [(part, wanted) for part in node.parts if is_for(part, self.facts)]
        if wanted is (node.kind == "all"):
            return self.possible([*parts, *rest], domains)
        return any(self.possible([part, *rest], domains) for part in parts)

    def _bounded(self, leaf: Leaf, wanted: bool, rest: Sequence[Goal], domains: Domains) -> bool:
        needed = of_market(leaf.needed, self.facts, leaf.otherwise) if isinstance(leaf.needed, Mapping) else leaf.needed
        tried = {self.facts.get("market")} if leaf.metric == "market" else domains[leaf.under]
        left = frozenset(value for value in tried if holds(leaf.op, value, needed) is wanted)
        return bool(left) and self.possible(rest, {**domains, leaf.under: left})
