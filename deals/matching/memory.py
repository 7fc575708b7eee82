"""Near names among a list in memory: for files. Pure."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import combinations

from deals.matching.keys import Group, groups, keys, splits
from deals.matching.model import score
from deals.matching.ranking import Sketch, nearest, sketch
from deals.matching.words import name

_FEW = 400  # rows; a key with more is too common to be looked up alone
_BITS = 32


class Names:
    """A list of names that can be asked for the ones nearest to another name."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = list(texts)
        self._sketches: list[Sketch] = [sketch(name(text)) for text in self.texts]
        pairs = sorted((key << _BITS) + row for row, text in enumerate(self.texts) for key in keys(name(text)))
        self._postings = array("q", pairs)

    def _rows(self, key: int) -> Iterator[int]:
        low = bisect_left(self._postings, key << _BITS)
        high = bisect_right(self._postings, (key << _BITS) + (1 << _BITS) - 1, low)
        return (pair & ((1 << _BITS) - 1) for pair in self._postings[low:high])

    def _of_group(self, group: Group) -> set[int]:
        return {row for key in group for row in self._rows(key)}

    def _candidates(self, text: str) -> set[int]:
        """Rows that share a rare word with the name; else two common words; else its rarest word."""
        asked = name(text)
        found = [rows for group in groups(asked) if (rows := self._of_group(group))]
        begun = (self._of_group(frozenset([key])) for key in splits(asked))
        rare = set().union(*(rows for rows in (*found, *begun) if len(rows) <= _FEW))
        common = [rows for rows in found if len(rows) > _FEW]
        both = set().union(*(a & b for a, b in combinations(common, 2)))
        return rare | both or (min(found, key=len) if found else set())

    def nearest(self, text: str, top: int = 5) -> list[int]:
        """The indexes of the names most like this one, best first."""
        asked = name(text)
        rows = nearest(sketch(asked), ((row, self._sketches[row]) for row in self._candidates(text)))
        scored = [(-score(asked, name(self.texts[row])).value, self.texts[row] != text, row) for row in rows]
        return [row for _, _, row in sorted(scored)[:top]]
