"""The rows that were not loaded, as CSV to put right and upload again: line and reason, then the row as it came."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import IO

from crm.reading import Table
from crm.report import guarded

LINE, REASON = "line", "reason"


def write(table: Table, reasons: Mapping[int, str], file: IO[str]) -> None:
    """Writes the rows of the table that have a reason. Opens in a spreadsheet without running anything."""
    file.write("\ufeff")  # so that spreadsheets read UTF-8
    out = csv.writer(file)
    out.writerow(_cells([_free(LINE, table.columns), _free(REASON, table.columns), *table.columns]))
    left = len(reasons)
    for row in table.rows() if reasons else ():
        if why := reasons.get(row.line):
            out.writerow(_cells([str(row.line), why, *(cell.replace("\x00", "") for cell in row.raw)]))
            left -= 1
            if not left:
                return


def _free(name: str, taken: Sequence[str]) -> str:
    return name if name not in taken else f"import {name}"


def _cells(cells: Iterable[str]) -> list[str]:
    return [guarded(cell) for cell in cells]
