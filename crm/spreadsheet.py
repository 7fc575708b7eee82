"""Spreadsheets: the first sheet of an XLSX file as lines of text, one pass, whatever its size."""

import csv
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from django.utils.translation import gettext as _

MOST_ROWS = 1_048_576  # of a sheet
_FAULTS = (KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OSError, SyntaxError)


class NoSheet(Exception):
    """The file holds no sheet that can be read."""


def write_rows(path: Path, target: Path, most: int = MOST_ROWS) -> int:
    """Writes the sheet's first rows as CSV, each after its number; how many rows the sheet says it has."""
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # of many kinds, for there are many ways to be no spreadsheet
        raise NoSheet(_("it is no spreadsheet, or a damaged one")) from error
    try:
        if not book.worksheets:
            raise NoSheet(_("it holds no sheet"))
        with open(target, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(_rows(book.worksheets[0], most))
        return book.worksheets[0].max_row or 0
    except _FAULTS as error:
        raise NoSheet(_("it is a damaged spreadsheet")) from error
    finally:
        book.close()


def _rows(sheet: Any, most: int) -> Iterator[list[Any]]:
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > MOST_ROWS:
            raise NoSheet(_("it has more rows than a sheet can have"))
        if number > most:
            return
        if any(cell is not None for cell in cells):
            yield [number, *map(text_of, cells)]


def text_of(value: Any) -> str:
    """A cell as a person would write it: days as 2026-12-31, numbers without exponents."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime | date | time):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(f"{value:.15g}"), "f")
    return str(value)
