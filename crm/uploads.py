"""Uploaded files: understood when they come, kept in pieces in the database, written out again where they are read."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils.translation import gettext as _

from core.files import archives
from core.files.clean import Upload
from core.files.names import shown_name
from core.text import clean
from crm.models import PIECE, ImportFile, ImportPiece
from crm.reading import Table, Unreadable, understand

SUFFIXES = (".csv", ".txt", ".tsv", ".csv.gz", ".xlsx")
MOST_BYTES = 25 * 2**20  # of all files of an upload, as the proxy allows
FIRST = 10  # rows shown
_LOOKED_AT = 20_000  # rows, for the words of columns
_WORDS = 60  # different ones of a column
_WIDE = 200  # columns
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that was understood: what is kept of it beside its bytes."""

    name: str
    suffix: str
    upload: Upload
    rows: int
    columns: tuple[str, ...]
    first: list[tuple[int, list[str]]]
    words: dict[str, list[str]] = field(default_factory=dict)


def suffix_of(name: str) -> str:
    """Its kind by its name. Raises Unreadable for kinds that are not read here."""
    found = max((one for one in SUFFIXES if name.lower().endswith(one)), key=len, default="")
    if not found:
        raise Unreadable(_("it is no CSV or XLSX file by its name"))
    return found


def arrive(upload: Upload) -> Arrived:
    """Understands a file that came. Raises Unreadable."""
    suffix = suffix_of(upload.name)
    with TemporaryDirectory(prefix="import-") as folder:
        path = Path(folder) / f"file{suffix}"
        with open(path, "wb") as file:
            file.writelines(upload.chunks())
        return _understood(upload, path, suffix)


def _understood(upload: Upload, path: Path, suffix: str) -> Arrived:
    try:
        if suffix.endswith(".gz"):
            archives.check_gzip(path)
    except archives.Suspicious as error:
        raise Unreadable(str(error)) from error
    table = understand(path, most=_LOOKED_AT)
    if not any(table.columns):
        raise Unreadable(_("its first row names no columns"))
    first, words, seen = _looked_at(table)
    columns = tuple(name.replace("\x00", "") for name in table.columns)
    return Arrived(shown_name(upload.name), suffix, upload, _about(path, suffix, seen), columns, first, words)


def _looked_at(table: Table) -> tuple[list[tuple[int, list[str]]], dict[str, list[str]], int]:
    """The first rows, the first different words of each column, and how many rows were looked at."""
    first: list[tuple[int, list[str]]] = []
    words: dict[str, dict[str, None]] = {column: {} for column in table.columns[:_WIDE] if column}
    seen = 0
    for seen, row in enumerate(islice(table.rows(), _LOOKED_AT), start=1):
        if seen <= FIRST:
            first.append((row.line, [_storable(cell) for cell in row.raw]))
        for column, found in words.items():
            if len(found) < _WORDS and (cell := row.cells.get(column)):
                found[_storable(clean(cell))] = None
    return first, {column: [*found] for column, found in words.items() if found}, seen


def _storable(cell: str) -> str:
    return cell.replace("\x00", "")[:_LONGEST]


def _about(path: Path, suffix: str, seen: int) -> int:
    """How many rows there are, about, where not all were looked at."""
    if seen < _LOOKED_AT:
        return seen
    if suffix == ".csv.gz":
        return seen
    read_as = path.with_suffix(".rows") if suffix == ".xlsx" else path
    bytes_a_row = max(1, _bytes_of(read_as, seen) // seen)
    return max(seen, path.stat().st_size // bytes_a_row)


def _bytes_of(path: Path, lines: int) -> int:
    with open(path, "rb") as file:
        return sum(len(line) for line in islice(file, lines))


def keep(arrived: Arrived, file: ImportFile) -> None:
    """Stores the bytes, a piece at a time."""
    for number, content in enumerate(arrived.upload.chunks(PIECE)):
        ImportPiece.objects.create(file=file, number=number, content=content)


@contextmanager
def written_out(files: Sequence[ImportFile], within: AbstractContextManager | None = None) -> Iterator[dict[str, Path]]:
    """The files in a directory of their own, by kind; read from the database `within` a scope."""
    with TemporaryDirectory(prefix="import-") as folder:
        paths = {one.kind: Path(folder) / f"{one.kind}{one.suffix}" for one in files}
        with within or nullcontext():
            for one in files:
                with open(paths[one.kind], "wb") as file:
                    file.writelines(_pieces(one))
        yield paths


def _pieces(one: ImportFile) -> Iterator[bytes]:
    for pk in one.pieces.order_by("number").values_list("pk", flat=True):
        yield bytes(ImportPiece.objects.get(pk=pk).content)


def table_of(path: Path, encoding: str = "", delimiter: str = "") -> Table:
    """The written file, understood whole. Raises Unreadable."""
    return understand(path, encoding=encoding, delimiter=delimiter)


def total(uploads: Sequence[Upload]) -> int:
    return sum(one.size for one in uploads)
