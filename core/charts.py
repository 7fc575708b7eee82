"""Geometry of the server's charts: numbers in, coordinates out. Pure; templates/parts/chart_*.html draw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, floor, log10

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 56, 8, 12, 26


@dataclass(frozen=True, slots=True)
class Trace:
    """A line in pieces (gaps split it), its last dot, and the dashed piece of an unfinished last period."""

    name: str
    pieces: tuple[str, ...]
    fade: str
    end: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Tick:
    at: str
    value: float


@dataclass(frozen=True, slots=True)
class Lines:
    traces: tuple[Trace, ...]
    ticks: tuple[Tick, ...]
    labels: tuple[tuple[str, str, str], ...]  # x, words, anchor
    broken: bool  # the axis does not start at zero


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def spark_points(values: Sequence[float], width: int = 120, height: int = 40, edge: int = 4) -> list[str]:
    """Points of a small trend, left to right; a flat line runs in the middle."""
    low, high = min(values), max(values)
    step = width / max(len(values) - 1, 1)
    span = height - 2 * edge
    middle = height / 2

    def y(value: float) -> float:
        return height - edge - (value - low) / (high - low) * span if high > low else middle

    return [f"{_number(i * step)},{_number(y(v))}" for i, v in enumerate(values)]


def shares(values: Sequence[float]) -> list[str]:
    """Each value as a percentage of the largest, for bars that start at zero. Negative ones have no length."""
    top = max([*values, 0])
    return [_number(max(v, 0) / top * 100) + "%" if top else "0%" for v in values]


def scale(low: float, high: float, steps: int = 4) -> list[float]:
    """Round numbers that cover low to high. Starts at zero unless all lies in the upper half of the way there."""
    low = low if low < 0 or low > high / 2 else 0
    if high - low < max(abs(high) * 1e-6, 1e-9):
        high = low + max(abs(low) / 100, 1)
    rough = (high - low) / steps
    size = 10 ** floor(log10(rough))
    step = next(s * size for s in (1, 2, 2.5, 5, 10) if s * size >= rough)
    first, last = floor(low / step), ceil(high / step)
    return [i * step for i in range(first, last + 1)]


def lines(series: Sequence, labels: Sequence[str], *, unfinished: bool = False) -> Lines:
    """Coordinates of up to five series over common labels. `unfinished`: the last period is not over."""
    known = [v for s in series for v in s.values if v is not None] or [0]
    ticks = scale(min(known), max(known))
    step = (WIDTH - LEFT - RIGHT) / max(len(labels) - 1, 1)

    def x(i: int) -> float:
        return LEFT + i * step

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - ticks[0]) / (ticks[-1] - ticks[0]) * (HEIGHT - TOP - BOTTOM)

    traces = tuple(_trace(s, x, y, unfinished) for s in series[:5])
    every = ceil(len(labels) / 7) or 1
    shown = [i for i in range(len(labels)) if (len(labels) - 1 - i) % every == 0]
    words = tuple((_number(x(i)), str(labels[i]), _anchor(i, len(labels))) for i in shown)
    return Lines(traces, tuple(Tick(_number(y(t)), t) for t in ticks), words, ticks[0] > 0)


def _anchor(i: int, n: int) -> str:
    return "end" if i == n - 1 and n > 1 else "start" if i == 0 else "middle"


def _trace(series, x, y, unfinished: bool) -> Trace:
    points = [None if v is None else (x(i), y(v)) for i, v in enumerate(series.values)]
    solid = points[:-1] if unfinished else points
    fade = points[-2:] if unfinished and len(points) > 1 and None not in points[-2:] else []
    end = next((p for p in reversed(points) if p), None)
    pieces = tuple(_path(piece) for piece in _split(solid))
    return Trace(series.name, pieces, _path(fade), (_number(end[0]), _number(end[1])) if end else None)


def _path(points) -> str:
    return " ".join(f"{_number(a)},{_number(b)}" for a, b in points)


def _split(points) -> list[list]:
    return [list(piece) for known, piece in groupby(points, key=lambda point: point is not None) if known]
