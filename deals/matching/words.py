"""A company name taken apart: what tells companies apart, what only says where, what trade or what legal form. Pure."""

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from deals.matching.letters import latin
from deals.normalise import plain, unglued, without_forms

_DATA = Path(__file__).parents[1] / "data"
LONGEST = 200  # letters; what stands behind them tells no company apart
MOST_WORDS = 16
FILLERS = frozenset(
    [
        "and",
        "und",
        "et",
        "y",
        "e",
        "i",
        "ve",
        "en",
        "og",
        "och",
        "the",
        "of",
        "for",
        "de",
        "la",
        "le",
        "les",
        "los",
        "las",
        "el",
        "di",
        "do",
        "da",
        "dos",
        "das",
        "del",
        "della",
        "der",
        "die",
        "das",
        "den",
        "in",
        "du",
        "des",
        "van",
        "von",
        "al",
        "a",
    ]
)
_ALL_KNOWN = math.log(101)  # a word met in a hundred surroundings says next to nothing
_DIGIT = re.compile(r"\d")
_LEAST, _PLACE, _FILLER = 0.08, 0.12, 0.03


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name and how far it tells companies apart (0 to 1)."""

    text: str
    weight: float
    place: str = ""  # country code, "-" for a region


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is compared. `compact` holds its letters without legal form, fillers and spaces."""

    words: tuple[Word, ...]
    compact: str
    initials: str
    places: frozenset[str]
    numbers: frozenset[str]

    @property
    def total(self) -> float:
        return sum(word.weight for word in self.words)


@cache
def places() -> dict[str, str]:
    """Word → country code, or "-" for regions."""
    lines = (
        line.split() for line in (_DATA / "places.txt").read_text(encoding="utf-8").splitlines() if line[:1] != "#"
    )
    return {word: code for code, *words in lines for word in words}


@cache
def commonness() -> dict[str, int]:
    """In how many surroundings a word was met in company names; words that tell companies apart are absent."""
    lines = (_DATA / "name_words.txt").read_text(encoding="utf-8").splitlines()
    return {word: int(count) for word, count in (line.split() for line in lines if line[:1] != "#")}


@lru_cache(maxsize=50_000)
def _word(text: str) -> Word:
    if text in FILLERS:
        return Word(text, _FILLER)
    place = places().get(text, "")
    if place:
        return Word(text, _PLACE, place)
    weight = max(_LEAST, 1 - math.log1p(commonness().get(text, 0)) / _ALL_KNOWN)
    if text.isdigit():
        return Word(text, 0.3)
    return Word(text, weight * min(1.0, 0.25 + len(text) * 0.2) if text.isascii() else weight)


def _initials_joined(words: list[str]) -> list[str]:
    """Letters that stand alone in a row are one word: "b p chemicals" is "bp chemicals"."""
    marked = " ".join(words)
    return re.sub(r"\b(\w) (?=\w\b)", r"\1", marked).split()


@lru_cache(maxsize=20_000)
def name(text: str) -> Name:
    """The parts of a written company name. Any text has them; of a text without letters they are empty."""
    written = latin(unglued(plain(text[: 2 * LONGEST]))).split()
    kept = without_forms(_initials_joined(without_forms(written)))
    words = tuple(_word(one[:60]) for one in kept[:MOST_WORDS])
    telling = [w for w in words if w.weight > _FILLER] or list(words)
    return Name(
        words=tuple(telling),
        compact="".join(w.text for w in telling)[:LONGEST],
        initials="".join(w.text[0] for w in telling),
        places=frozenset(w.place for w in words if len(w.place) == 2),
        numbers=frozenset(w.text for w in words if _DIGIT.search(w.text)),
    )
