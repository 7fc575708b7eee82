"""Which partners a figure is about, and along which line it is broken down."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from core.actor import Actor, Reach

GROUPS = ("region", "type", "tier", "manager", "program", "partner")

# A partner's place: the oldest of its active memberships, so that every partner stands in one group.
SEAT = """
    SELECT DISTINCT ON (m.partner_id) m.partner_id, m.partner_type, m.tier_id, m.program_id
    FROM tiers_programmembership m WHERE m.status = 'active' AND m.deleted_at IS NULL
    ORDER BY m.partner_id, m.starts_on, m.id"""
_LABELS = {
    "region": "nullif(p.region, '')",
    "type": "seat.partner_type",
    "tier": "tier_of.name",
    "manager": "coalesce(nullif(manager_of.name, ''), manager_of.email)",
    "program": "program_of.name",
    "partner": "p.name",
}
_JOINS = {
    "tier": "LEFT JOIN tiers_tier tier_of ON tier_of.id = seat.tier_id",
    "manager": "LEFT JOIN accounts_user manager_of ON manager_of.id = p.manager_id",
    "program": "LEFT JOIN partners_program program_of ON program_of.id = seat.program_id",
}
_KEYS = {
    "region": "nullif(p.region, '')",
    "type": "seat.partner_type",
    "tier": "seat.tier_id::text",
    "manager": "p.manager_id::text",
    "program": "seat.program_id::text",
    "partner": "p.id::text",
}


_LOOKED_AFTER = """(p.region = ANY (%(cut_regions)s::text[]) OR p.manager_id = ANY (%(cut_people)s::uuid[])
    OR p.backup_id = ANY (%(cut_people)s::uuid[]))"""


@dataclass(frozen=True, slots=True)
class Cut:
    """Only the partners that fit all of what is given; nothing given = all partners."""

    region: str = ""
    partner_type: str = ""
    tier: UUID | None = None
    manager: UUID | None = None
    partner: UUID | None = None
    reach: Reach | None = None  # of who may read the figures of some partners alone

    def __bool__(self) -> bool:
        return any((self.region, self.partner_type, self.tier, self.manager, self.partner, self.reach))

    def within(self, actor: Actor) -> "Cut":
        """The same for the partners that the actor sees."""
        return replace(self, reach=actor.reach)

    def where(self) -> tuple[str, dict[str, Any]]:
        """The SQL condition over partner `p` and its `seat`, and its parameters."""
        parts = {
            "p.region = %(cut_region)s": self.region,
            "seat.partner_type = %(cut_type)s": self.partner_type,
            "seat.tier_id = %(cut_tier)s": self.tier,
            "p.manager_id = %(cut_manager)s": self.manager,
            "p.id = %(cut_partner)s": self.partner,
            _LOOKED_AFTER: self.reach,
        }
        params: dict[str, Any] = {
            "cut_region": self.region, "cut_type": self.partner_type, "cut_tier": self.tier,
            "cut_manager": self.manager, "cut_partner": self.partner,
        }  # fmt: skip
        if self.reach:
            params |= {"cut_regions": list(self.reach.regions), "cut_people": list(self.reach.people)}
        return " AND ".join(["NOT p.is_direct", *(sql for sql, value in parts.items() if value)]), params


def joined(column: str, group: str = "") -> str:
    """The joins that bring partner `p`, its `seat` and what names its group to a table by its partner column."""
    seat = f"LEFT JOIN ({SEAT}) seat ON seat.partner_id = p.id"
    return f"JOIN partners_partner p ON p.id = {column} {seat} {_JOINS.get(group, '')}"


def group_columns(group: str) -> tuple[str, str]:
    """SQL of a group's key and label; of the one group of all without a group."""
    return (_KEYS[group], _LABELS[group]) if group else ("''", "''")
