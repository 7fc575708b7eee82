"""What the first rows of a file will be understood as, cell by cell, before anything is loaded. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.text import clean
from crm.fields import FIELDS
from crm.mapping import Mapping
from crm.reading import Row, unguarded
from crm.rows import Reader, Wrong
from crm.targets import values_of


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as it will stand here, or what is wrong with it in words."""

    text: str
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the preview; `why` is what keeps the whole row out."""

    line: int
    ext_id: str
    cells: Sequence[Cell]
    why: str = ""
    notes: Sequence[str] = ()


def lines(mapping: Mapping, kind: str, columns: Sequence[str], first: Sequence[Any]) -> list[Line]:
    """The first rows ([line, [cells]]) by the fields of the mapping."""
    reader = Reader(mapping, kind)
    return [_line(reader, mapping, kind, _row(columns, line, cells)) for line, cells in first]


def _row(columns: Sequence[str], line: int, cells: Sequence[str]) -> Row:
    wide, width = len(cells), len(columns)
    wrong = f"has {wide} cells where the header has {width}" if wide < width or any(cells[width:]) else ""
    return Row(line, dict(zip(columns, map(unguarded, cells), strict=False)), wrong, cells)


def _line(reader: Reader, mapping: Mapping, kind: str, row: Row) -> Line:
    notes: list[str] = []
    read = dict(zip(mapping.files[kind].fields, reader.cells(row, notes), strict=True))
    cells = [_cell(read[name]) for name, _column in fields(mapping, kind)]
    known = reader.read(row)
    why = known.why
    try:
        if not why:
            values_of(kind, known, mapping, {})
    except Wrong as wrong:
        why = str(wrong)
    return Line(row.line, known.ext_id, cells, "" if any(cell.wrong for cell in cells) else why, notes)


def _cell(found: Any) -> Cell:
    if isinstance(found, Wrong):
        return Cell(str(found), True)
    return Cell(f"{found:,.2f}" if isinstance(found, Decimal) else "" if found is None else clean(str(found))[:80])


def fields(mapping: Mapping, kind: str) -> list[tuple[str, str]]:
    """(our field, their column), in our order."""
    mapped = mapping.files[kind].fields
    return [(name, mapped[name]) for name in FIELDS[kind] if name in mapped]
