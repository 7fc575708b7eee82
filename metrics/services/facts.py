"""The facts that tiers judge by, computed from deals: what the programs in force ask for, over their windows."""
# ruff: noqa: S608 - the only words put into SQL are the names below

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from core import slots
from core.actor import SYSTEM
from core.scope import elevated
from deals.enums import PartnerRole
from tiers import rules
from tiers import services as tiers
from tiers.measures import CLOSED_DEALS_12M, DEALS, MEASURES, MONTHS, REVENUE
from tiers.models import ProgramMembership, ProgramVersion
from tiers.particulars import TRAILING_YEAR
from tiers.windows import USUAL, Window, read_window

log = structlog.get_logger(__name__)
KEPT_LAPSES = 50  # days on which a deal falls out, enough for every threshold up to this
CREDITS: Mapping[str, int] = {PartnerRole.SELLING: 1, PartnerRole.SOURCING: 1}


@dataclass(frozen=True, slots=True)
class Asked:
    """A computed figure that a program wants: over which days, part by part, and when a day falls out of them."""

    program_id: UUID
    metric: str
    key: str
    window: Window
    currency: str

    def parts(self, day: date) -> Iterator[tuple[Any, ...]]:
        """One line for each part of the window."""
        months = self.window.count if self.window.trailing and self.window.unit != "day" else None
        days = self.window.count if self.window.trailing and self.window.unit == "day" else None
        for first, last in self.window.spans(day):
            ends = None if self.window.trailing else self.window.falls_out(first)
            yield (
                self.program_id, self.metric, MEASURES[self.metric], self.key, self.currency, first, last, months, days,
                ends,
            )  # fmt: skip


_TYPES = ("uuid", "text", "text", "text", "text", "date", "date", "integer", "integer", "date")
_ASKED = f"""
asked (program_id, metric, measure, key, currency, first, last, months, days, ends) AS MATERIALIZED (
    SELECT * FROM unnest({", ".join(f"%(asked_{i})s::{kind}[]" for i, kind in enumerate(_TYPES))})
)"""

# All that the customer paid, or was invoiced, or else the deal's worth went back by the last day. Whether that was in
# the clawback window, whoever keeps the rules of earnings says.
_FULLY_REFUNDED = """EXISTS (
    SELECT FROM deals_revenueevent e
    WHERE e.opportunity_id = o.id AND e.deleted_at IS NULL AND e.occurred_on <= %(last)s
    HAVING sum(e.amount) FILTER (WHERE e.kind IN ('refund', 'credit')) >= coalesce(nullif(greatest(
        coalesce(sum(e.amount) FILTER (WHERE e.kind = 'payment'), 0),
        coalesce(sum(e.amount) FILTER (WHERE e.kind = 'invoice'), 0)), 0), o.amount))"""
# A deal counts for the membership that its role names, else for the partner's first.
CREDIT = f"""
credit AS (
    SELECT m.partner_id, m.program_id, o.id, o.closed_on, o.amount, o.currency, least(max(c.credit), 1) AS credit,
           least(max(c.credit * CASE WHEN x.role = 'sourcing' THEN coalesce(x.share_percent, 100) / 100 ELSE 1 END), 1)
           AS share
    FROM deals_opportunitypartner x
    JOIN deals_opportunity o ON o.id = x.opportunity_id AND o.stage = 'won' AND o.kind IN ('new', 'expansion')
         AND o.closed_on BETWEEN %(first)s AND %(last)s AND o.deleted_at IS NULL
    JOIN tiers_programmembership m ON m.id = coalesce(x.membership_id, (
         SELECT d.id FROM tiers_programmembership d WHERE d.partner_id = x.partner_id AND d.status = 'active'
            AND d.deleted_at IS NULL ORDER BY d.starts_on, d.id LIMIT 1))
    JOIN unnest(%(programs)s::uuid[], %(roles)s::text[], %(credits)s::numeric[]) AS c (program_id, role, credit)
         ON c.program_id = m.program_id AND c.role = x.role
    WHERE x.deleted_at IS NULL AND c.credit > 0 AND {{x}} AND (NOT {_FULLY_REFUNDED} OR EXISTS (
        SELECT FROM unnest(%(late_deals)s::uuid[], %(late_partners)s::uuid[]) AS late (deal, partner)
        WHERE late.deal = o.id AND late.partner = x.partner_id))
    GROUP BY m.partner_id, m.program_id, o.id
)"""

# What one unit of a currency was worth in the reporting currency on a day; none before the first dated rate.
_WORTH = """CASE WHEN {currency} = %(reporting)s THEN 1 ELSE (
    SELECT r.rate FROM deals_exchangerate r WHERE r.currency = {currency} AND r.day <= t.closed_on
    ORDER BY r.day DESC LIMIT 1) END"""
_REVENUE = f"""CASE WHEN t.currency = a.currency THEN t.amount * t.share
    ELSE t.amount * t.share * ({_WORTH.format(currency="t.currency")}) / ({_WORTH.format(currency="a.currency")}) END"""
_LAPSE = """coalesce(a.ends, t.closed_on + a.days, (t.closed_on + make_interval(months => a.months))::date
    + (extract(day FROM t.closed_on + make_interval(months => a.months)) <> extract(day FROM t.closed_on))::int)"""

FACTS = f"""
WITH {_ASKED},
{CREDIT},
part AS (  -- each part of each window, with the days on which a counted deal falls out
    SELECT t.partner_id, a.program_id, a.metric, a.key, a.first,
           CASE a.measure WHEN '{DEALS}' THEN sum(t.credit) ELSE coalesce(round(sum({_REVENUE}), 2), 0) END AS value,
           (array_agg({_LAPSE} ORDER BY t.closed_on DESC) FILTER (WHERE a.measure = '{DEALS}'
              AND coalesce(a.days, a.months, a.ends - a.ends) IS NOT NULL))[1:{KEPT_LAPSES}] AS lapses
    FROM credit t JOIN asked a ON a.program_id = t.program_id AND t.closed_on BETWEEN a.first AND a.last
    WHERE a.measure IN ('{DEALS}', '{REVENUE}')
    GROUP BY t.partner_id, a.program_id, a.metric, a.measure, a.key, a.first
),
whole AS (  -- of several parts the least, and nothing where one of them is empty
    SELECT partner_id, program_id, metric, key, min(value) AS value, count(*) AS parts,
           max(to_jsonb(lapses)::text)::jsonb AS lapses
    FROM part GROUP BY partner_id, program_id, metric, key
),
wanted AS (
    SELECT program_id, metric, measure, key, count(*) AS parts FROM asked GROUP BY program_id, metric, measure, key
)
SELECT m.id, m.partner_id, w.metric, w.key,
       CASE WHEN w.measure = '{MONTHS}' THEN greatest(0, extract(year FROM age(%(last)s::date, m.starts_on)) * 12
                                                      + extract(month FROM age(%(last)s::date, m.starts_on)))
            WHEN s.parts = w.parts THEN coalesce(s.value, 0) ELSE 0 END,
       coalesce(s.lapses, '[]')
FROM tiers_programmembership m JOIN wanted w USING (program_id)
LEFT JOIN whole s USING (partner_id, program_id, metric, key)
WHERE m.status = 'active' AND m.deleted_at IS NULL AND {{m}}
"""


def rebuild_facts(
    day: date, *, at: datetime, partner_ids: Collection[UUID] | None = None
) -> QuerySet[ProgramMembership]:
    """Brings the computed figures of all active memberships (of these partners) up to date; whose figures changed."""
    mine = "TRUE" if partner_ids is None else "{}.partner_id = ANY (%(partners)s::uuid[])"
    versions = list(ProgramVersion.objects.in_force(day).select_related("program"))
    wanted = [asked for version in versions for asked in asked_by(version)]
    statement = FACTS.format(x=mine.format("x"), m=mine.format("m"))
    late = too_late(day, at)
    params = parameters(wanted, versions, day) | {
        "partners": list(partner_ids or ()), "late_deals": [deal for deal, _partner in late],
        "late_partners": [partner for _deal, partner in late],
    }  # fmt: skip
    return tiers.put_computed(statement, params, whose=mine.format("m"), at=at)


def asked_by(version: ProgramVersion) -> list[Asked]:
    """The computed figures that a version asks for. A window in words that mean none is the trailing 12 months."""
    try:
        names = rules.sound(version.definition).asks
    except rules.CannotJudge as reason:
        log.warning("program_cannot_judge", program_version=version.public_id, reason=str(reason))
        return []
    split = [name.partition("@") for name in sorted(names)]
    wanted = {(metric, _key(metric, window)) for metric, _at, window in split if metric in MEASURES}
    return [_asked(version, metric, key) for metric, key in sorted(wanted)]


def _key(metric: str, window: str) -> str:
    fixed = metric == CLOSED_DEALS_12M or read_window(window) is None
    return TRAILING_YEAR if fixed else window


def _asked(version: ProgramVersion, metric: str, key: str) -> Asked:
    return Asked(version.program_id, metric, key, read_window(key) or USUAL, version.program.currency)


def parameters(wanted: Iterable[Asked], versions: Iterable[ProgramVersion], day: date) -> dict[str, Any]:
    """What the statement is to compute: one array for each column, and the credit of roles."""
    rows = [part for asked in wanted for part in asked.parts(day)]
    columns = list(zip(*rows, strict=True)) or [() for _kind in _TYPES]
    known = credits(versions)
    return {f"asked_{i}": list(column) for i, column in enumerate(columns)} | {
        "first": min((row[5] for row in rows), default=day), "last": day, "reporting": settings.REPORTING_CURRENCY,
        "programs": [p for p, _r, _n in known], "roles": [r for _p, r, _n in known],
        "credits": [n for _p, _r, n in known],
    }  # fmt: skip


def too_late(day: date, at: datetime) -> set[tuple[UUID, UUID]]:
    """(opportunity, partner) from whom a full refund takes no credit: it came after the clawback window."""
    with elevated():
        return {pair for pairs in slots.ask("refund_too_late", SYSTEM, day, at=at) for pair in pairs}


def fully_refunded(opportunity_ids: Collection[UUID], day: date) -> set[UUID]:
    """Those of the opportunities whose customer had everything back by the day. Crosses the wall for that alone."""
    statement = f"SELECT o.id FROM deals_opportunity o WHERE o.id = ANY (%(ids)s::uuid[]) AND {_FULLY_REFUNDED}"
    with elevated(), connection.cursor() as cursor:
        cursor.execute(statement, {"ids": list(opportunity_ids), "last": day})
        return {row[0] for row in cursor.fetchall()}


def credits(versions: Iterable[ProgramVersion]) -> list[tuple[UUID, str, Decimal]]:
    """What a role in a closed deal counts, by program: its own table, else selling or sourcing 1."""
    tables = [(version.program_id, version.definition.get("credits") or CREDITS) for version in versions]
    return [(program, str(role), Decimal(str(n))) for program, table in tables for role, n in table.items()]
