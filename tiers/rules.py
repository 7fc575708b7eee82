"""Which tier do these facts earn under these rules? Pure: no database, no clock.

A rule is {"all": [...]}, {"any": [...]}, nested at will, or a leaf {"metric", "op", "value"}, with "window" where
the leaf does not use the program's. A fact that is missing never meets a leaf.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

OPS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
GROUPS: Mapping[str, Callable[[Any], bool]] = {"all": all, "any": any}
Facts = Mapping[str, Any]


class CannotJudge(ValueError):
    """The rules ask for something this engine does not know; the text says what."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one node: a leaf (metric, op, needed, value), or a group of parts."""

    met: bool
    metric: str = ""
    op: str = ""
    needed: Any = None
    value: Any = None
    window: str = ""
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


@dataclass(frozen=True, slots=True)
class TierFinding:
    name: str
    rank: int
    met: bool
    finding: Finding


@dataclass(frozen=True, slots=True)
class Verdict:
    """The tier earned (None for none) and why each tier is or is not, lowest rank first."""

    earned: TierFinding | None
    tiers: tuple[TierFinding, ...]

    @property
    def name(self) -> str | None:
        return self.earned.name if self.earned else None


def assess(definition: Mapping[str, Any], facts: Facts) -> Verdict:
    """The highest-ranked tier whose own rule, unlock and the program's gate hold. Raises CannotJudge."""
    known = derive(definition, facts)
    ranked = sorted(definition["tiers"], key=lambda t: t["rank"])
    tiers = tuple(_tier(tier, definition.get("gate"), known) for tier in ranked)
    return Verdict(next((t for t in reversed(tiers) if t.met), None), tiers)


def _tier(tier: Mapping[str, Any], gate: Any, facts: Facts) -> TierFinding:
    rules = [rule for rule in (gate, tier.get("unlock"), tier.get("requires")) if rule]
    finding = weigh({"all": rules}, facts)
    return TierFinding(tier["name"], tier["rank"], finding.met, finding)


def weigh(rule: Mapping[str, Any], facts: Facts) -> Finding:
    """The finding of a node. All of nothing holds, any of nothing does not."""
    for group, holds in GROUPS.items():
        if group in rule:
            parts = tuple(weigh(part, facts) for part in rule[group])
            return Finding(holds(part.met for part in parts), group=group, parts=parts)
    return _leaf(rule, facts)


def _leaf(rule: Mapping[str, Any], facts: Facts) -> Finding:
    metric, op, window = rule["metric"], rule["op"], rule.get("window", "")
    if op not in OPS:
        raise CannotJudge(f"{metric}: unknown operator {op}")
    needed = plain(rule.get("value"))
    if needed is None:
        raise CannotJudge(f"{metric}: the threshold is missing")
    value = plain(facts.get(f"{metric}@{window}") if window else facts.get(metric))
    return Finding(holds(op, value, needed), metric, op, needed, value, window)


def holds(op: str, value: Any, needed: Any) -> bool:
    """Whether a fact meets a threshold. Missing facts, and facts that can't be compared with it, do not."""
    if value is None:
        return False
    try:
        return bool(OPS[op](value, needed))
    except TypeError:
        return False


def plain(value: Any) -> Any:
    """Numbers as exact decimals, so that 0.7 is 0.7; what is no number (NaN included) as None or as it is."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


# --- figures that are made of other figures -------------------------------------------------------------------------


def derive(definition: Mapping[str, Any], facts: Facts) -> Facts:
    """The facts with what the program's kind makes of them. Raises CannotJudge for a kind that is not known."""
    kind = definition.get("kind")
    if kind not in KINDS:
        raise CannotJudge(f"unknown kind {kind}")
    return KINDS[kind](definition, facts)


def _capped(value: Any, most: Any) -> Any:
    number, limit = plain(value), plain(most)
    return number if number is None or limit is None else min(number, limit)


def _as_they_are(_definition: Mapping[str, Any], facts: Facts) -> Facts:
    return facts


def _score(definition: Mapping[str, Any], facts: Facts) -> Facts:
    return {**facts, "score": _capped(facts.get("score"), definition.get("score", {}).get("max"))}


def _weighted(definition: Mapping[str, Any], facts: Facts) -> Facts:
    parts = {name: _capped(facts.get(name), most) for name, most in definition.get("metrics", {}).items()}
    total = sum((v for v in parts.values() if v is not None), Decimal(0))
    brought = facts.get("total_points")
    return {**facts, **parts, "total_points": total if brought is None else brought}


KINDS: Mapping[str | None, Callable[[Mapping[str, Any], Facts], Facts]] = {
    None: _as_they_are,
    "score_band": _score,
    "weighted_score": _weighted,
}


# --- bars: a sentence that says why not, or None ------------------------------------------------------------------


def no_longer_earned(review, at: datetime) -> str | None:
    earned = review.membership.earned_tier
    if earned and earned.rank >= review.to_tier.rank:
        return None
    return _("The figures no longer reach %s. The proposal ends by itself.") % review.to_tier.name


# --- what is wrong with a definition --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    path: str
    reason: str


def problems(definition: Mapping[str, Any]) -> list[Problem]:
    """Why a definition can't be used: unknown kind or operator, a threshold that is missing, a rank given twice."""
    found = []
    if definition.get("kind") not in KINDS:
        found.append(Problem("kind", f"unknown kind {definition['kind']}"))
    tiers = definition.get("tiers") or []
    if not tiers:
        found.append(Problem("tiers", "there is no tier"))
    for i, tier in enumerate(tiers):
        found += _tier_problems(tier, f"tiers[{i}]", [t.get("rank") for t in tiers[:i]])
    return found + _rule_problems(definition.get("gate"), "gate")


def _tier_problems(tier: Mapping[str, Any], path: str, earlier: Sequence[Any]) -> list[Problem]:
    found = [Problem(f"{path}.{key}", f"{key} is missing") for key in ("name", "rank") if tier.get(key) is None]
    if tier.get("rank") is not None and tier["rank"] in earlier:
        found.append(Problem(f"{path}.rank", f"rank {tier['rank']} is given twice"))
    for key in ("requires", "unlock"):
        found += _rule_problems(tier.get(key), f"{path}.{key}")
    return found


def _rule_problems(rule: Any, path: str) -> list[Problem]:
    if not rule:
        return []
    for group in GROUPS:
        if group == "any" and rule.get(group) == []:
            return [Problem(f"{path}.any", "any of nothing can't be met")]
        if group in rule:
            return [p for i, part in enumerate(rule[group]) for p in _rule_problems(part, f"{path}.{group}[{i}]")]
    found = []
    if not rule.get("metric"):
        found.append(Problem(path, "neither all, any nor a metric"))
    if rule.get("op") not in OPS:
        found.append(Problem(f"{path}.op", f"unknown operator {rule.get('op')}"))
    if rule.get("value") is None:
        found.append(Problem(f"{path}.value", "the threshold is missing"))
    return found
