"""Numbers by which near names are found without reading all: two names that share one may be alike. Pure.

Each telling word gives itself, itself without one of its letters (so that two spellings one typing error apart meet),
its beginning and its sound; neighbours give their joined form; all words their initials.
"""

from collections.abc import Iterator
from functools import lru_cache
from zlib import crc32

from deals.matching.letters import sound
from deals.matching.words import Name, Word

MOST_WORDS = 4  # the most telling words of a name give keys
_SHORTEST_TYPO, _SHORTEST_SOUND, _SHORTEST_HEAD, _SHORTEST_SPLIT = 4, 4, 6, 4
_HEAD = 5
_LONGEST = 24  # letters of a word that may be mistyped
_INITIALS = range(3, 7)

Group = frozenset[int]  # the keys of one word


def number(text: str) -> int:
    """A key as PostgreSQL's int4."""
    value = crc32(text.encode("utf-8", "surrogatepass"))
    return value - (1 << 32) if value >= 1 << 31 else value


@lru_cache(maxsize=100_000)
def of_word(text: str) -> Group:
    """The keys of one word."""
    found = {text}
    if len(text) >= _SHORTEST_TYPO and not text.isdigit():
        head = text[:_LONGEST]
        found.update(head[:i] + head[i + 1 :] for i in range(len(head)))
    if len(text) >= _SHORTEST_HEAD:
        found.add(f"^{text[:_HEAD]}")  # what follows may be another word, or cut off
    heard = sound(text) if text.isascii() else ""
    if len(heard) >= _SHORTEST_SOUND:
        found.add(f"~{heard}")
    return frozenset(map(number, found))


def _telling(name: Name) -> list[Word]:
    return sorted(name.words, key=lambda word: (-word.weight, -len(word.text), word.text))[:MOST_WORDS]


def groups(name: Name) -> Iterator[Group]:
    """The keys of a name word by word, the most telling word first; then those of joined words and of initials."""
    for word in _telling(name):
        yield of_word(word.text)
    joined = {number(a.text + b.text) for a, b in zip(name.words, name.words[1:], strict=False)}
    if len(name.initials) in _INITIALS:
        joined.add(number(name.initials))
    if joined:
        yield frozenset(joined)


def splits(name: Name) -> set[int]:
    """Keys of the words that a word of an asked name may begin with, when it was written without a space."""
    return {
        number(word.text[:size])
        for word in _telling(name)
        if len(word.text) >= _SHORTEST_HEAD and word.text.isalpha()
        for size in range(_SHORTEST_SPLIT, len(word.text))
    }


def keys(name: Name) -> list[int]:
    """All keys under which a name is found."""
    return sorted(frozenset().union(*groups(name)))
