"""When partners were active: commercial events by type of partner, joined into spans of 90 × 24 hours each."""

import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from deals.attribution import APPROVED_ONCE
from metrics.rules import KINDS_OF_ROLE, QUALIFYING, USUAL

_REBUILD = """
WITH may AS (  -- which kinds of events count for a partner: those of any of its types
    SELECT DISTINCT m.partner_id, q.kind FROM tiers_programmembership m
      JOIN partners_program g ON g.id = m.program_id
      JOIN LATERAL jsonb_array_elements_text(coalesce(
               g.lifecycle -> 'qualifying' -> m.partner_type, %(by_type)s::jsonb -> m.partner_type)) AS q (kind) ON TRUE
     WHERE m.status = 'active' AND m.deleted_at IS NULL AND {m}
    UNION
    SELECT p.id, k.kind FROM partners_partner p CROSS JOIN unnest(%(usual)s::text[]) AS k (kind)
     WHERE {p} AND NOT EXISTS (SELECT FROM tiers_programmembership m WHERE m.partner_id = p.id AND m.status = 'active'
                                  AND m.deleted_at IS NULL)
),
happened AS (
    SELECT r.partner_id, 'registration' AS kind, r.decided_at AS at FROM deals_registration r
     WHERE r.decided_at IS NOT NULL AND r.status = ANY (%(approved)s) AND r.deleted_at IS NULL AND {r}
    UNION ALL
    SELECT l.partner_id, 'lead', l.accepted_at FROM deals_lead l
     WHERE l.accepted_at IS NOT NULL AND l.partner_id IS NOT NULL AND l.deleted_at IS NULL AND {l}
    UNION ALL
    SELECT c.partner_id, 'touch', c.answered_at FROM deals_touch c
     WHERE c.status = 'confirmed' AND c.answered_at IS NOT NULL AND c.deleted_at IS NULL AND {c}
    UNION ALL
    SELECT i.partner_id, 'integration', i.live_since::timestamp AT TIME ZONE %(zone)s FROM partners_integration i
     WHERE i.live_since IS NOT NULL AND i.deleted_at IS NULL AND {i}
    UNION ALL  -- told by whoever keeps the reports
    SELECT e.partner_id, 'usage', e.at FROM core_event e
     WHERE e.type = 'usage_report.reported' AND e.partner_id IS NOT NULL AND {e}
    UNION ALL
    SELECT x.partner_id, k.kind, o.closed_on::timestamp AT TIME ZONE %(zone)s
      FROM deals_opportunitypartner x JOIN deals_opportunity o ON o.id = x.opportunity_id
      JOIN unnest(%(roles)s::text[], %(role_kinds)s::text[]) AS k (role, kind) ON k.role = x.role
     WHERE o.stage = 'won' AND o.deleted_at IS NULL AND x.deleted_at IS NULL AND {x}
),
event AS (SELECT DISTINCT h.partner_id, h.at FROM happened h JOIN may USING (partner_id, kind)),
stepped AS (
    SELECT partner_id, at, at > lag(at) OVER (PARTITION BY partner_id ORDER BY at) + interval '2160 hours' AS fresh
    FROM event
),
numbered AS (
    SELECT partner_id, at, count(*) FILTER (WHERE fresh) OVER (PARTITION BY partner_id ORDER BY at) AS span FROM stepped
),
fresh AS (
    SELECT partner_id, min(at) AS starts_at, max(at) + interval '2160 hours' AS ends_at FROM numbered
    GROUP BY partner_id, span
),
gone AS (
    DELETE FROM metrics_activespan t USING (
        SELECT t.partner_id, t.starts_at FROM metrics_activespan t WHERE {t}
        EXCEPT SELECT partner_id, starts_at FROM fresh) x
    WHERE (t.partner_id, t.starts_at) = (x.partner_id, x.starts_at) RETURNING 1
),
put AS (
    INSERT INTO metrics_activespan AS t (partner_id, starts_at, ends_at)
    SELECT partner_id, starts_at, ends_at FROM fresh
    EXCEPT SELECT t.partner_id, t.starts_at, t.ends_at FROM metrics_activespan t WHERE {t}
    ON CONFLICT (partner_id, starts_at) DO UPDATE SET ends_at = excluded.ends_at RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM put)
"""


def rebuild_spans(partner_ids: Collection[UUID] | None = None) -> int:
    """Brings the active spans of these partners (default: of all) up to date; how many rows changed."""
    every = partner_ids is None
    names = {n: "TRUE" if every else f"{n}.partner_id = ANY (%(partners)s::uuid[])" for n in "lmrxtcie"}
    names["p"] = "TRUE" if every else "p.id = ANY (%(partners)s::uuid[])"
    roles = [(role, kind) for role, kinds in KINDS_OF_ROLE.items() for kind in kinds]
    params: dict[str, Any] = {
        "by_type": json.dumps({str(kind_of): kinds for kind_of, kinds in QUALIFYING.items()}), "usual": list(USUAL),
        "roles": [str(r) for r, _kind in roles], "role_kinds": [kind for _role, kind in roles],
        "approved": [str(s) for s in APPROVED_ONCE], "zone": settings.TIME_ZONE,
        "partners": list(partner_ids or ()),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_REBUILD.format(**names), params)
        return cursor.fetchone()[0]
