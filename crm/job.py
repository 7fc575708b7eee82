"""What an import is about."""

from collections.abc import Callable
from collections.abc import Mapping as Words
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.actor import Actor
from crm.mapping import Mapping
from crm.reading import Table
from crm.report import Outcome, Report
from crm.rows import Understood

IMPORTER = Actor(label="CRM import", kind="system", sees_all=True)
Shaped = tuple[Understood, dict[str, Any]]


Progress = Callable[[str, int, list[Outcome]], None]


def _quiet(kind: str, rows: int, outcomes: list[Outcome]) -> None:
    """Tells nobody."""


@dataclass(frozen=True, slots=True)
class Job:
    """One import: what is loaded and how it is read, at which moment, where its outcome is noted.

    `progress` is told of each chunk (kind, rows read of it so far, what became of the chunk's rows) before the chunk's
    transaction ends: what it writes is kept with the chunk or not at all. `done` is where an earlier run came to.
    """

    mapping: Mapping
    tables: Words[str, Table]
    report: Report
    at: datetime
    progress: Progress = _quiet
    done: tuple[str, int] = ("", 0)  # kind, rows of it
    direct: dict[str, str] = field(default_factory=dict)  # our own people: external id → name
