"""What waits for somebody: the rows of the console's work queue and of the portal's "Needs you now"."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from core.money import Money


@dataclass(frozen=True)
class QueueItem:
    """One thing that waits for a decision of the vendor. `checks` says in words what the rules found."""

    kind: str  # slug of the filter chip: deals, tiers …
    kind_label: str
    reference: str
    title: str
    partner: str
    url: str
    due_at: datetime | None
    amount: Money | None = None
    checks: str = ""
    tone: str = ""  # good | warn | bad | info of the checks
    owner_id: UUID | None = None  # the channel manager it belongs to


@dataclass(frozen=True)
class Waiting:
    """A slot's answer to the queue: its most urgent items, and how many there are in all and late."""

    items: tuple[QueueItem, ...]
    total: int
    late: int


@dataclass(frozen=True)
class Need:
    """One thing that waits for the partner: a verb and its object, why, and the time left."""

    title: str
    reason: str
    url: str
    tag: str = ""
    tone: str = "warn"
    due_at: datetime | None = None


@dataclass(frozen=True)
class Pending:
    """Needs that are there when these rows are: nothing more is read for what is not there."""

    rows: QuerySet[Any]
    needs: Callable[[], Iterable[Need]]
