"""Who sourced an opportunity: recomputed from the evidence, set-based, frozen at close.

Evidence is a registration or referral on the opportunity that was approved and live when the opportunity was opened
(until its grace ended). Evidence of up to 30 days later counts too, unless our marketing or outbound sales brought the
deal or another direct opportunity was open on the account. A manager's decision stands above both and is left alone.
Where the partner shares the sourcing of the opportunity with others, the credit is split as they share it.
An open opportunity without account, day or amount is attributed to nobody.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from deals.enums import Status, VendorSource

RULE_VERSION = 1
LATE_DAYS = 30
APPROVED_ONCE = (Status.APPROVED, Status.EXPIRING, Status.EXPIRED, Status.RELEASED, Status.WON, Status.LOST)
_OURS = (VendorSource.MARKETING, VendorSource.SALES_OUTBOUND)

_WANTED = """
best AS (
    SELECT DISTINCT ON (o.id) o.id AS opportunity_id, r.partner_id, r.id AS evidence_id, r.submitted_at AS evidence_at,
           CASE r.motion WHEN 'refer' THEN 'referral' ELSE 'registration' END AS evidence,
           CASE WHEN o.stage <> 'open' THEN o.closed_on END AS frozen_on
    FROM deals_opportunity o
    JOIN deals_registration r ON r.opportunity_id = o.id AND r.deleted_at IS NULL AND r.decided_at IS NOT NULL
         AND r.status = ANY (%(approved)s)
    JOIN partners_partner p ON p.id = r.partner_id AND NOT p.is_direct
    CROSS JOIN LATERAL (SELECT (r.submitted_at AT TIME ZONE %(zone)s)::date AS sent_on) s
    WHERE o.deleted_at IS NULL AND {which}
      AND o.opened_on IS NOT NULL AND (o.stage <> 'open' OR o.account_id IS NOT NULL AND o.amount IS NOT NULL)
      AND (r.grace_until IS NULL OR r.grace_until > o.opened_on::timestamp AT TIME ZONE %(zone)s)
      AND (s.sent_on <= o.opened_on
           OR s.sent_on <= o.opened_on + %(late)s AND NOT o.vendor_source = ANY (%(ours)s) AND NOT EXISTS (
               SELECT FROM deals_opportunity d
               WHERE d.account_id = o.account_id AND d.id <> o.id AND d.deleted_at IS NULL AND d.opened_on <= s.sent_on
                 AND (d.stage = 'open' OR d.closed_on > s.sent_on)
                 AND NOT EXISTS (SELECT FROM deals_opportunitypartner x WHERE x.opportunity_id = d.id)))
      AND NOT EXISTS (
          SELECT FROM deals_attribution a WHERE a.opportunity_id = o.id AND a.credit = 'sourced'
             AND (a.evidence = 'decision' OR a.frozen_on IS NOT NULL AND o.stage <> 'open'))
    ORDER BY o.id, r.motion = 'refer', r.submitted_at, r.id
),
split AS (
    SELECT b.*, r.partner_id AS sharer, r.share_percent,
           bool_or(r.partner_id = b.partner_id) OVER (PARTITION BY b.opportunity_id) AS among
    FROM best b LEFT JOIN deals_opportunitypartner r ON r.opportunity_id = b.opportunity_id AND r.role = 'sourcing'
         AND r.share_percent > 0 AND r.deleted_at IS NULL
),
wanted AS (
    SELECT DISTINCT opportunity_id, CASE WHEN among THEN sharer ELSE partner_id END AS partner_id,
           CASE WHEN among THEN share_percent ELSE 100 END AS share_percent,
           evidence, evidence_id, evidence_at, frozen_on
    FROM split
)"""

# A frozen row of an opportunity that is closed stays; every other row of ours that is no longer wanted goes.
_RECOMPUTE = f"""
WITH {_WANTED},
gone AS (
    DELETE FROM deals_attribution a USING (
        SELECT a.opportunity_id, a.partner_id FROM deals_attribution a
        JOIN deals_opportunity o ON o.id = a.opportunity_id
        WHERE {{which}} AND a.evidence IN ('registration', 'referral') AND (a.frozen_on IS NULL OR o.stage = 'open')
        EXCEPT SELECT opportunity_id, partner_id FROM wanted) x
    WHERE (a.opportunity_id, a.partner_id) = (x.opportunity_id, x.partner_id) RETURNING a.partner_id
),
put AS (
    INSERT INTO deals_attribution AS a (id, opportunity_id, partner_id, credit, evidence, evidence_id, evidence_at,
                                        share_percent, rule_version, frozen_on, metadata)
    SELECT gen_random_uuid(), opportunity_id, partner_id, 'sourced', evidence, evidence_id, evidence_at,
           share_percent, %(version)s, frozen_on, '{{{{}}}}'
    FROM wanted
    ON CONFLICT (opportunity_id, partner_id) DO UPDATE
       SET credit = 'sourced', evidence = excluded.evidence, evidence_id = excluded.evidence_id,
           evidence_at = excluded.evidence_at, share_percent = excluded.share_percent,
           rule_version = excluded.rule_version, frozen_on = excluded.frozen_on
     WHERE (a.credit, a.evidence, a.evidence_id, a.evidence_at, a.share_percent, a.rule_version, a.frozen_on)
           IS DISTINCT FROM ('sourced', excluded.evidence, excluded.evidence_id, excluded.evidence_at,
                             excluded.share_percent, excluded.rule_version, excluded.frozen_on)
    RETURNING a.partner_id
)
SELECT partner_id FROM gone UNION ALL SELECT partner_id FROM put
"""  # noqa: S608 - the only words put in are ours


@transaction.atomic
def recompute(opportunity_ids: Collection[UUID] | None = None) -> list[UUID]:
    """Brings the sourced credit of these opportunities (default: of all) in line with the evidence.

    Answers the partner of every row that changed. Needs a scope that sees all.
    """
    which = "TRUE" if opportunity_ids is None else "o.id = ANY (%(ids)s::uuid[])"
    params: dict[str, Any] = {
        "ids": list(opportunity_ids or ()),
        "approved": [str(s) for s in APPROVED_ONCE],
        "zone": settings.TIME_ZONE,
        "late": LATE_DAYS,
        "ours": [str(s) for s in _OURS],
        "version": RULE_VERSION,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECOMPUTE.format(which=which), params)
        return [row[0] for row in cursor.fetchall()]
