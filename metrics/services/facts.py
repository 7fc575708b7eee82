"""The facts that tiers judge by, computed from deals: each closed deal once per partner and program."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from deals.enums import PartnerRole
from metrics.windows import trailing
from tiers.models import ProgramVersion
from tiers.particulars import FactRow
from tiers.windows import falls_out_on

KEPT_LAPSES = 50  # days on which a deal falls out, enough for every threshold up to this
CREDITS: Mapping[str, int] = {PartnerRole.SELLING: 1, PartnerRole.SOURCING: 1}

_CLOSED_DEALS = """
WITH credit AS (
    SELECT m.partner_id, m.program_id, o.id, o.closed_on, max(c.credit) AS credit
    FROM deals_opportunitypartner x
    JOIN deals_opportunity o ON o.id = x.opportunity_id AND o.stage = 'won' AND o.kind IN ('new', 'expansion')
         AND o.closed_on BETWEEN %(first)s AND %(last)s AND o.deleted_at IS NULL
    JOIN tiers_programmembership m ON m.id = coalesce(x.membership_id, (
         SELECT d.id FROM tiers_programmembership d WHERE d.partner_id = x.partner_id AND d.status = 'active'
            AND d.deleted_at IS NULL ORDER BY d.starts_on, d.id LIMIT 1))
    JOIN unnest(%(programs)s::uuid[], %(roles)s::text[], %(credits)s::numeric[]) AS c (program_id, role, credit)
         ON c.program_id = m.program_id AND c.role = x.role
    WHERE x.deleted_at IS NULL AND {x}
    GROUP BY m.partner_id, m.program_id, o.id, o.closed_on
),
counted AS (
    SELECT partner_id, program_id, sum(least(credit, 1)) AS value,
           (array_agg(closed_on ORDER BY closed_on DESC))[1:%(kept)s] AS days
    FROM credit WHERE credit > 0 GROUP BY partner_id, program_id
)
SELECT m.id, m.partner_id, coalesce(c.value, 0), coalesce(c.days, '{{}}')
FROM tiers_programmembership m LEFT JOIN counted c USING (partner_id, program_id)
WHERE m.status = 'active' AND m.deleted_at IS NULL AND {m}
"""


def credits() -> list[tuple[UUID, str, Decimal]]:
    """What a role in a closed deal counts, by program: its own table, else selling or sourcing 1."""
    tables: dict[UUID, Mapping[str, Any]] = {}
    for program, definition in ProgramVersion.objects.order_by("number").values_list("program_id", "definition"):
        tables[program] = definition.get("credits") or CREDITS
    return [(program, str(role), Decimal(str(n))) for program, table in tables.items() for role, n in table.items()]


def closed_deals(day: date, partner_ids: Collection[UUID] | None = None) -> Iterator[FactRow]:
    """The closed deals of the trailing 12 months of every active membership (of these partners)."""
    known = credits()
    window = trailing(day)
    mine = "TRUE" if partner_ids is None else "{}.partner_id = ANY (%(partners)s::uuid[])"
    params: dict[str, Any] = {
        "first": window.first, "last": window.last, "kept": KEPT_LAPSES, "partners": list(partner_ids or ()),
        "programs": [p for p, _r, _n in known], "roles": [r for _p, r, _n in known],
        "credits": [n for _p, _r, n in known],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED_DEALS.format(x=mine.format("x"), m=mine.format("m")), params)
        for membership, partner, value, days in cursor.fetchall():
            yield FactRow(membership, partner, "closed_deals_12m", value, lapses=tuple(falls_out_on(d) for d in days))
