"""What a program's partners brought in a span: the figure that market funds accrue by."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused
from core.money import round_money
from metrics.services.facts import credits
from tiers.models import ProgramVersion

# Paid less refunded, by the day it happened and the rate of that day; of a deal that several partners sold or sourced
# each brought the whole.
_BROUGHT = """
WITH held AS (
    SELECT DISTINCT r.partner_id, r.opportunity_id FROM deals_opportunitypartner r
    JOIN tiers_programmembership m ON m.partner_id = r.partner_id AND m.program_id = %(program)s
         AND m.status = 'active' AND m.deleted_at IS NULL
    WHERE r.role = ANY (%(roles)s) AND r.deleted_at IS NULL
),
moved AS (
    SELECT h.partner_id, e.occurred_on, e.kind, CASE WHEN e.kind = 'payment' THEN 1 ELSE -1 END * e.amount * (
        CASE WHEN e.currency = %(into)s THEN 1 ELSE
            CASE WHEN e.currency = %(home)s THEN 1 ELSE (SELECT x.rate FROM deals_exchangerate x
                WHERE x.currency = e.currency AND x.day <= e.occurred_on ORDER BY x.day DESC LIMIT 1) END
            / CASE WHEN %(into)s = %(home)s THEN 1 ELSE (SELECT x.rate FROM deals_exchangerate x
                WHERE x.currency = %(into)s AND x.day <= e.occurred_on ORDER BY x.day DESC LIMIT 1) END END) AS sum,
        e.currency, min(e.occurred_on) FILTER (WHERE e.kind = 'payment') OVER (PARTITION BY h.partner_id) AS began
    FROM deals_revenueevent e JOIN deals_opportunity o ON o.id = e.opportunity_id AND o.deleted_at IS NULL
         AND o.kind IN ('new', 'expansion')
    JOIN held h ON h.opportunity_id = o.id
    WHERE e.kind IN ('payment', 'refund', 'credit') AND e.deleted_at IS NULL AND e.occurred_on <= %(last)s
)
SELECT partner_id, sum(sum), array_agg(DISTINCT currency) FILTER (WHERE sum IS NULL) FROM moved
WHERE occurred_on >= %(first)s AND (NOT %(opening)s OR occurred_on = began AND kind = 'payment')
GROUP BY partner_id ORDER BY partner_id
"""


def base(actor: Actor, subject: Any, at: datetime) -> Mapping[UUID, Decimal]:
    """`subject` is an mdf accrual's Wanted. Raises Refused when a rate is missing."""
    versions = ProgramVersion.objects.in_force(subject.last).filter(program_id=subject.program.pk)
    roles = sorted({role for _program, role, credit in credits(versions) if credit > 0} or {"selling", "sourcing"})
    params = {
        "program": subject.program.pk, "roles": roles, "first": subject.first, "last": subject.last,
        "into": subject.currency, "home": settings.REPORTING_CURRENCY, "opening": subject.of == "first_order",
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_BROUGHT, params)
        rows = cursor.fetchall()
    unrated = sorted({currency for _partner, _sum, currencies in rows for currency in currencies or ()})
    if unrated:
        raise Refused(_("An exchange rate is missing: %s. Import it first.") % ", ".join(unrated))
    return {partner: round_money(total, subject.currency) for partner, total, _none in rows}
