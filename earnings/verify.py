"""What must always hold of earnings."""

from datetime import datetime
from typing import Any

from django.db import connection

from core.actor import Actor

SHOWN = 5
# What we owe a partner by the ledger, against the lines that are earned and not paid.
_OWED = """
    SELECT p.reference || ' ' || coalesce(l.currency, a.currency) || ': lines ' || coalesce(l.sum, 0)
        || ', ledger ' || coalesce(a.balance, 0)
    FROM (SELECT partner_id, currency, sum(amount) AS sum FROM earnings_earningline
          WHERE direction = 'payable' AND status NOT IN ('forecast', 'cancelled', 'paid') GROUP BY 1, 2) l
    FULL JOIN (SELECT owner_id, currency, balance FROM core_ledgeraccount WHERE kind = 'partner_payable') a
        ON a.owner_id = l.partner_id AND a.currency = l.currency
    JOIN partners_partner p ON p.id = coalesce(l.partner_id, a.owner_id)
    WHERE coalesce(l.sum, 0) <> coalesce(a.balance, 0) ORDER BY 1 LIMIT %s
"""
_REVERSED = """
    SELECT o.reference || ' is reversed by ' || abs(sum(r.amount)) || ' of ' || abs(o.amount)
    FROM earnings_earningline o JOIN earnings_earningline r ON r.reverses_id = o.id
    GROUP BY o.id, o.reference, o.amount
    HAVING abs(sum(r.amount)) > abs(o.amount) OR sign(sum(r.amount)) = sign(o.amount) ORDER BY 1 LIMIT %s
"""
_SHARED = """
    SELECT o.reference || ': ' || sum(e.share_percent) || ' %% are given away'
    FROM earnings_entitlement e JOIN deals_opportunity o ON o.id = e.opportunity_id
    WHERE e.ended_at IS NULL GROUP BY o.reference, e.rule_id, e.basis, e.role
    HAVING sum(e.share_percent) > 100 ORDER BY 1 LIMIT %s
"""
# What is not closed belongs to the partner that it became part of.
_LEFT_BEHIND = """
    SELECT l.reference || ' is left with ' || p.reference || ', which became part of another partner'
    FROM earnings_earningline l JOIN partners_partner p ON p.id = l.partner_id
    WHERE p.merged_into_id IS NOT NULL AND l.status NOT IN ('paid', 'invoiced', 'cancelled') ORDER BY 1 LIMIT %s
"""
_WRONG = (_OWED, _REVERSED, _SHARED, _LEFT_BEHIND)


def earnings(actor: Actor, subject: Any, at: datetime) -> tuple[str, list[str]]:
    """Lines and ledger agree, no line is reversed by more than it holds, and nothing is given away twice."""
    return "earnings", [words for sql in _WRONG for words in _column(sql)]


def _column(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [SHOWN])
        return [row[0] for row in cursor.fetchall()]
