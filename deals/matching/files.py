"""Names out of CSV files, with a sentence for what is wrong with them."""

import csv
from collections.abc import Iterator
from pathlib import Path

_LONGEST_CELL = 1 << 20


class BadFile(ValueError):
    """The file can't be read as asked; the text says why and what to do."""


def cells(path: str, *columns: str) -> Iterator[tuple[str, ...]]:
    """The named columns of each row of a CSV file in UTF-8. Raises BadFile."""
    csv.field_size_limit(_LONGEST_CELL)
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            _demand(path, rows.fieldnames, columns)
            for row in rows:
                yield tuple(row[column] or "" for column in columns)
    except OSError as error:
        raise BadFile(f"{path} can't be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is not UTF-8 (byte {error.start}). Save it as CSV in UTF-8.") from error
    except (csv.Error, ValueError) as error:
        raise error if isinstance(error, BadFile) else BadFile(f"{path} is not a CSV file: {error}.") from error


def _demand(path: str, found: object, columns: tuple[str, ...]) -> None:
    known = list(found or ())  # type: ignore[call-overload]
    missing = [column for column in columns if column not in known]
    if missing:
        raise BadFile(f"{path} has no column {' and no '.join(missing)}. It has: {', '.join(known) or 'none'}.")


def header(path: str) -> list[str]:
    """The names of the columns of a CSV file. Raises BadFile."""
    csv.field_size_limit(_LONGEST_CELL)
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file), [])
    except OSError as error:
        raise BadFile(f"{path} can't be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is not UTF-8 (byte {error.start}). Save it as CSV in UTF-8.") from error
    except (csv.Error, ValueError) as error:
        raise BadFile(f"{path} is not a CSV file: {error}.") from error
