"""A quick look at many candidates, so that the careful comparison sees few. Pure."""

from collections.abc import Iterable
from heapq import nlargest
from typing import NamedTuple, TypeVar

from rapidfuzz.fuzz import ratio, token_set_ratio

from deals.matching.words import Name

CAREFULLY = 24  # candidates that are compared part by part
Row = TypeVar("Row")


class Sketch(NamedTuple):
    """What the quick look reads of a name."""

    plain: str
    compact: str


def sketch(name: Name) -> Sketch:
    """The words of a name in a row, with and without spaces."""
    return Sketch(" ".join(word.text for word in name.words), name.compact)


def nearest(asked: Sketch, rows: Iterable[tuple[Row, Sketch]], most: int = CAREFULLY) -> list[Row]:
    """The rows whose letters are most like those asked for."""
    best = nlargest(most, rows, key=lambda row: likeness(asked, row[1]))
    return [row for row, _ in best]


def likeness(one: Sketch, two: Sketch) -> float:
    """0 to 200: the words both have, and the letters in a row."""
    return token_set_ratio(one.plain, two.plain) + ratio(one.compact, two.compact)
