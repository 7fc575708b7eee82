"""What an import did: counts and examples for the screen, every row for a file."""

import csv
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

OUTCOMES = ("created", "updated", "unchanged", "skipped", "invalid")
COLUMNS = ("kind", "line", "external_id", "outcome", "why", "notes")
_SHOWN = 10
_DIFFERENT = 1_000
_RUNS_AS_FORMULA = tuple("=+-@\t\r＝＋－＠")


@dataclass(slots=True)
class Lines:
    """Where something was found: how often, and the first lines."""

    count: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, line: int) -> None:
        self.count += 1
        if len(self.first) < _SHOWN:
            self.first.append(line)

    def __str__(self) -> str:
        more = " …" if self.count > len(self.first) else ""
        return f"{self.count:,} (line {', '.join(map(str, self.first))}{more})"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row of a file."""

    kind: str
    line: int
    ext_id: str
    outcome: str
    why: str = ""
    notes: tuple[str, ...] = ()


def _listed(found: dict[tuple[str, str], Lines], kind: str, words: str) -> Lines:
    """Where these words are listed; past the first 1,000 different ones the others stand in one line."""
    key = (kind, words)
    if key not in found and len(found) >= _DIFFERENT:
        key = (kind, "for other reasons")
    return found.setdefault(key, Lines())


class Report:
    """Collects outcomes; keeps rows on disk, and only when somebody wants the file. Close it."""

    def __init__(self, *, keep_rows: bool = False) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.made: Counter[str] = Counter()  # what follows from rows: memberships, registrations
        self.notes: dict[tuple[str, str], Lines] = {}
        self.refused: dict[tuple[str, str], Lines] = {}
        self._rows: IO[str] | None = tempfile.TemporaryFile("w+", encoding="utf-8") if keep_rows else None  # noqa: SIM115

    def add_all(self, outcomes: list[Outcome]) -> None:
        for one in outcomes:
            self.add(one)

    def add(self, one: Outcome) -> None:
        self.counts[one.kind, one.outcome] += 1
        for note in one.notes:
            _listed(self.notes, one.kind, note).add(one.line)
        if one.why:
            _listed(self.refused, one.kind, one.why).add(one.line)
        if self._rows:
            values = (one.kind, one.line, one.ext_id, one.outcome, one.why, one.notes)
            self._rows.write(json.dumps(dict(zip(COLUMNS, values, strict=True)), ensure_ascii=False) + "\n")

    def as_json(self) -> dict:
        """Counts and lists, not the rows."""
        lists = {"notes": self.notes, "refused": self.refused}
        listed = {name: [[*key, found.count, found.first] for key, found in one.items()] for name, one in lists.items()}
        return {"counts": [[*key, n] for key, n in self.counts.items()], "made": dict(self.made), **listed}

    @classmethod
    def of_json(cls, data: dict, *, keep_rows: bool = False) -> "Report":
        """The report that `as_json` gave, to go on with."""
        report = cls(keep_rows=keep_rows)
        report.counts.update({(kind, outcome): n for kind, outcome, n in data.get("counts", ())})
        report.made.update(data.get("made", {}))
        for name, found in (("notes", report.notes), ("refused", report.refused)):
            found.update({(kind, words): Lines(n, list(first)) for kind, words, n, first in data.get(name, ())})
        return report

    @property
    def loaded(self) -> int:
        return sum(count for (_kind, outcome), count in self.counts.items() if outcome not in ("skipped", "invalid"))

    @property
    def invalid(self) -> int:
        return sum(count for (_kind, outcome), count in self.counts.items() if outcome == "invalid")

    def of(self, kind: str) -> dict[str, int]:
        return {outcome: self.counts[kind, outcome] for outcome in OUTCOMES if self.counts[kind, outcome]}

    def write(self, path: Path, *, rolled_back: bool = False) -> None:
        """Every row as JSON lines, or as CSV where the name ends so."""
        with open(path, "w", encoding="utf-8", newline="") as file:
            if path.suffix.lower() == ".csv":
                self._write_csv(file, rolled_back)
            else:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in self.rows(rolled_back))

    def _write_csv(self, file: IO[str], rolled_back: bool) -> None:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for row in self.rows(rolled_back):
            table.writerow(_cell(row[name]) for name in COLUMNS)

    def rows(self, rolled_back: bool = False) -> Iterator[dict]:
        """Every row as it was reported, in order."""
        assert self._rows is not None
        self._rows.seek(0)
        for line in self._rows:
            row = json.loads(line)
            if rolled_back and row["outcome"] in ("created", "updated"):
                row["outcome"] = "rolled_back"
            yield row

    def __enter__(self) -> "Report":
        return self

    def __exit__(self, *_error: object) -> None:
        if self._rows:
            self._rows.close()


def _cell(value: str | int | list[str]) -> str | int:
    text = "; ".join(value) if isinstance(value, list) else value
    return guarded(text) if isinstance(text, str) else text


def guarded(text: str) -> str:
    """As a cell of CSV: an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if text.startswith(_RUNS_AS_FORMULA) else text
