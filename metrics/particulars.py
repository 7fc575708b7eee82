"""What events hand to a recompute, as a frozen value."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class Touched:
    """What events concern. `days` are days on which figures may differ now: those before a change and those after."""

    partners: frozenset[UUID] = frozenset()
    opportunities: frozenset[UUID] = frozenset()
    days: frozenset[date] = frozenset()

    def __or__(self, other: "Touched") -> "Touched":
        return Touched(self.partners | other.partners, self.opportunities | other.opportunities, self.days | other.days)
