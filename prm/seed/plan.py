"""The whole demo company as rows and events, from a size, a seed and a moment. No database, no clock."""

from dataclasses import dataclass
from datetime import datetime

from prm.seed import activity, canary, cast, fates, money, people, pipeline, revenue, standing
from prm.seed.book import Book, Dice
from prm.seed.people import Rules, World

OPPORTUNITIES = 3.75  # for each registration
DIRECT = 0.3  # of all opportunities
WITH_OPPORTUNITY = 0.77  # of registrations: those that were approved


@dataclass(frozen=True)
class Size:
    """How much of everything; `canary` marks every text of a partner as its own."""

    partners: int = 40
    deals: int | None = None
    seed: int = 1
    canary: bool = False

    @property
    def registrations(self) -> int:
        return 20 * self.partners if self.deals is None else self.deals


def make_plan(size: Size, rules: Rules, *, at: datetime) -> Book:
    """The book of the demo: the same for the same size, seed and moment."""
    book = Book(Dice(size.seed, at))
    world = World(book, rules, canary=size.canary)
    people.hire(world)
    money.quote(book)
    people.settle(world, size.partners)
    opportunities = int(size.registrations * OPPORTUNITIES)
    direct = int(opportunities * DIRECT)
    unregistered = opportunities - direct - int(size.registrations * WITH_OPPORTUNITY)
    pipeline.fill(world, direct, max(unregistered, 0))
    told = cast.tell(world)
    fates.fill(world, max(size.registrations - told, 0))
    activity.settle(world)
    standing.settle(world)
    revenue.fill(world)
    if size.canary:
        canary.mark(world)
    return book
