"""Chance with a seed, and the book of rows and events that a plan fills. Nothing here asks the clock or a database."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Model

from accounts.models import User
from core.actor import Actor
from core.models import Record

T = TypeVar("T")
M = TypeVar("M", bound=Model)
RATES = {"USD": Decimal(1), "EUR": Decimal("0.92"), "BRL": Decimal("5.4")}  # units for a dollar, for amounts alone
CRM = Actor("CRM", "api", sees_all=True)


@dataclass
class Dice:
    """Chance of one seed around one moment: the same seed and moment give the same throws."""

    seed: int
    at: datetime

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 - a demo, no secret

    @property
    def today(self) -> date:
        return self.at.date()

    def pick(self, choices: Sequence[T]) -> T:
        return self.random.choice(choices)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def weighted(self, choices: Sequence[T], weights: Sequence[float]) -> T:
        return self.random.choices(choices, weights)[0]

    def amount(self, median: float, currency: str) -> Decimal:
        """A deal size: skewed like real ones, round like typed ones."""
        dollars = min(max(self.random.lognormvariate(0, 0.75) * median, 2_500), 420_000)
        return Decimal(int(dollars * float(RATES[currency]) / 500) * 500)

    def working(self, day: date, zone: str) -> datetime:
        """A moment of a working day in a zone, in UTC; weekends move to Monday, the future to a little before now."""
        day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
        local = datetime.combine(day, time(8, 30), ZoneInfo(zone)) + timedelta(minutes=self.random.randrange(540))
        return self.past(local.astimezone(UTC))

    def later(self, moment: datetime, hours: tuple[float, float], zone: str = "") -> datetime:
        """Some hours after a moment in the past, but never in the future; where a zone is given, at work there."""
        wanted = moment + timedelta(hours=self.random.uniform(*hours))
        office = self._at_work(wanted, zone) if zone else wanted
        if office < self.at:
            return office.replace(microsecond=0)
        wanted = wanted if wanted < self.at else moment + (self.at - moment) * self.random.uniform(0.3, 0.9)
        return wanted.replace(microsecond=0)

    def _at_work(self, moment: datetime, zone: str) -> datetime:
        """The same moment by day, the next morning by night and at weekends."""
        local = moment.astimezone(ZoneInfo(zone))
        if local.weekday() < 5 and 8 <= local.hour < 19:
            return moment
        day = local.date() + timedelta(days=local.hour >= 19)
        day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
        morning = datetime.combine(day, time(8, 30), ZoneInfo(zone)) + timedelta(minutes=self.random.randrange(180))
        return morning.astimezone(UTC)

    def past(self, moment: datetime) -> datetime:
        if moment < self.at:
            return moment.replace(microsecond=0)
        return self.at - timedelta(minutes=self.random.randrange(2, 20))

    def key(self, moment: datetime) -> UUID:
        """A UUID version 7 of a moment in the past."""
        value = int(moment.timestamp() * 1000) << 80 | self.random.getrandbits(80)
        value = value & ~(0xF << 76) | 0x7 << 76
        return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


@dataclass(slots=True)
class Happened:
    """An event of the past: the columns of core.models.Event."""

    type: str
    subject_type: str
    subject_id: UUID
    subject_public_id: str
    subject_version: int | None
    partner_id: UUID | None
    at: datetime
    actor_kind: str
    actor_label: str
    actor_id: UUID | None
    batch: UUID
    data: dict[str, Any]


@dataclass
class Book:
    """Rows by model, in the order in which they must be written, and the events about them."""

    dice: Dice
    rows: dict[type[Model], list[Any]] = field(default_factory=lambda: defaultdict(list))
    events: list[Happened] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.batch = self.dice.key(self.dice.at)

    def add(self, row: M, at: datetime) -> M:
        """Takes a row in as it was born at a moment."""
        row.pk = self.dice.key(at)
        self.rows[type(row)].append(row)
        if isinstance(row, Record):
            row.version, row.created_at = 1, at
        elif isinstance(row, User):
            row.created_at = at
        return row

    def tell(
        self, row: Record | User, verb: str, at: datetime, by: Actor, *, partner_id: UUID | None = None, **data: Any
    ) -> None:
        """What happened to a row, as its service would have recorded it. `batch` marks that nothing reacts to it."""
        who = (by.kind, by.label, by.id)
        what = (row.resource, row.pk, row.public_id, row.version, partner_id, at)
        self.events.append(Happened(f"{row.resource}.{verb}", *what, *who, self.batch, data))

    def add_told(self, row: M, at: datetime, by: Actor, *, partner_id: UUID | None = None, **data: Any) -> M:
        """A row and the event of its creation."""
        self.add(row, at)
        self.tell(row, "created", at, by, partner_id=partner_id, **data)  # type: ignore[arg-type]
        return row

    def chronicle(self) -> list[Happened]:
        """The events, oldest first."""
        return sorted(self.events, key=lambda event: event.at)
