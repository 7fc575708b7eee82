"""A name as the index files it: what is stored of it, and under which numbers it is found. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from deals.matching.keys import keys
from deals.matching.ranking import sketch
from deals.matching.words import name

COLUMNS = ("kind", "owner_id", "account_id", "name", "plain", "compact")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A name that shall be found."""

    kind: str
    owner_id: Any
    account_id: Any
    text: str

    def values(self) -> dict[str, Any]:
        """The columns of its row beside whose it is."""
        plain, compact = sketch(name(self.text))
        return {"account_id": self.account_id, "name": self.text[:200], "plain": plain[:400], "compact": compact}

    def keys(self) -> list[int]:
        """Under which numbers the name is found."""
        return keys(name(self.text))


def lines(rows: Iterable[Sequence[Any]]) -> str:
    """Rows of COPY for entries given as (id, kind, owner, account, text): id, the columns, the keys."""
    return "".join(map(_line, rows))


def _line(row: Sequence[Any]) -> str:
    place, *whose = row
    one = Entry(*whose)
    values = one.values()
    texts = (values[part].translate(_ESCAPES) for part in ("name", "plain", "compact"))
    numbers = ",".join(map(str, one.keys()))
    return "\t".join((str(place), one.kind, one.owner_id, one.account_id or "\\N", *texts, f"{{{numbers}}}")) + "\n"
