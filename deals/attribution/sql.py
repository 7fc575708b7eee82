"""The statements of attribution. Each reads sets; nothing is asked row by row.

`deal` holds the opportunities asked about with the version of the rules they stand under: the present one while open,
the one in force on the day of the close afterwards. `proof` is every piece of evidence, `best` the strongest of each
opportunity, `wanted` the rows that should be there. Closed opportunities whose sourcing is frozen are left out.
"""
# ruff: noqa: S608 - the only words put in are ours

# What belongs to an opportunity that is closed as it was when the row was written.
_STANDS = """(o.stage <> 'open' AND a.frozen_on = o.closed_on AND (a.credit = 'influenced' OR a.evidence <> 'decision'
    AND NOT EXISTS (SELECT FROM deals_attributiondecision s
                    WHERE s.opportunity_id = o.id AND s.withdrawn_at IS NULL AND s.deleted_at IS NULL)))"""

_DEAL = f"""
kept AS (
    SELECT DISTINCT a.opportunity_id FROM deals_attribution a JOIN deals_opportunity o ON o.id = a.opportunity_id
    WHERE a.credit = 'sourced' AND {{which}} AND {_STANDS}
),
deal AS (
    SELECT o.id, o.account_id, o.opened_on, o.vendor_source, k.opportunity_id IS NOT NULL AS kept,
           CASE WHEN o.stage <> 'open' THEN o.closed_on END AS frozen_on,
           1 + CASE WHEN o.stage = 'open' THEN %(last)s ELSE width_bucket(o.closed_on, %(starts)s::date[]) END AS v
    FROM deals_opportunity o LEFT JOIN kept k ON k.opportunity_id = o.id
    WHERE o.deleted_at IS NULL AND {{which}} AND o.opened_on IS NOT NULL
      AND (o.stage <> 'open' OR o.account_id IS NOT NULL AND o.amount IS NOT NULL)
)"""

# A lead of ours, accepted by a partner, with the opportunities it is about: by the registration it became, else by
# the domain of the customer. `own`: about this very opportunity.
_LEADS = """
led AS (
    SELECT opportunity_id, partner_id, id, campaign, moment, bool_or(own) AS own FROM (
        SELECT d.id AS opportunity_id, l.partner_id, l.id, l.source = 'campaign' AS campaign, TRUE AS own,
               CASE WHEN l.source = 'campaign' THEN l.received_at ELSE l.accepted_at END AS moment
        FROM deal d JOIN deals_registration r ON r.opportunity_id = d.id AND r.lead_id IS NOT NULL
             AND r.deleted_at IS NULL
        JOIN deals_lead l ON l.id = r.lead_id AND l.partner_id = r.partner_id AND {lead}
        UNION ALL
        SELECT d.id, l.partner_id, l.id, l.source = 'campaign', FALSE,
               CASE WHEN l.source = 'campaign' THEN l.received_at ELSE l.accepted_at END
        FROM deals_lead l JOIN deals_account c ON c.domain = l.domain AND c.domain <> ''
        JOIN deal d ON d.account_id = c.id WHERE {lead}) every
    GROUP BY opportunity_id, partner_id, id, campaign, moment
)"""
_LEAD = """(l.partner_id IS NOT NULL AND l.accepted_at IS NOT NULL AND l.deleted_at IS NULL
    AND l.status IN ('accepted', 'working', 'stale', 'converted'))"""

_PROOF = """
proof AS (
    SELECT d.id AS opportunity_id, r.partner_id, r.id AS evidence_id, r.submitted_at AS evidence_at,
           CASE r.motion WHEN 'refer' THEN 'referral' ELSE 'registration' END AS evidence, r.grace_until AS ends_at,
           TRUE AS own, d.opened_on, d.vendor_source, d.account_id, d.v
    FROM deal d JOIN deals_registration r ON r.opportunity_id = d.id AND r.deleted_at IS NULL
         AND r.decided_at IS NOT NULL AND r.submitted_at IS NOT NULL AND r.status = ANY (%(approved)s)
    LEFT JOIN deals_lead l ON l.id = r.lead_id
    WHERE NOT d.kept AND (l.id IS NULL OR l.source = 'campaign')
    UNION ALL
    SELECT d.id, x.partner_id, x.id, x.moment, 'campaign', NULL, x.own, d.opened_on, d.vendor_source, d.account_id, d.v
    FROM led x JOIN deal d ON d.id = x.opportunity_id WHERE x.campaign AND NOT d.kept
)"""

# Evidence that came after the opening must be about this very opportunity, which nobody else may have brought.
_BEST = """
dated AS (
    SELECT c.*, s.came_on, s.rank, s.came_on > c.opened_on AS late
    FROM proof c JOIN partners_partner p ON p.id = c.partner_id AND NOT p.is_direct
    CROSS JOIN LATERAL (SELECT (c.evidence_at AT TIME ZONE %(zone)s)::date AS came_on,
                               {rank} AS rank, {lives} AS lives) s
    WHERE s.rank IS NOT NULL AND (c.ends_at IS NULL OR c.ends_at > c.opened_on::timestamp AT TIME ZONE %(zone)s)
      AND CASE WHEN s.came_on <= c.opened_on THEN s.lives IS NULL OR s.came_on + s.lives >= c.opened_on
               ELSE c.own AND s.came_on <= c.opened_on + {late} AND NOT c.vendor_source = ANY (%(ours)s) END
),
beside AS (
    SELECT DISTINCT c.opportunity_id, c.evidence_id
    FROM dated c JOIN deals_opportunity o ON o.account_id = c.account_id AND o.id <> c.opportunity_id
         AND o.deleted_at IS NULL AND o.opened_on <= c.came_on AND (o.stage = 'open' OR o.closed_on > c.came_on)
    LEFT JOIN deals_opportunitypartner x ON x.opportunity_id = o.id
    WHERE c.late AND x.id IS NULL
),
best AS (
    SELECT DISTINCT ON (opportunity_id) * FROM (
        SELECT d.id AS opportunity_id, m.partner_id, m.id AS evidence_id, m.decided_at AS evidence_at,
               'decision' AS evidence, 0 AS rank
        FROM deals_attributiondecision m JOIN deal d ON d.id = m.opportunity_id
        WHERE m.withdrawn_at IS NULL AND m.deleted_at IS NULL AND NOT d.kept
        UNION ALL
        SELECT c.opportunity_id, c.partner_id, c.evidence_id, c.evidence_at, c.evidence, c.rank
        FROM dated c LEFT JOIN beside b ON b.opportunity_id = c.opportunity_id AND b.evidence_id = c.evidence_id
        WHERE b.evidence_id IS NULL) every
    ORDER BY opportunity_id, rank, evidence_at, evidence_id
)"""

_SOURCED = """
split AS (
    SELECT b.*, r.partner_id AS sharer, r.share_percent,
           bool_or(r.partner_id = b.partner_id) OVER (PARTITION BY b.opportunity_id) AS among
    FROM best b LEFT JOIN deals_opportunitypartner r ON r.opportunity_id = b.opportunity_id AND r.role = 'sourcing'
         AND r.share_percent > 0 AND r.deleted_at IS NULL
    WHERE b.partner_id IS NOT NULL
),
sourced AS (
    SELECT DISTINCT opportunity_id, CASE WHEN among THEN sharer ELSE partner_id END AS partner_id,
           CASE WHEN among THEN share_percent ELSE 100 END AS share_percent, evidence, evidence_id, evidence_at
    FROM split
)"""

_INFLUENCED = """
influenced AS (
    SELECT DISTINCT ON (i.opportunity_id, i.partner_id) i.opportunity_id, i.partner_id, 100 AS share_percent,
           i.evidence, i.evidence_id, i.evidence_at
    FROM (
        SELECT t.opportunity_id, t.partner_id, 'touch' AS evidence, t.id AS evidence_id, t.entered_at AS evidence_at
        FROM deals_touch t JOIN deal d ON d.id = t.opportunity_id
        WHERE t.status = 'confirmed' AND t.deleted_at IS NULL AND t.kind = ANY ({kinds})
          AND t.happened_on >= d.opened_on - {before} AND (d.frozen_on IS NULL OR t.happened_on <= d.frozen_on
              AND (t.entered_at AT TIME ZONE %(zone)s)::date <= d.frozen_on + {after})
        UNION ALL
        SELECT x.opportunity_id, x.partner_id, CASE WHEN x.campaign THEN 'campaign' ELSE 'lead' END, x.id, x.moment
        FROM led x JOIN deal d ON d.id = x.opportunity_id
        CROSS JOIN LATERAL (SELECT (x.moment AT TIME ZONE %(zone)s)::date AS came_on) s
        WHERE s.came_on >= d.opened_on - {before} AND (d.frozen_on IS NULL OR s.came_on <= d.frozen_on)) i
    JOIN partners_partner p ON p.id = i.partner_id AND NOT p.is_direct
    LEFT JOIN sourced w ON w.opportunity_id = i.opportunity_id AND w.partner_id = i.partner_id
    LEFT JOIN deals_attribution a ON a.opportunity_id = i.opportunity_id AND a.partner_id = i.partner_id
         AND a.credit = 'sourced' AND a.opportunity_id IN (SELECT opportunity_id FROM kept)
    WHERE w.partner_id IS NULL AND a.id IS NULL
    ORDER BY i.opportunity_id, i.partner_id, i.evidence_at, i.evidence_id
)"""

_WANTED = """
wanted AS (
    SELECT w.*, d.frozen_on, {number} AS rule_version FROM (
        SELECT *, 'sourced' AS credit FROM sourced UNION ALL SELECT *, 'influenced' FROM influenced) w
    JOIN deal d ON d.id = w.opportunity_id
)"""

# What differs: rows that go, and rows that are new or other than before. A frozen influence stays as it is.
_DIFFERENCE = f"""
gone AS (
    SELECT a.id, a.opportunity_id, a.partner_id, a.credit, a.evidence, a.share_percent
    FROM deals_attribution a JOIN deals_opportunity o ON o.id = a.opportunity_id
    LEFT JOIN wanted w ON w.opportunity_id = a.opportunity_id AND w.partner_id = a.partner_id
    WHERE {{which}} AND w.partner_id IS NULL AND NOT {_STANDS}
),
fresh AS (
    SELECT w.*, a.credit AS was_credit, a.evidence AS was_evidence, a.share_percent AS was_share
    FROM wanted w LEFT JOIN deals_attribution a
      ON a.opportunity_id = w.opportunity_id AND a.partner_id = w.partner_id
    WHERE a.id IS NULL
       OR (a.credit, a.evidence, a.evidence_id, a.evidence_at, a.share_percent, a.rule_version, a.frozen_on)
          IS DISTINCT FROM (w.credit, w.evidence, w.evidence_id, w.evidence_at, w.share_percent, w.rule_version,
                            w.frozen_on)
          AND (a.credit = 'sourced' OR w.credit = 'sourced' OR a.frozen_on IS NULL
               OR a.frozen_on IS DISTINCT FROM w.frozen_on)
)"""

JUDGED = ", ".join((_DEAL, _LEADS.replace("{lead}", _LEAD), _PROOF, _BEST, _SOURCED, _INFLUENCED, _WANTED, _DIFFERENCE))

WRITE = f"""
WITH {JUDGED},
dropped AS (DELETE FROM deals_attribution a USING gone g WHERE a.id = g.id RETURNING a.partner_id),
put AS (
    INSERT INTO deals_attribution AS a (id, opportunity_id, partner_id, credit, evidence, evidence_id, evidence_at,
                                        share_percent, rule_version, frozen_on, metadata)
    SELECT gen_random_uuid(), opportunity_id, partner_id, credit, evidence, evidence_id, evidence_at,
           share_percent, rule_version, frozen_on, '{{{{}}}}'
    FROM fresh
    ON CONFLICT (opportunity_id, partner_id) DO UPDATE
       SET credit = excluded.credit, evidence = excluded.evidence, evidence_id = excluded.evidence_id,
           evidence_at = excluded.evidence_at, share_percent = excluded.share_percent,
           rule_version = excluded.rule_version, frozen_on = excluded.frozen_on
    RETURNING a.partner_id
)
SELECT partner_id, count(*) FROM (SELECT partner_id FROM dropped UNION ALL SELECT partner_id FROM put) every GROUP BY 1
"""

# What credit moves, not which version of the rules stands beside it.
COMPARE = f"""
WITH {JUDGED},
moved AS (
    SELECT opportunity_id, partner_id, credit AS was, evidence AS was_evidence, share_percent AS was_share,
           NULL::text AS becomes, NULL::text AS evidence, NULL::numeric AS share FROM gone
    UNION ALL
    SELECT opportunity_id, partner_id, was_credit, was_evidence, was_share, credit, evidence, share_percent FROM fresh
    WHERE (was_credit, was_evidence, was_share) IS DISTINCT FROM (credit, evidence, share_percent)
)
SELECT o.reference, coalesce(nullif(c.name, ''), o.name), p.name, p.reference, m.was, m.was_evidence, m.was_share,
       m.becomes, m.evidence, m.share, o.amount, o.currency, o.stage, m.opportunity_id, m.partner_id
FROM moved m JOIN deals_opportunity o ON o.id = m.opportunity_id LEFT JOIN deals_account c ON c.id = o.account_id
JOIN partners_partner p ON p.id = m.partner_id
ORDER BY o.reference, p.name, m.partner_id
"""
