"""Loads a CRM export: one kind after the other, in chunks, each chunk a transaction of its own."""

from collections.abc import Iterator
from collections.abc import Mapping as Words
from contextlib import nullcontext
from pathlib import Path

from django.db import DataError, IntegrityError

from core import bulk
from core.scope import scope
from crm import programs
from crm.fields import FIELDS
from crm.job import IMPORTER, Job, Shaped
from crm.mapping import Mapping, MappingError, Problem
from crm.reading import Table, Unreadable, understand
from crm.report import Outcome
from crm.rows import Reader, Wrong, last_lines
from crm.targets import values_of
from crm.write import Result, write


class _RolledBack(Exception):
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
        wanted = {"id": one.id, **{f"fields.{name}": column for name, column in one.fields.items()}}
        problems += _missing(one.path, f"files.{kind}.", wanted, tables[kind])
    if problems:
        raise MappingError(problems)
    return tables


def _missing(file: str, place: str, wanted: Words[str, str], table: Table) -> Iterator[Problem]:
    for name, column in wanted.items():
        if column not in table.columns:
            shown = ", ".join(table.columns[:20])
            yield Problem(file, place + name, f"there is no column {column!r}; there are {shown}")
        elif column in table.doubled():
            yield Problem(file, place + name, f"the column {column!r} occurs twice")


def load(job: Job, *, all_or_nothing: bool = False) -> bool:
    """Loads everything that is valid; False when all was rolled back. Raises Refused when another import runs."""
    try:
        with bulk.exclusive("crm import"), scope(IMPORTER) if all_or_nothing else nullcontext():
            for kind in FIELDS:
                if kind in job.tables:
                    _load_kind(job, kind)
            with scope(IMPORTER):
                programs.date_memberships(job)
            if all_or_nothing and job.report.invalid:
                raise _RolledBack
    except _RolledBack:
        return False
    return True


def _load_kind(job: Job, kind: str) -> None:
    late: list[tuple[Shaped, str]] = []
    read = 0
    for chunk in bulk.chunks(_shaped(job, kind)):
        _load_chunk(job, kind, chunk, late)
        read += len(chunk)
        job.progress(kind, read)
    for rows in bulk.chunks(late):
        with scope(IMPORTER):
            results = write(job, kind, [row for row, _before in rows], final=True)
        before = {row[0].line: outcome for row, outcome in rows}
        for one in results:
            outcome = "created" if before[one.line] == "created" else one.outcome
            job.report.add(Outcome(kind, one.line, one.ext_id, outcome, one.why, one.notes))


def _shaped(job: Job, kind: str) -> Iterator[Shaped]:
    """The rows of a file in our words and columns; of rows with one id only the last."""
    reader, table = Reader(job.mapping, kind), job.tables[kind]
    last = last_lines(lambda: ((row.line, reader.ext_id(row)) for row in table.rows() if not row.wrong))
    for row in table.rows():
        known = reader.read(row)
        if last.get(known.ext_id, known.line) != known.line:
            known.refuse(f"line {last[known.ext_id]} has the same id and was kept", "skipped")
        try:
            yield known, {} if known.outcome else values_of(kind, known, job.mapping, job.direct)
        except Wrong as wrong:
            yield known.refuse(str(wrong)), {}


def _load_chunk(job: Job, kind: str, chunk: list[Shaped], late: list[tuple[Shaped, str]]) -> None:
    """One transaction. When the database refuses a row that looked right, the halves are tried, down to that row."""
    good = [row for row in chunk if not row[0].outcome]
    try:
        with scope(IMPORTER):
            results = write(job, kind, good, final=kind != "accounts") if good else []
    except (DataError, IntegrityError) as error:
        if len(good) == 1:
            good[0][0].refuse(f"the database refuses it: {str(error).splitlines()[0]}")
        half = len(chunk) // 2
        for part in (chunk[:half], chunk[half:]):
            if part:
                _load_chunk(job, kind, part, late)
        return
    _tell(job, kind, chunk, results, late)


def _tell(job: Job, kind: str, chunk: list[Shaped], results: list[Result], late: list[tuple[Shaped, str]]) -> None:
    """Reports what became of the rows, but of those whose parent may still come: they are tried again."""
    for known, _values in chunk:
        if known.outcome:
            job.report.add(Outcome(kind, known.line, known.ext_id, known.outcome, known.why, tuple(known.notes)))
    by_line = {row[0].line: row for row in chunk}
    for one in results:
        if one.late:
            late.append((by_line[one.line], one.outcome))
        else:
            job.report.add(Outcome(kind, one.line, one.ext_id, one.outcome, one.why, one.notes))
