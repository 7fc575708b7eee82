"""Reads CSV files as other programs write them: any usual encoding, delimiter and line end; each row with its line."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from core.files import archives
from crm import spreadsheet

LONGEST_RECORD = 1_000_000  # characters
MOST_LINES = 200  # of one record, in quotes
MOST_COLUMNS = 1_000
MOST_BYTES = 2 * 2**30
DELIMITERS = ",;\t|"
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
csv.field_size_limit(LONGEST_RECORD)
Record = tuple[int, list[str], str]  # line, cells, what is wrong


class Unreadable(Exception):
    """The file as a whole can't be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record by column name, or what is wrong with it. `line` is where it begins in the file, from 1.

    `raw` are the cells as they stand there; of a record that can't be read, its first line.
    """

    line: int
    cells: dict[str, str]
    wrong: str = ""
    raw: Sequence[str] = field(default=(), compare=False)


class _Broken(Exception):
    """One record can't be read; reading goes on with the next line."""


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file, understood but not read: which encoding and delimiter it uses and which columns it has."""

    path: Path
    encoding: str
    delimiter: str
    columns: tuple[str, ...]

    def doubled(self) -> frozenset[str]:
        """Columns that occur more than once."""
        return frozenset(name for name, times in Counter(self.columns).items() if times > 1 and name)

    def rows(self) -> Iterator[Row]:
        """Every record after the header, in order. Blank lines are none."""
        with _open(self.path, self.encoding) as file:
            records = self._records(file)
            next(records, None)
            for line, cells, wrong in records:
                if wrong or any(cells):
                    yield self._row(line, cells, wrong)

    def _records(self, file: TextIOWrapper) -> Iterator[Record]:
        return _records(file, self.delimiter)

    def _row(self, line: int, cells: list[str], wrong: str) -> Row:
        wide, width = len(cells), len(self.columns)
        if not wrong and (wide < width or any(cells[width:])):
            wrong = f"has {wide} cells where the header has {width}"
        if not wrong and any("\x00" in cell for cell in cells):
            wrong = "holds a NUL character"
        return Row(line, {} if wrong else dict(zip(self.columns, map(unguarded, cells), strict=False)), wrong, cells)


class Sheet(Table):
    """A spreadsheet's first sheet, written out as CSV with each row's number before it; short rows are filled up."""

    def _records(self, file: TextIOWrapper) -> Iterator[Record]:
        for cells in csv.reader(file):
            yield int(cells[0]), [*cells[1:], *[""] * (len(self.columns) + 1 - len(cells))], ""


def unguarded(cell: str) -> str:
    """The cell without the apostrophe that exports put before what a spreadsheet would run as a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in "=+-@\t\r＝＋－＠" else cell


def understand(path: Path, *, encoding: str = "", delimiter: str = "", most: int = spreadsheet.MOST_ROWS) -> Table:
    """How to read this file; of a spreadsheet the first `most` rows. Raises Unreadable."""
    if not path.is_file():
        raise Unreadable("there is no such file")
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable(f"it is larger than {MOST_BYTES:,} bytes")
    try:
        return _understand_sheet(path, most) if path.suffix == ".xlsx" else _understand(path, encoding, delimiter)
    except (EOFError, gzip.BadGzipFile, OSError) as error:
        raise Unreadable(f"it can't be read ({type(error).__name__})") from error
    except LookupError as error:
        raise Unreadable(f"the encoding {encoding} is unknown") from error


def _understand(path: Path, encoding: str, delimiter: str) -> Table:
    encoding = encoding or _encoding(path)
    with _open(path, encoding) as file:
        start = file.readline(LONGEST_RECORD)
    if not start:
        raise Unreadable("it is empty")
    delimiter = delimiter or max(DELIMITERS, key=_outside_quotes(start).count)
    with _open(path, encoding) as file:
        _line, header, wrong = next(_records(file, delimiter))
    if wrong:
        raise Unreadable(f"its header {wrong}")
    return Table(path, encoding, delimiter, _checked([name.strip() for name in header]))


def _understand_sheet(path: Path, most: int) -> Sheet:
    written = path.with_suffix(".rows")
    try:
        archives.check_zip(path)
        spreadsheet.write_rows(path, written, most)
    except (archives.Suspicious, spreadsheet.NoSheet) as error:
        raise Unreadable(str(error)) from error
    with open(written, encoding="utf-8", newline="") as file:
        header = next(csv.reader(file), None)
    if not header:
        raise Unreadable("it is empty")
    names = [name.strip() for name in header[1:]]
    while names and not names[-1]:
        names.pop()
    return Sheet(written, "utf-8", ",", _checked(names))


def _checked(names: list[str]) -> tuple[str, ...]:
    if len(names) > MOST_COLUMNS:
        raise Unreadable(f"it has {len(names):,} columns, more than {MOST_COLUMNS:,}")
    return tuple(names)


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _bytes(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else open(path, "rb")  # type: ignore[return-value]


def _open(path: Path, encoding: str) -> TextIOWrapper:
    return TextIOWrapper(_bytes(path), encoding=encoding, errors="replace", newline=None)


def _encoding(path: Path) -> str:
    """The byte order mark's; UTF-16 where every other byte is zero; UTF-8 where it fits; else Windows-1252."""
    with _bytes(path) as file:
        start = file.read(4096)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) > len(start) / 4:
        return "utf-16-be" if even > odd else "utf-16-le"
    return "utf-8" if _is_utf8(path) else "cp1252"


def _is_utf8(path: Path) -> bool:
    try:
        with TextIOWrapper(_bytes(path), encoding="utf-8", errors="strict", newline="\n") as file:
            while file.read(2**20):
                pass
    except UnicodeDecodeError:
        return False
    return True


class _Lines:
    """Physical lines with their numbers; those of a broken record can be handed back."""

    def __init__(self, file: TextIOWrapper) -> None:
        self._file = file
        self._again: list[str] = []
        self.number = 0  # of the line read last
        self.record: list[str] = []  # the lines of the present record

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._file.readline(LONGEST_RECORD + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self.record.append(line)
        if len(line) > LONGEST_RECORD:
            self._skip_line()
            raise _Broken(f"is longer than {LONGEST_RECORD:,} characters")
        if len(self.record) > MOST_LINES:
            raise _Broken("opens a quote that is not closed")
        return line

    def _skip_line(self) -> None:
        while (rest := self._file.readline(LONGEST_RECORD)) and not rest.endswith("\n"):
            pass

    def hand_back(self) -> None:
        """All lines of the record but its first are read again."""
        kept = self.record[1:]
        self._again.extend(reversed(kept))
        self.number -= len(kept)


def _records(file: TextIOWrapper, delimiter: str) -> Iterator[Record]:
    """(line it begins at, cells, what is wrong). A broken record costs its first line alone."""
    lines = _Lines(file)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.record = []
        begins = lines.number + 1
        try:
            yield begins, next(reader), ""
        except StopIteration:
            return
        except (csv.Error, _Broken) as error:
            yield begins, [lines.record[0].rstrip("\r\n")[:1000]] if lines.record else [], _reason(error)
            lines.hand_back()
            reader = csv.reader(lines, delimiter=delimiter, strict=True)


def _reason(error: Exception) -> str:
    if isinstance(error, _Broken):
        return str(error)
    if "field limit" in str(error):
        return f"is longer than {LONGEST_RECORD:,} characters"
    return "has quotes that do not match"
