"""Which partners a figure is about, and along which line it is broken down."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

GROUPS = ("region", "type", "tier", "manager", "program", "partner")

# A partner's place: the oldest of its active memberships, so that every partner stands in one group.
SEAT = """
    SELECT DISTINCT ON (m.partner_id) m.partner_id, m.partner_type, m.tier_id, m.program_id
    FROM tiers_programmembership m WHERE m.status = 'active' AND m.deleted_at IS NULL
    ORDER BY m.partner_id, m.starts_on, m.id"""
_LABELS = {
    "region": "nullif(p.region, '')",
    "type": "seat.partner_type",
    "tier": "(SELECT t.name FROM tiers_tier t WHERE t.id = seat.tier_id)",
    "manager": "(SELECT coalesce(nullif(u.name, ''), u.email) FROM accounts_user u WHERE u.id = p.manager_id)",
    "program": "(SELECT g.name FROM partners_program g WHERE g.id = seat.program_id)",
    "partner": "p.name",
}
_KEYS = {
    "region": "nullif(p.region, '')",
    "type": "seat.partner_type",
    "tier": "seat.tier_id::text",
    "manager": "p.manager_id::text",
    "program": "seat.program_id::text",
    "partner": "p.id::text",
}


@dataclass(frozen=True, slots=True)
class Cut:
    """Only the partners that fit all of what is given; nothing given = all partners."""

    region: str = ""
    partner_type: str = ""
    tier: UUID | None = None
    manager: UUID | None = None
    partner: UUID | None = None

    def __bool__(self) -> bool:
        return any((self.region, self.partner_type, self.tier, self.manager, self.partner))

    def where(self) -> tuple[str, dict[str, Any]]:
        """The SQL condition over partner `p` and its `seat`, and its parameters."""
        parts = {
            "p.region = %(cut_region)s": self.region,
            "seat.partner_type = %(cut_type)s": self.partner_type,
            "seat.tier_id = %(cut_tier)s": self.tier,
            "p.manager_id = %(cut_manager)s": self.manager,
            "p.id = %(cut_partner)s": self.partner,
        }
        params = {
            "cut_region": self.region, "cut_type": self.partner_type, "cut_tier": self.tier,
            "cut_manager": self.manager, "cut_partner": self.partner,
        }  # fmt: skip
        return " AND ".join(["NOT p.is_direct", *(sql for sql, value in parts.items() if value)]), params


def joined(column: str) -> str:
    """The joins that bring partner `p` and its `seat` to a table by its partner column."""
    return f"JOIN partners_partner p ON p.id = {column} LEFT JOIN ({SEAT}) seat ON seat.partner_id = p.id"


def group_columns(group: str) -> tuple[str, str]:
    """SQL of a group's key and label."""
    return _KEYS[group], _LABELS[group]
