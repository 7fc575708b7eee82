"""Figures that rules compare: exact numbers, words, yes and no. Pure."""

import operator
from collections.abc import Callable, Mapping
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Any

from tiers.windows import window_key

OPS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
EXACT = Context(prec=60, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])  # numbers of any size, without an exception
OTHERWISE = ("default", "other")  # what a mapping by market says for every other market
Facts = Mapping[str, Any]
Look = Callable[[str], Any]


def plain(value: Any) -> Any:
    """Numbers as exact decimals, so that 0.7 is 0.7; words, yes and no as they are; None for anything else."""
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return Decimal(value)
    return plain(Decimal(str(value))) if isinstance(value, float) else None


def number(value: Any) -> Decimal | None:
    """A figure to reckon with; yes counts 1."""
    found = plain(value)
    return Decimal(found) if isinstance(found, bool) else found if isinstance(found, Decimal) else None


def capped(value: Decimal | None, most: Decimal | None) -> Decimal | None:
    return value if value is None or most is None else min(value, most)


def holds(op: str, value: Any, needed: Any) -> bool:
    """Whether a fact meets a threshold. Of several figures (one a quarter) each must.

    A fact that is missing, or that can't be compared with the threshold, never does.
    """
    if isinstance(value, list | tuple):
        return bool(value) and all(holds(op, one, needed) for one in value)
    found = plain(value)
    if found is None or needed is None or isinstance(found, str) is not isinstance(needed, str):
        return False
    return OPS[op](found, needed)


def names(metric: str, window: str) -> tuple[str, ...]:
    """Under which names a figure is looked up: `metric@window` as the worker stores it, then the bare metric."""
    if not window:
        return (metric,)
    return tuple(dict.fromkeys((f"{metric}@{window_key(window)}", f"{metric}@{window}", metric)))


def named(facts: Facts, under: tuple[str, ...]) -> str:
    """The first of the names that has a figure, else the last."""
    return next((name for name in under if facts.get(name) is not None), under[-1])


def first(facts: Facts, under: tuple[str, ...]) -> Any:
    """The figure under the first of the names that has one."""
    return facts.get(named(facts, under))


def of_market(table: Mapping[str, Any], facts: Facts, otherwise: tuple[str, ...] = ()) -> Any:
    """What a mapping by market says for the facts' market, else under `otherwise`, else by default; or None."""
    market = facts.get("market")
    wanted = (market.casefold() if isinstance(market, str) else "", *otherwise, *OTHERWISE)
    return next((table[name] for name in wanted if name in table), None)
