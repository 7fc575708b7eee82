"""Rows as CSV that no spreadsheet takes for a formula. Pure."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.money import Money

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """A file of one line: what is written comes back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(columns: Sequence[tuple[str, Any, str]], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of the file, its head first. An amount takes two columns: figure and currency."""
    writer = csv.writer(_Line())
    keys = [key for key, _label, _kind in columns]
    yield "\ufeff" + writer.writerow(_cells(keys, [(str(label),) for _key, label, _kind in columns], head=True))
    for row in rows:
        yield writer.writerow(_cells(keys, [_plain(cell) for cell in row]))


def _cells(keys: Sequence[str], cells: Sequence[tuple[Any, ...]], head: bool = False) -> list[Any]:
    second = (_("Currency"),) if head else ("",)
    wide = [(cell + second)[:2] if key == "amount" else cell[:1] for key, cell in zip(keys, cells, strict=True)]
    return [part for cell in wide for part in cell]


def _plain(cell: Any) -> tuple[Any, ...]:
    if isinstance(cell, Money):
        return f"{cell.amount:.2f}", cell.currency
    if cell is None or isinstance(cell, int):
        return ("" if cell is None else cell,)
    return (cell.isoformat() if hasattr(cell, "isoformat") else neutral(str(cell)),)


def neutral(words: str) -> str:
    """Words that start like a formula get an apostrophe before them."""
    return f"'{words}" if words.startswith(_DANGEROUS) else words
