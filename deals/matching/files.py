"""Names out of CSV files, with a sentence for what is wrong with them."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

_LONGEST_CELL = 1 << 20


class BadFile(ValueError):
    """The file can't be read as asked; the text says why and what to do."""


@contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    csv.field_size_limit(_LONGEST_CELL)
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            yield file
    except OSError as error:
        raise BadFile(f"{path} can't be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is not UTF-8. Save it as CSV in UTF-8.") from error
    except csv.Error as error:
        raise BadFile(f"{path} is not a CSV file: {error}.") from error


def header(path: str) -> list[str]:
    """The names of the columns of a CSV file; empty for an empty file. Raises BadFile."""
    with _opened(path) as file:
        return next(csv.reader(file), [])


def cells(path: str, *columns: str) -> Iterator[tuple[str, ...]]:
    """The named columns of each row of a CSV file in UTF-8, "" where a row is too short. Raises BadFile."""
    with _opened(path) as file:
        rows = csv.reader(file)
        known = next(rows, [])
        if missing := [column for column in columns if column not in known]:
            raise BadFile(f"{path} has no column {' and no '.join(missing)}. It has: {', '.join(known) or 'none'}.")
        places = [known.index(column) for column in columns]
        for row in rows:
            if row:
                yield tuple(row[place] if place < len(row) else "" for place in places)
