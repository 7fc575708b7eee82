"""What funded activities brought: pipeline by confirmed evidence with their tracking code, beside what was paid.

Evidence is a confirmed touch with the code, or a lead that came with it and became a registration of the partner.
"""
# ruff: noqa: S608 - the only words put into SQL are the names below

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.utils.translation import gettext as _

from metrics.queries.cut import Cut, group_columns, joined

WINDOW_DAYS = 180  # after its end, in which evidence counts for an activity
ZERO = Decimal(0)
ACTIVITY_TYPE = "activity_type"  # a group beside `cut.GROUPS`

# What one unit of a currency is worth in another on a day: both against the reporting currency; null without a rate.
_RATE = """(CASE WHEN {0} = %(home)s THEN 1 ELSE (SELECT x.rate FROM deals_exchangerate x WHERE x.currency = {0}
    AND x.day <= {2} ORDER BY x.day DESC LIMIT 1) END
    / CASE WHEN {1} = %(home)s THEN 1 ELSE (SELECT x.rate FROM deals_exchangerate x WHERE x.currency = {1}
    AND x.day <= {2} ORDER BY x.day DESC LIMIT 1) END)"""


def _in(amount: str, currency: str, day: str) -> str:
    """SQL of an amount in the currency asked for, to the cent."""
    into = "a.into"
    worth = f"round({amount} * {_RATE.format(currency, into, day)}, 2)"
    return f"CASE WHEN coalesce({amount}, 0) = 0 OR {currency} = {into} THEN coalesce({amount}, 0) ELSE {worth} END"


# Each opportunity is split among all activities that touched it, to the cent: what is left over goes to the first ones.
_ACTIVITIES = f"""
span AS (SELECT * FROM unnest(%(after)s::date[], %(lasts)s::date[], %(days)s::date[]) s (after, last, day)),
ran AS (
    SELECT s.last, s.day, a.id, a.partner_id, a.activity_type, a.tracking_code, a.starts_on, a.ends_on,
           a.expected_pipeline, a.currency,
           CASE WHEN %(own)s THEN a.currency ELSE %(home)s END AS into, a.ends_on + {WINDOW_DAYS} < s.day AS mature
    FROM span s JOIN mdf_activity a ON a.ends_on > s.after AND a.ends_on <= s.last
    JOIN mdf_request r ON r.id = a.request_id AND r.status NOT IN ('cancelled', 'withdrawn') AND r.deleted_at IS NULL
    WHERE a.status IN ('approved', 'settled', 'released') AND a.deleted_at IS NULL AND {{only}}
),
came AS (
    SELECT l.id, l.campaign, (l.received_at AT TIME ZONE %(zone)s)::date AS on_day
    FROM deals_lead l WHERE l.campaign <> '' AND l.status <> 'disqualified' AND l.deleted_at IS NULL
),
evidence AS (
    SELECT t.campaign, t.partner_id, t.opportunity_id, t.happened_on AS on_day
    FROM deals_touch t WHERE t.campaign <> '' AND t.status = 'confirmed' AND t.deleted_at IS NULL
    UNION ALL
    SELECT l.campaign, r.partner_id, r.opportunity_id, l.on_day
    FROM came l JOIN deals_registration r ON r.lead_id = l.id AND r.opportunity_id IS NOT NULL AND r.deleted_at IS NULL
),
touched AS (
    SELECT DISTINCT s.last, s.day, a.id AS activity_id, t.opportunity_id
    FROM span s JOIN evidence t ON t.on_day <= s.day
    JOIN mdf_activity a ON a.tracking_code = t.campaign AND a.partner_id = t.partner_id AND a.deleted_at IS NULL
         AND t.on_day BETWEEN a.starts_on AND a.ends_on + {WINDOW_DAYS}
    JOIN deals_opportunity o ON o.id = t.opportunity_id AND o.deleted_at IS NULL
         AND (o.opened_on IS NULL OR o.opened_on <= s.day) AND (o.stage = 'open' OR t.on_day <= o.closed_on)
),
led AS (
    SELECT a.last, a.id, count(*) AS leads
    FROM ran a JOIN came l ON a.tracking_code <> '' AND l.campaign = a.tracking_code AND l.on_day <= a.day
         AND l.on_day BETWEEN a.starts_on AND a.ends_on + {WINDOW_DAYS}
    GROUP BY a.last, a.id
),
split AS (
    SELECT t.*, count(*) OVER whole AS n, row_number() OVER (whole ORDER BY t.activity_id) AS place
    FROM touched t WINDOW whole AS (PARTITION BY t.last, t.opportunity_id)
),
worth AS (
    SELECT a.last, a.id, a.ends_on, p.opportunity_id, p.n, p.place, o.amount_estimated,
           o.stage = 'won' AND o.closed_on <= a.day AS won,
           {_in("o.amount", "o.currency", "CASE WHEN o.stage <> 'open' THEN least(o.closed_on, a.day) ELSE a.day END")}
           AS amount, o.currency, o.reference
    FROM ran a JOIN split p ON p.activity_id = a.id AND p.last = a.last
    JOIN deals_opportunity o ON o.id = p.opportunity_id
),
shared AS (
    SELECT w.*, round((floor(w.amount * 100 / w.n) + (w.place <= mod(w.amount * 100, w.n))::int) / 100, 2) AS share
    FROM worth w
),
brought AS (
    SELECT last, id, sum(share) AS pipeline, sum(share) FILTER (WHERE won) AS won,
           sum(share) FILTER (WHERE amount_estimated) AS estimated,
           array_agg(DISTINCT currency) FILTER (WHERE share IS NULL) AS unrated,
           string_agg(reference || CASE WHEN n > 1 THEN ' 1/' || n ELSE '' END, ', ' ORDER BY reference) AS evidence
    FROM shared GROUP BY last, id
),
spent AS (
    SELECT a.last, a.id, sum({_in("e.amount", "e.currency", "(t.at AT TIME ZONE %(zone)s)::date")}) AS paid,
           array_agg(DISTINCT e.currency) FILTER (
               WHERE {_in("e.amount", "e.currency", "(t.at AT TIME ZONE %(zone)s)::date")} IS NULL) AS unrated
    FROM ran a JOIN mdf_claim c ON c.activity_id = a.id
    JOIN core_ledgeraccount l ON l.kind = 'mdf.paid' AND l.owner_id = c.id
    JOIN core_ledgerentry e ON e.account_id = l.id JOIN core_ledgertransaction t ON t.id = e.transaction_id
    WHERE (t.at AT TIME ZONE %(zone)s)::date <= a.day
    GROUP BY a.last, a.id
),
figures AS (
    SELECT a.*, coalesce(s.paid, 0) AS paid, coalesce(b.pipeline, 0) AS pipeline,
           coalesce(b.won, 0) AS won, coalesce(b.estimated, 0) AS estimated, coalesce(b.evidence, '') AS evidence,
           coalesce(l.leads, 0) AS leads,
           {_in("a.expected_pipeline", "a.currency", "a.ends_on")} AS forecast,
           coalesce(s.unrated, '{{{{}}}}') || coalesce(b.unrated, '{{{{}}}}') AS unrated
    FROM ran a LEFT JOIN spent s ON s.id = a.id AND s.last = a.last
    LEFT JOIN brought b ON b.id = a.id AND b.last = a.last LEFT JOIN led l ON l.id = a.id AND l.last = a.last
)"""
_SUMS = """
    count(*) FILTER (WHERE counts), coalesce(sum(f.paid) FILTER (WHERE counts), 0),
    coalesce(sum(f.pipeline) FILTER (WHERE counts), 0), coalesce(sum(f.won) FILTER (WHERE counts), 0),
    coalesce(sum(f.estimated) FILTER (WHERE counts), 0), coalesce(sum(f.forecast) FILTER (WHERE counts), 0),
    count(*) FILTER (WHERE NOT f.mature AND f.paid > 0), coalesce(sum(f.paid) FILTER (WHERE NOT f.mature), 0),
    coalesce(sum(f.pipeline) FILTER (WHERE NOT f.mature AND f.paid > 0), 0), count(*) FILTER (WHERE f.paid = 0),
    coalesce(array_agg(DISTINCT c.name) FILTER (WHERE c.name IS NOT NULL), '{}')"""


@dataclass(frozen=True, slots=True)
class Returns:
    """Sums over the activities that ended in a period: those whose window has closed and that were paid count."""

    activities: int = 0
    paid: Decimal = ZERO
    pipeline: Decimal = ZERO
    won: Decimal = ZERO
    estimated: Decimal = ZERO
    forecast: Decimal = ZERO
    maturing: int = 0
    maturing_paid: Decimal = ZERO
    maturing_pipeline: Decimal = ZERO
    unpaid: int = 0
    unrated: tuple[str, ...] = ()

    @property
    def ratio(self) -> Decimal | None:
        return _ratio(self.pipeline, self.paid)

    @property
    def kept(self) -> Decimal | None:
        """What came of each unit of pipeline that was forecast: 0.8 = 80%."""
        return _ratio(self.pipeline, self.forecast)

    @property
    def won_ratio(self) -> Decimal | None:
        return _ratio(self.won, self.paid)

    def reading(self) -> dict[str, Any]:
        """Activities whose window has closed; what still matures and what was not paid stands beside."""
        beside = {
            "won_for_each_unit": self.won_ratio, "paid_activities": self.activities, "forecast": self.forecast,
            "maturing_activities": self.maturing, "maturing_paid": self.maturing_paid,
            "maturing_pipeline": self.maturing_pipeline, "unpaid_activities": self.unpaid,
        }  # fmt: skip
        listed = {"rows": self.activities + self.maturing + self.unpaid, "beside": beside}
        if self.unrated:
            return listed | {"missing_rates": self.unrated}
        note = "" if self.activities else _("No paid activity of this period has had its 180 days yet.")
        sums = {"value": self.ratio, "numerator": self.pipeline, "denominator": self.paid, "note": note}
        return listed | sums | {"estimated": self.estimated}


@dataclass(frozen=True, slots=True)
class OfActivity:
    """One activity's figures, all in one currency."""

    pk: UUID
    currency: str
    mature: bool
    paid: Decimal
    pipeline: Decimal
    won: Decimal
    forecast: Decimal | None
    evidence: str  # the opportunities, with the part of each that is this activity's
    leads: int = 0  # that came with its code
    unrated: tuple[str, ...] = ()

    @property
    def ratio(self) -> Decimal | None:
        return None if self.unrated else _ratio(self.pipeline, self.paid)


@dataclass(frozen=True, slots=True)
class Grouped:
    label: str
    of: Returns = field(default_factory=Returns)


def _ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    return (part / whole).quantize(Decimal("0.01")) if whole > 0 else None


Span = tuple[date, date, date]  # activities that ended after the first and up to the second day, seen on the third


def _params(spans: Sequence[Span], **more: Any) -> dict[str, Any]:
    after, lasts, days = zip(*spans, strict=True)
    return {
        "after": list(after), "lasts": list(lasts), "days": list(days), "own": False,
        "home": settings.REPORTING_CURRENCY, "zone": settings.TIME_ZONE, **more,
    }  # fmt: skip


def sums(using: str, spans: Sequence[Span], cut: Cut) -> dict[date, Returns]:
    """The second day of each span → what its activities brought."""
    return {day: one.of for (day, _key), one in _grouped(using, spans, cut, "").items()}


def by_group(using: str, span: Span, cut: Cut, group: str) -> dict[str, Grouped]:
    """Group → the same, for one span. Groups of `cut.GROUPS`, or by the type of activity."""
    return {key: one for (_day, key), one in _grouped(using, [span], cut, group).items()}


def _grouped(using: str, spans: Sequence[Span], cut: Cut, group: str) -> dict[tuple[date, str], Grouped]:
    where, params = cut.where()
    own = group == ACTIVITY_TYPE
    key, label = ("f.activity_type", "f.activity_type") if own else group_columns(group)
    sql = f"""WITH {_ACTIVITIES.format(only="true")} SELECT f.last, coalesce({key}, ''), coalesce(max({label}), ''),
        {_SUMS} FROM figures f {joined("f.partner_id", group)}
        CROSS JOIN LATERAL (SELECT f.mature AND f.paid > 0 AS counts) k
        LEFT JOIN LATERAL (SELECT unnest(f.unrated) AS name LIMIT 1) c ON k.counts
        WHERE {where} GROUP BY 1, 2"""
    with connections[using].cursor() as cursor:
        cursor.execute(sql, params | _params(spans))
        return {
            (day, name): Grouped(words, Returns(*[*values, tuple(unrated)]))
            for day, name, words, *values, unrated in cursor.fetchall()
        }


def of_activities(
    using: str, span: Span, cut: Cut, *, partner: UUID | None = None, own: bool = False
) -> dict[UUID, OfActivity]:
    """Each activity's figures, of one partner if given; `own`: in the budget's currency, not the reporting one."""
    where, params = cut.where()
    only = "a.partner_id = %(only)s" if partner else "true"
    sql = f"""WITH {_ACTIVITIES.format(only=only)} SELECT f.id, f.into, f.mature, f.paid, f.pipeline, f.won,
        f.forecast, f.evidence, f.leads, f.unrated FROM figures f {joined("f.partner_id")} WHERE {where}"""
    with connections[using].cursor() as cursor:
        cursor.execute(sql, params | _params([span], only=partner, own=own))
        return {row[0]: OfActivity(*[*row[:9], tuple(row[9])]) for row in cursor.fetchall()}
