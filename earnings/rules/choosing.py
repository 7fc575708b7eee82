"""Which version of which rule holds for a deal: the most specific one that was in force on the day. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

Rule = Any  # a RevenueRule, or what looks like one


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule is looked for: a partner's place in a program, and the deal."""

    program_id: UUID
    partner_type: str
    day: date
    currency: str = ""
    tier_id: UUID | None = None
    product_id: UUID | None = None
    family: str = ""
    country: str = ""
    region: str = ""
    registered: bool = False


def fits(rule: Rule, case: Case) -> bool:
    """Whether a rule was in force on the day and is for such a deal. What a rule does not name, it does not ask."""
    return (
        (rule.program_id, rule.partner_type) == (case.program_id, case.partner_type)
        and rule.effective_from <= case.day
        and (rule.effective_to is None or case.day <= rule.effective_to)
        and rule.tier_id in (None, case.tier_id)
        and rule.product_id in (None, case.product_id)
        and (not rule.family or holds(rule.family, case.family))
        and rule.territory in ("", case.country, case.region)
        and rule.currency in ("", case.currency)
        and (case.registered or not rule.registered_only)
    )


def holds(family: str, inner: str) -> bool:
    """Whether a family of products is the other one or one above it: "Cloud" holds "Cloud/Storage"."""
    return inner == family or inner.startswith(family + "/")


def specificity(rule: Rule) -> tuple[int, ...]:
    """How closely a rule looks, the strongest first: product, family (the deeper the closer), tier, territory
    (country before region), currency, registered deals alone.

    Two rules that fit one deal and are equal in this name the very same things: that is a tie, and refused.
    """
    return (
        int(rule.product_id is not None),
        len(rule.family.split("/")) if rule.family else 0,
        int(rule.tier_id is not None),
        0 if not rule.territory else 2 if _is_country(rule.territory) else 1,
        int(bool(rule.currency)),
        int(rule.registered_only),
    )


def _is_country(territory: str) -> bool:
    return len(territory) == 2 and territory.isupper()


def choose(rules: Iterable[Rule], case: Case) -> dict[str, Rule]:
    """Kind → the rule that holds. A margin and a rebate stand beside each other; of two margins one holds."""
    best: dict[str, Rule] = {}
    for rule in rules:
        if fits(rule, case) and (rule.kind not in best or _rank(rule) > _rank(best[rule.kind])):
            best[rule.kind] = rule
    return best


def _rank(rule: Rule) -> tuple[tuple[int, ...], int]:
    """How closely it looks; of two versions of one day the later."""
    return specificity(rule), rule.number


def tie(rule: Rule, others: Sequence[Rule]) -> Rule | None:
    """The rule that could not be told from this one: it names the same things and its days overlap."""
    return next((other for other in others if _names(other) == _names(rule) and _overlap(other, rule)), None)


def _names(rule: Rule) -> tuple[Any, ...]:
    return (
        rule.program_id, rule.partner_type, rule.kind, rule.tier_id, rule.product_id, rule.family, rule.territory,
        rule.currency, rule.registered_only,
    )  # fmt: skip


def _overlap(one: Rule, other: Rule) -> bool:
    first, last = max(one.effective_from, other.effective_from), [one.effective_to, other.effective_to]
    return all(end is None or first <= end for end in last)
