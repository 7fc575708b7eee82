"""From the parts of a comparison to one score. Pure.

A logistic regression says whether two names are one company or its group; from there on the score says how much of
the names is the same. So ½ and more means "one house", and the nearer to 1, the surer "this very company".
"""

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from deals.matching.pair import PARTS, Parts, compare
from deals.matching.words import Name, name

MODEL = Path(__file__).parents[1] / "data" / "name_model.txt"
SAME_HOUSE = 0.5  # the threshold of the best F1: one company, or companies of one group
POSSIBLE = 0.7  # worth a person's look
SAME_COMPANY = 0.9  # the verdict "conflict": at most three of a hundred are wrong
_INITIALS = 0.45
_ANOTHER_COUNTRY, _OTHER_NUMBERS = 0.4, 0.6  # how much less is the same then


@dataclass(frozen=True, slots=True)
class Score:
    """How surely two names are one company, 0 to 1, and why."""

    value: float
    parts: Parts


@cache
def coefficients() -> tuple[float, tuple[float, ...]]:
    """The constant and one factor per part, in the order of PARTS."""
    lines = (line.split() for line in MODEL.read_text(encoding="utf-8").splitlines() if line[:1] != "#")
    known = {part: float(factor) for part, factor in lines}
    return known["constant"], tuple(known[part] for part in PARTS)


def likelihood(parts: Parts) -> float:
    """The probability that both are one company or of one group."""
    constant, factors = coefficients()
    logit = constant + sum(f * v for f, v in zip(factors, parts.values(), strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


def sameness(parts: Parts) -> float:
    """How much of two names is the same, legal forms aside: 1 for equal names, less for branches and namesakes."""
    alike = parts.shared * (1 - 0.3 * (1 - parts.letters))
    alike *= 1 - _ANOTHER_COUNTRY * parts.places
    return max(alike * (1 - _OTHER_NUMBERS * parts.numbers), _INITIALS * parts.acronym)


def judge(parts: Parts) -> float:
    """The score of a comparison, 0 to 1."""
    return grade(likelihood(parts), parts)


def grade(likely: float, parts: Parts) -> float:
    """The score, once it is known how likely both are of one house."""
    return likely if likely < SAME_HOUSE else SAME_HOUSE + (1 - SAME_HOUSE) * sameness(parts)


def score(one: Name, two: Name) -> Score:
    """How surely two names are one company. Symmetric; a name without letters is like nothing."""
    parts = compare(one, two)
    return Score(judge(parts) if one.words and two.words else 0.0, parts)


def of_texts(one: str, two: str) -> float:
    """The score of two written names."""
    return score(name(one), name(two)).value
