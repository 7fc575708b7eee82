"""Loads a CRM export: one kind after the other, in chunks, each chunk a transaction of its own."""

from collections import deque
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path

from django.db import DataError, IntegrityError

from core import bulk
from core.scope import scope
from crm import programs
from crm.fields import FIELDS
from crm.hierarchy import DEEPEST, Hierarchy
from crm.job import IMPORTER, Job, Shaped
from crm.mapping import Mapping, MappingError, Problem
from crm.reading import Row, Table, Unreadable, understand
from crm.report import Outcome
from crm.rows import Reader, Wrong, last_lines
from crm.targets import values_of
from crm.write import write

LOCK = "crm import"  # one at a time


class RolledBack(Exception):
    """All or nothing was asked for, and one row is invalid."""


def tables_of(mapping: Mapping, directory: Path) -> dict[str, Table]:
    """The files of the mapping, with every mapped column present once. Raises MappingError with all that is wrong."""
    tables: dict[str, Table] = {}
    problems: list[Problem] = []
    for kind, one in mapping.files.items():
        try:
            tables[kind] = understand(directory / one.path, encoding=one.encoding, delimiter=one.delimiter)
        except Unreadable as error:
            problems.append(Problem(one.path, "", str(error)))
            continue
        problems += missing_columns(mapping, kind, tables[kind], one.path)
    if problems:
        raise MappingError(problems)
    return tables


def missing_columns(mapping: Mapping, kind: str, table: Table, file: str) -> Iterator[Problem]:
    """The columns that the mapping names and the file lacks, or has twice."""
    one, place = mapping.files[kind], f"files.{kind}."
    for name, column in {"id": one.id, **{f"fields.{name}": column for name, column in one.fields.items()}}.items():
        if column not in table.columns:
            shown = ", ".join(table.columns[:20])
            yield Problem(file, place + name, f"there is no column {column!r}; there are {shown}")
        elif column in table.doubled():
            yield Problem(file, place + name, f"the column {column!r} occurs twice")


def load(job: Job, *, all_or_nothing: bool = False) -> bool:
    """Loads everything that is valid; False when all was rolled back. Raises Refused when another import runs."""
    try:
        with bulk.exclusive(LOCK), scope(IMPORTER) if all_or_nothing else nullcontext():
            load_all(job)
            if all_or_nothing and job.report.invalid:
                raise RolledBack
    except RolledBack:
        return False
    return True


def load_all(job: Job) -> None:
    """Every kind in its order, from where an earlier run came to."""
    order = [kind for kind in FIELDS if kind in job.tables]
    begun = order.index(job.done[0]) if job.done[0] in order else 0
    for kind in order[:begun]:
        if kind == "partners" and job.mapping.direct:
            deque(_shaped(job, kind, 0), maxlen=0)  # who is one of our own people is known again
    for kind in order[begun:]:
        _load_kind(job, kind, job.done[1] if kind == job.done[0] else 0)
    with scope(IMPORTER):
        programs.date_memberships(job)


def _load_kind(job: Job, kind: str, read: int) -> None:
    for chunk in bulk.chunks(_shaped(job, kind, read)):
        read += len(chunk)
        with scope(IMPORTER):
            written = _written(job, kind, chunk)
            outcomes = [*_left_out(kind, chunk), *written]
            job.report.add_all(outcomes)
            job.progress(kind, read, outcomes)


def _shaped(job: Job, kind: str, skip: int) -> Iterator[Shaped]:
    """The rows of a file but the first `skip`, in our words and columns; of rows with one id only the last."""
    reader, table = Reader(job.mapping, kind), job.tables[kind]
    last = last_lines(lambda: ((row.line, reader.ext_id(row)) for row in table.rows() if not row.wrong))
    tree = _hierarchy(reader, table) if "parent" in job.mapping.files[kind].fields else Hierarchy()
    for row in islice(_ordered(reader, table, tree), skip, None):
        known = reader.read(row)
        if last.get(known.ext_id, known.line) != known.line:
            known.refuse(f"line {last[known.ext_id]} has the same id and was kept", "skipped")
        elif not known.outcome and (why := tree.wrong(known.ext_id)):
            known.refuse(why)
        try:
            yield known, {} if known.outcome else values_of(kind, known, job.mapping, job.direct)
        except Wrong as wrong:
            yield known.refuse(str(wrong)), {}


def _hierarchy(reader: Reader, table: Table) -> Hierarchy:
    return Hierarchy((reader.ext_id(row), reader.reference(row, "parent")) for row in table.rows() if not row.wrong)


def _ordered(reader: Reader, table: Table, tree: Hierarchy) -> Iterator[Row]:
    """As they come where one chunk holds them all; else level by level, so that parents are there before children."""
    deepest = min(tree.deepest(), DEEPEST + 1)
    if not deepest or not any(True for _row in islice(table.rows(), bulk.CHUNK, None)):
        yield from table.rows()
        return
    for level in range(deepest + 1):
        for row in table.rows():
            if min(0 if row.wrong else tree.level(reader.ext_id(row)), deepest) == level:
                yield row


def _written(job: Job, kind: str, chunk: list[Shaped]) -> list[Outcome]:
    """Writes the good rows. When the database refuses one that looked right, the halves are tried, down to it."""
    good = [row for row in chunk if not row[0].outcome]
    made = job.report.made.copy()
    try:
        with scope(IMPORTER):
            return write(job, kind, good) if good else []
    except (DataError, IntegrityError) as error:
        job.report.made = made
        if len(good) == 1:
            good[0][0].refuse(f"the database refuses it: {str(error).splitlines()[0]}")
            return []
        half = len(good) // 2
        return [one for part in (good[:half], good[half:]) for one in _written(job, kind, part)]


def _left_out(kind: str, chunk: list[Shaped]) -> Iterator[Outcome]:
    for known, _values in chunk:
        if known.outcome:
            yield Outcome(kind, known.line, known.ext_id, known.outcome, known.why, tuple(known.notes))
