"""Which full refunds came too late to take anything back from a partner: after its rule's clawback days."""

from datetime import date, datetime
from uuid import UUID

from django.db import connection

from core.actor import Actor

# The window runs from the last payment, or else from the close, of the longest of the rules that the partner earns by.
_LATE = """
    SELECT o.id, n.partner_id FROM earnings_entitlement n
    JOIN earnings_revenuerule r ON r.id = n.rule_id JOIN deals_opportunity o ON o.id = n.opportunity_id
    CROSS JOIN LATERAL (
        SELECT coalesce(max(e.occurred_on) FILTER (WHERE e.kind = 'payment'), o.closed_on) AS since,
            coalesce(nullif(greatest(coalesce(sum(e.amount) FILTER (WHERE e.kind = 'payment'), 0),
                coalesce(sum(e.amount) FILTER (WHERE e.kind = 'invoice'), 0)), 0), o.amount) AS whole
        FROM deals_revenueevent e
        WHERE e.opportunity_id = o.id AND e.deleted_at IS NULL AND e.occurred_on <= %(day)s) paid
    WHERE n.ended_at IS NULL AND o.id IN (
        SELECT e.opportunity_id FROM deals_revenueevent e WHERE e.kind IN ('refund', 'credit') AND e.deleted_at IS NULL)
    GROUP BY o.id, n.partner_id, paid.since, paid.whole
    HAVING bool_and(r.clawback_days IS NOT NULL) AND paid.whole > coalesce((
        SELECT sum(e.amount) FROM deals_revenueevent e WHERE e.opportunity_id = o.id AND e.deleted_at IS NULL
        AND e.kind IN ('refund', 'credit') AND e.occurred_on <= %(day)s
        AND e.occurred_on <= paid.since + max(r.clawback_days)), 0)
"""


def too_late(actor: Actor, day: date, at: datetime) -> list[tuple[UUID, UUID]]:
    """(opportunity, partner) whose clawback window had ended before the customer had everything back."""
    with connection.cursor() as cursor:
        cursor.execute(_LATE, {"day": day})
        return cursor.fetchall()
