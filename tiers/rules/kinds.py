"""Figures that a program makes of other figures: a capped score, a sum of capped parts, a table of points. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from django.utils.translation import gettext as _

from tiers.rules.figures import EXACT, Facts, Look, capped, number
from tiers.rules.grammar import Reader
from tiers.rules.points import read_points


class Made(Protocol):
    """`metrics`: what it makes; `reads`: the figures it looks at."""

    @property
    def metrics(self) -> tuple[str, ...]: ...
    @property
    def reads(self) -> tuple[str, ...]: ...
    @property
    def markets(self) -> frozenset[str]: ...
    def values(self, look: Look, facts: Facts) -> Facts: ...


@dataclass(frozen=True, slots=True)
class Score:
    most: Decimal | None
    metrics: tuple[str, ...] = ("score",)
    reads: tuple[str, ...] = ("score",)
    markets: frozenset[str] = frozenset()

    def values(self, look: Look, _facts: Facts) -> Facts:
        return {"score": capped(number(look("score")), self.most)}


@dataclass(frozen=True, slots=True)
class Weighted:
    """Each part up to its maximum; their sum where the facts do not bring it."""

    parts: Mapping[str, Decimal]
    markets: frozenset[str] = frozenset()

    @property
    def metrics(self) -> tuple[str, ...]:
        return (*self.parts, "total_points")

    reads = metrics

    def values(self, look: Look, _facts: Facts) -> Facts:
        parts = {name: capped(number(look(name)), most) for name, most in self.parts.items()}
        total = Decimal(0)
        for value in parts.values():
            total = total if value is None else EXACT.add(total, value)
        brought = look("total_points")
        return {**parts, "total_points": total if brought is None else brought}


def _score(reader: Reader, definition: Mapping[str, Any], _asked: set[str]) -> Score:
    said = definition.get("score")
    most = said.get("max") if isinstance(said, Mapping) else said
    return Score(_maximum(reader, most, "score.max") if most is not None else None)


def _weighted(reader: Reader, definition: Mapping[str, Any], _asked: set[str]) -> Weighted:
    said = definition.get("metrics")
    if not isinstance(said, Mapping) or not said:
        reader.wrong("metrics", _("there is no part with its maximum"))
        return Weighted({})
    tops = {str(name): one.get("max") if isinstance(one, Mapping) else one for name, one in said.items()}
    return Weighted({name: _maximum(reader, most, f"metrics.{name}") for name, most in tops.items()})


def _maximum(reader: Reader, raw: Any, path: str) -> Decimal:
    value = number(raw)
    if value is None:
        reader.wrong(path, _("is not a number"))
    return value or Decimal(0)


KINDS: Mapping[str | None, Callable[[Reader, Mapping[str, Any], set[str]], Made | None]] = {
    None: lambda _reader, _definition, _asked: None,
    "score_band": _score,
    "weighted_score": _weighted,
    "points": read_points,
}


def read_kind(reader: Reader, definition: Mapping[str, Any], asked: set[str]) -> Made | None:
    """What the program's kind makes of figures."""
    kind = definition.get("kind")
    if isinstance(kind, str | None) and kind in KINDS:
        return KINDS[kind](reader, definition, asked)
    reader.wrong("kind", _("unknown kind %s") % kind)
    return None
