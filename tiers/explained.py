"""A verdict's arithmetic as data, the way it is stored."""

from typing import Any

from tiers.rules import Finding, TierFinding


def explain(tier: TierFinding) -> dict[str, Any]:
    """A tier's arithmetic as data: each leaf with value, needed and whether it is met; and how they are joined."""
    leaves = [_leaf(leaf) for leaf in tier.finding.leaves()]
    return {"tier": tier.name, "rank": tier.rank, "met": tier.met, "leaves": leaves, "rule": _joined(tier.finding)}


def _leaf(leaf: Finding) -> dict[str, Any]:
    return {
        "metric": leaf.metric,
        "op": leaf.op,
        "needed": None if leaf.needed is None else str(leaf.needed),
        "value": None if leaf.value is None else str(leaf.value),
        "met": leaf.met,
    } | ({"window": leaf.window} if leaf.window else {})


def _joined(finding: Finding) -> Any:
    """The shape of a rule, {"all": [...]} or {"any": [...]}, with True or False for each leaf in order."""
    return {finding.group: [_joined(part) for part in finding.parts]} if finding.group else finding.met
