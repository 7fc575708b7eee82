"""A verdict's arithmetic as data, the way it is stored."""

from typing import Any

from tiers.rules import TierFinding


def explain(tier: TierFinding) -> dict[str, Any]:
    """A tier's arithmetic as data: each leaf with value, needed and whether it is met."""
    leaves = [
        {
            "metric": leaf.metric,
            "op": leaf.op,
            "needed": str(leaf.needed),
            "value": None if leaf.value is None else str(leaf.value),
            "met": leaf.met,
        }
        for leaf in tier.finding.leaves()
    ]
    return {"tier": tier.name, "rank": tier.rank, "met": tier.met, "leaves": leaves}
