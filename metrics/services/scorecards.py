"""Each partner's figures on one line, made from its days, its active spans and its way to the first deal."""
# ruff: noqa: S608 - the only words put into SQL are the names below

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from metrics.rules import DEAL_ROLES
from metrics.windows import trailing

_SUMS = ("won_count", "lost_count", "sourced_won_count", "registered_count", "approved_count", "rejected_count")
COLUMNS = (
    "day", "open_count", "open_reported", "won_reported", "sourced_won_reported", *_SUMS, "last_commercial_at",
    "active_until", "agreement_on", "first_registration_on", "first_deal_on", "deals_before_agreement", "left_on",
)  # fmt: skip

_REBUILD = f"""
WITH rate AS (
    SELECT DISTINCT ON (currency) currency, rate FROM deals_exchangerate WHERE day <= %(day)s
    ORDER BY currency, day DESC
),
recent AS (  -- the trailing 12 months
    SELECT t.partner_id, {", ".join(f"sum(t.{n})::integer AS {n}" for n in _SUMS)},
           CASE WHEN count(t.won_reported) = count(*) THEN sum(t.won_reported) END AS won_reported,
           CASE WHEN count(t.sourced_won_reported) = count(*) THEN sum(t.sourced_won_reported)
           END AS sourced_won_reported
    FROM metrics_partnerday t WHERE t.day BETWEEN %(first)s AND %(day)s AND {{t}} GROUP BY t.partner_id
),
by_currency AS (
    SELECT t.partner_id, t.currency, sum(pipeline_in_count - pipeline_out_count) AS count,
           sum(pipeline_in_amount - pipeline_out_amount) AS amount
    FROM metrics_partnerday t WHERE t.day <= %(day)s AND {{t}} GROUP BY t.partner_id, t.currency
),
pipeline AS (
    SELECT b.partner_id, sum(b.count)::integer AS count,
           CASE WHEN bool_and(b.amount = 0 OR b.currency = %(currency)s OR r.rate IS NOT NULL)
                THEN sum(CASE WHEN b.currency = %(currency)s THEN b.amount WHEN b.amount = 0 THEN 0
                              ELSE b.amount * r.rate END)::numeric(26,6) END AS amount
    FROM by_currency b LEFT JOIN rate r USING (currency) GROUP BY b.partner_id
),
activity AS (
    SELECT s.partner_id, max(s.ends_at) AS active_until FROM metrics_activespan s WHERE {{s}} GROUP BY s.partner_id
),
signed AS (
    SELECT a.partner_id, min((a.signed_at AT TIME ZONE %(zone)s)::date) AS agreement_on FROM partners_agreement a
    WHERE a.deleted_at IS NULL AND {{a}} GROUP BY a.partner_id
),
deal AS (
    SELECT DISTINCT x.partner_id, o.id, o.closed_on FROM deals_opportunitypartner x
    JOIN deals_opportunity o ON o.id = x.opportunity_id
    WHERE o.stage = 'won' AND o.kind = 'new' AND o.deleted_at IS NULL AND x.deleted_at IS NULL
      AND x.role = ANY (%(roles)s) AND {{x}}
),
first_deal AS (
    SELECT partner_id, min(closed_on) FILTER (WHERE closed_on >= agreement_on) AS first_deal_on,
           count(*) FILTER (WHERE closed_on < agreement_on)::integer AS deals_before_agreement
    FROM deal JOIN signed USING (partner_id) GROUP BY partner_id
),
registration AS (
    SELECT g.partner_id, min((g.decided_at AT TIME ZONE %(zone)s)::date) AS first_registration_on
    FROM deals_registration g
    WHERE g.decided_at IS NOT NULL AND g.status <> 'rejected' AND g.deleted_at IS NULL AND {{g}} GROUP BY g.partner_id
),
departed AS (
    SELECT e.subject_id AS partner_id, min((e.at AT TIME ZONE %(zone)s)::date) AS left_on FROM core_event e
    WHERE e.type IN ('partner.offboarded', 'partner.merged') AND {{e}} GROUP BY e.subject_id
),
fresh AS (
    SELECT p.id AS partner_id, %(day)s::date AS day, coalesce(l.count, 0) AS open_count,
           CASE WHEN l.partner_id IS NULL THEN 0 ELSE l.amount END AS open_reported,
           CASE WHEN c.partner_id IS NULL THEN 0 ELSE c.won_reported END AS won_reported,
           CASE WHEN c.partner_id IS NULL THEN 0 ELSE c.sourced_won_reported END AS sourced_won_reported,
           {", ".join(f"coalesce(c.{n}, 0) AS {n}" for n in _SUMS)},
           v.active_until - interval '2160 hours' AS last_commercial_at, v.active_until,
           s.agreement_on, r.first_registration_on, f.first_deal_on,
           coalesce(f.deals_before_agreement, 0) AS deals_before_agreement, w.left_on
    FROM partners_partner p
    LEFT JOIN pipeline l ON l.partner_id = p.id LEFT JOIN recent c ON c.partner_id = p.id
    LEFT JOIN activity v ON v.partner_id = p.id LEFT JOIN signed s ON s.partner_id = p.id
    LEFT JOIN first_deal f ON f.partner_id = p.id LEFT JOIN registration r ON r.partner_id = p.id
    LEFT JOIN departed w ON w.partner_id = p.id
    WHERE p.deleted_at IS NULL AND NOT p.is_direct AND {{p}}
),
gone AS (
    DELETE FROM metrics_scorecard t USING (
        SELECT t.partner_id FROM metrics_scorecard t WHERE {{t}} EXCEPT SELECT partner_id FROM fresh) x
    WHERE t.partner_id = x.partner_id RETURNING t.partner_id
),
put AS (
    INSERT INTO metrics_scorecard AS t (partner_id, {", ".join(COLUMNS)})
    SELECT partner_id, {", ".join(COLUMNS)} FROM fresh
    EXCEPT SELECT t.partner_id, {", ".join(f"t.{n}" for n in COLUMNS)} FROM metrics_scorecard t WHERE {{t}}
    ON CONFLICT (partner_id) DO UPDATE SET ({", ".join(COLUMNS)}) = ROW ({", ".join(f"excluded.{n}" for n in COLUMNS)})
    RETURNING t.partner_id
)
SELECT partner_id FROM gone UNION ALL SELECT partner_id FROM put
"""


def rebuild_scorecards(day: date, partner_ids: Collection[UUID] | None = None) -> list[UUID]:
    """Brings the lines of these partners (default: of all) up to date for `day`; the partners whose line changed."""
    mine = "TRUE" if partner_ids is None else "{}.partner_id = ANY (%(partners)s::uuid[])"
    names = {n: mine.format(n) for n in ("t", "s", "a", "x", "g")}
    names |= {
        "p": mine.replace("partner_id", "id").format("p"),
        "e": mine.replace("partner_id", "subject_id").format("e"),
    }
    params: dict[str, Any] = {
        "day": day, "first": trailing(day).first, "zone": settings.TIME_ZONE, "currency": settings.REPORTING_CURRENCY,
        "roles": [str(r) for r in DEAL_ROLES], "partners": list(partner_ids or ()),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_REBUILD.format(**names), params)
        return [row[0] for row in cursor.fetchall()]
