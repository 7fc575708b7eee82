"""Plain counts of all opportunities as of a day, straight from the records: what the read models must agree with."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import connection

# Money of another currency is worth what it was on the day the deal closed, open deals on the day asked for.
_TOTALS = """
    SELECT count(*) FILTER (WHERE won),
           CASE WHEN NOT bool_or(won AND unrated) THEN coalesce(sum(reported) FILTER (WHERE won), 0) END,
           count(*) FILTER (WHERE lost), count(*) FILTER (WHERE open),
           count(*) FILTER (WHERE open AND (amount IS NULL OR amount_estimated)),
           count(*) FILTER (WHERE open AND opened_on IS NULL),
           CASE WHEN NOT bool_or(open AND amount_estimated AND unrated)
                THEN coalesce(sum(reported) FILTER (WHERE open AND amount_estimated), 0) END
    FROM (
        SELECT amount, amount_estimated, opened_on, amount <> 0 AND reported IS NULL AS unrated, reported,
               stage = 'won' AND closed_on <= %(day)s AS won, stage = 'lost' AND closed_on <= %(day)s AS lost,
               (opened_on IS NULL OR opened_on <= %(day)s) AND (stage = 'open' OR closed_on > %(day)s) AS open
        FROM deals_opportunity o CROSS JOIN LATERAL (SELECT CASE
            WHEN o.currency = %(currency)s OR coalesce(o.amount, 0) = 0 THEN o.amount
            ELSE round(o.amount * (SELECT x.rate FROM deals_exchangerate x WHERE x.currency = o.currency
                       AND x.day <= least(o.closed_on, %(day)s) ORDER BY x.day DESC LIMIT 1), 2) END AS reported) r
        WHERE o.deleted_at IS NULL) every
"""


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts and sums of everything won, lost and open up to a day. A sum is null where a rate is missing."""

    won_count: int
    won_amount: Decimal | None
    lost_count: int
    open_count: int
    open_without_amount: int  # whose amount is unknown, estimated ones included
    open_without_opened_on: int
    estimated_open_amount: Decimal | None


def totals(day: date) -> Totals:
    """Everything up to and with `day`, partners' and direct. Needs a scope that sees all."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, {"day": day, "currency": settings.REPORTING_CURRENCY})
        row = cursor.fetchone()
    none = (0, Decimal(0), 0, 0, 0, 0, Decimal(0))
    return Totals(*row) if row[0] + row[2] + row[3] else Totals(*none)
