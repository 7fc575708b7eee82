"""What an import is about."""

from collections.abc import Callable
from collections.abc import Mapping as Words
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.actor import Actor
from crm.mapping import Mapping
from crm.reading import Table
from crm.report import Report
from crm.rows import Understood

IMPORTER = Actor(label="CRM import", kind="system", sees_all=True)
Shaped = tuple[Understood, dict[str, Any]]


def _quiet(kind: str, rows: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True, slots=True)
class Job:
    """One import: what is loaded and how it is read, at which moment, where its outcome is noted, who sees progress."""

    mapping: Mapping
    tables: Words[str, Table]
    report: Report
    at: datetime
    progress: Callable[[str, int], None] = _quiet
    direct: dict[str, str] = field(default_factory=dict)  # our own people: external id → name
