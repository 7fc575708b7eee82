"""Figures by day: of the whole business and of each partner. One statement each; only differences are written."""
# ruff: noqa: S608 - the only words put into SQL are the names below

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from deals.attribution import APPROVED_ONCE
from metrics.measures import MEASURES
from metrics.particulars import Touched
from metrics.windows import start_of

# An opportunity with its days. Money of another currency is worth what it was on the day the deal closed.
_DEAL = """
    SELECT o.id, o.currency, o.closed_on, coalesce(o.opened_on, o.closed_on) AS began_on,
           greatest(o.opened_on, o.closed_on) AS ended_on, o.stage = 'won' AS won, o.stage <> 'open' AS closed,
           o.kind = 'renewal' AS renewal, o.amount_estimated AS estimated, coalesce(o.amount, 0) AS amount,
           CASE WHEN o.currency = %(currency)s OR coalesce(o.amount, 0) = 0 THEN coalesce(o.amount, 0)
                WHEN o.stage = 'won' THEN round(o.amount * (
                     SELECT x.rate FROM deals_exchangerate x
                     WHERE x.currency = o.currency AND x.day <= o.closed_on ORDER BY x.day DESC LIMIT 1), 2)
           END AS reported
    FROM deals_opportunity o WHERE o.deleted_at IS NULL"""

# Whole business: each opportunity once; `share` = how much of it partners sourced, `touched` = influenced, sourced by
# none; `sold` = a partner sells it.
_WHOLE = f"""
d AS MATERIALIZED (
    SELECT deal.*, s.share, deal.amount AS own_amount, deal.reported AS own_reported, TRUE AS own,
           s.opportunity_id IS NOT NULL AND s.share IS NULL AS touched, x.opportunity_id IS NOT NULL AS sold
    FROM ({_DEAL} AND {{deals}}) deal
    LEFT JOIN (SELECT a.opportunity_id, sum(a.share_percent) FILTER (WHERE a.credit = 'sourced') / 100 AS share
               FROM deals_attribution a WHERE a.deleted_at IS NULL AND {{credits}} GROUP BY a.opportunity_id) s
      ON s.opportunity_id = deal.id
    LEFT JOIN (SELECT DISTINCT r.opportunity_id FROM deals_opportunitypartner r
               JOIN partners_partner p ON p.id = r.partner_id AND NOT p.is_direct
               WHERE r.role = 'selling' AND r.deleted_at IS NULL AND {{roles}}) x ON x.opportunity_id = deal.id
)"""

# A partner's: where it sold, sourced or influenced; its own amount is its share of what it sourced, else all.
_PARTNERS = f"""
d AS MATERIALIZED (
    SELECT deal.*, w.partner_id, w.share, deal.amount * coalesce(w.share, 1) AS own_amount,
           deal.reported * coalesce(w.share, 1) AS own_reported, w.own, w.sold,
           w.influenced AND b.opportunity_id IS NULL AS touched
    FROM (
        SELECT opportunity_id, partner_id, max(share) AS share, bool_or(influenced) AS influenced,
               NOT bool_and(influenced) AS own, bool_or(sold) AS sold
        FROM (
            SELECT r.opportunity_id, r.partner_id, NULL::numeric AS share, FALSE AS influenced,
                   r.role = 'selling' AS sold
            FROM deals_opportunitypartner r
            WHERE r.role IN ('selling', 'sourcing') AND r.deleted_at IS NULL AND {{roles}}
            UNION ALL
            SELECT a.opportunity_id, a.partner_id, CASE WHEN a.credit = 'sourced' THEN a.share_percent / 100 END,
                   a.credit = 'influenced', FALSE
            FROM deals_attribution a WHERE a.deleted_at IS NULL AND {{credits}}) every
        GROUP BY opportunity_id, partner_id) w
    JOIN ({_DEAL}) deal ON deal.id = w.opportunity_id
    LEFT JOIN (SELECT DISTINCT a.opportunity_id FROM deals_attribution a
               WHERE a.credit = 'sourced' AND a.deleted_at IS NULL AND {{sourced}}) b ON b.opportunity_id = deal.id
)"""

_CLOSED = {
    "won_count": "count(*) FILTER (WHERE won)",
    "lost_count": "count(*) FILTER (WHERE NOT won)",
    "sourced_won_count": "count(*) FILTER (WHERE won AND share IS NOT NULL)",
    "transacted_won_count": "count(*) FILTER (WHERE won AND sold)",
}
_TOUCHED_CLOSED = {"influenced_won_count": "count(*) FILTER (WHERE won)"}

# Money that was won, on the day of the close, and what went back, on the day of the refund: `part` of the amount.
_TAKEN = "e.kind IN ('refund', 'credit') AND e.deleted_at IS NULL"
_MONEY_OF_WON = f"""(
    SELECT d.*, m.money_on, m.part FROM d CROSS JOIN LATERAL (
        SELECT d.closed_on AS money_on, 1::numeric AS part
        UNION ALL
        SELECT e.occurred_on, -e.amount / nullif(d.amount, 0) FROM deals_revenueevent e
        WHERE e.opportunity_id = d.id AND {_TAKEN}) m
    WHERE d.won) w"""
_WON_MONEY = {
    "won_amount": "coalesce(sum(own_amount * part), 0)",
    "won_reported": "CASE WHEN NOT bool_or(reported IS NULL) THEN coalesce(sum(own_reported * part), 0) END",
    "sourced_won_amount": "coalesce(sum(amount * share * part), 0)",
    "sourced_won_reported": "CASE WHEN NOT bool_or(share IS NOT NULL AND reported IS NULL) "
    "THEN coalesce(sum(reported * share * part), 0) END",
    "transacted_won_reported": "CASE WHEN NOT bool_or(sold AND reported IS NULL) "
    "THEN coalesce(sum(reported * part) FILTER (WHERE sold), 0) END",
}
_TOUCHED_MONEY = {
    "influenced_won_reported": "CASE WHEN NOT bool_or(reported IS NULL) THEN coalesce(sum(reported * part), 0) END",
}


def _pipeline(way: str) -> dict[str, str]:
    return {
        f"pipeline_{way}_count": "count(*) FILTER (WHERE NOT renewal)",
        f"pipeline_{way}_amount": "coalesce(sum(amount * share) FILTER (WHERE NOT renewal), 0)",
        f"pipeline_{way}_estimated": "coalesce(sum(amount * share) FILTER (WHERE NOT renewal AND estimated), 0)",
        f"renewal_{way}_amount": "coalesce(sum(amount * share) FILTER (WHERE renewal), 0)",
    }


def _influence(way: str) -> dict[str, str]:
    return {
        f"influence_{way}_count": "count(*) FILTER (WHERE NOT renewal)",
        f"influence_{way}_amount": "coalesce(sum(amount) FILTER (WHERE NOT renewal), 0)",
        f"influence_{way}_estimated": "coalesce(sum(amount) FILTER (WHERE NOT renewal AND estimated), 0)",
        f"influence_renewal_{way}_amount": "coalesce(sum(amount) FILTER (WHERE renewal), 0)",
    }


_REGISTERED = {
    "registered_count": "count(*)",
    "approved_count": "count(*) FILTER (WHERE decided_at IS NOT NULL AND status = ANY (%(approved)s))",
    "rejected_count": "count(*) FILTER (WHERE status = 'rejected')",
    "registration_won_count": "count(*) FILTER (WHERE status = 'won')",
}
_REGISTRATIONS = """(
    SELECT g.partner_id, g.decided_at, g.status, (g.submitted_at AT TIME ZONE %(zone)s)::date AS sent_on,
           %(currency)s::text AS currency
    FROM deals_registration g
    WHERE g.submitted_at IS NOT NULL AND g.deleted_at IS NULL AND {registrations}) g"""


# Each kind of thing that happens: where it is read, on which day it counts, which rows, and its measures.
_HAPPENINGS: Mapping[str, tuple[str, str, str, Mapping[str, str]]] = {
    "closing": ("d", "closed_on", "closed AND own", _CLOSED),
    "opening": ("d", "began_on", "share IS NOT NULL AND began_on IS NOT NULL", _pipeline("in")),
    "leaving": ("d", "ended_on", "share IS NOT NULL AND closed", _pipeline("out")),
    "touched_opening": ("d", "began_on", "touched AND began_on IS NOT NULL", _influence("in")),
    "touched_leaving": ("d", "ended_on", "touched AND closed", _influence("out")),
    "touched_closing": ("d", "closed_on", "touched AND closed", _TOUCHED_CLOSED),
    "winning": (_MONEY_OF_WON, "money_on", "own", _WON_MONEY),
    "touched_winning": (_MONEY_OF_WON, "money_on", "touched", _TOUCHED_MONEY),
    "sending": (_REGISTRATIONS, "sent_on", "TRUE", _REGISTERED),
}


def _happening(name: str, keys: str) -> str:
    source, day, where, measures = _HAPPENINGS[name]
    columns = ", ".join(f"{sql} AS {measure}" for measure, sql in measures.items())
    return f"{name} AS (SELECT {keys}, {day} AS day, {columns} FROM {source} WHERE {where} GROUP BY {keys}, {day})"


def _merged(keys: str) -> str:
    """One row for each key of any happening, with the measures of all; what did not happen is 0."""
    of = {measure: name for name, (_s, _d, _w, measures) in _HAPPENINGS.items() for measure in measures}
    columns = ", ".join(
        f"CASE WHEN {of[m]}.day IS NULL THEN 0 ELSE {of[m]}.{m} END::{_type(m)} AS {m}" for m in MEASURES
    )
    every = " UNION ".join(f"SELECT {keys}, day FROM {name}" for name in _HAPPENINGS)
    joins = " ".join(f"LEFT JOIN {name} USING ({keys}, day)" for name in _HAPPENINGS)
    return f"SELECT {keys}, day, {columns} FROM ({every}) k {joins}"


def _type(measure: str) -> str:
    return "integer" if measure.endswith("count") else "numeric(26,6)"


def _statement(table: str, source: str, keys: str, scope: str) -> str:
    """Computes the rows in `scope`, removes and writes what differs, and answers the day of each such row."""
    happenings = ", ".join(_happening(name, keys) for name in _HAPPENINGS)
    key, names = f"{keys}, day", ", ".join(MEASURES)
    return f"""
        WITH {source}, {happenings},
        fresh AS (SELECT * FROM ({_merged(keys)}) t WHERE {scope}),
        gone AS (
            DELETE FROM {table} t USING (SELECT {key} FROM {table} t WHERE {scope} EXCEPT SELECT {key} FROM fresh) x
            WHERE {" AND ".join(f"t.{c} = x.{c}" for c in key.split(", "))} RETURNING t.day),
        put AS (
            INSERT INTO {table} AS t ({key}, {names})
            SELECT {key}, {names} FROM fresh EXCEPT SELECT {key}, {names} FROM {table} t WHERE {scope}
            ON CONFLICT ({key}) DO UPDATE SET ({names}) = ROW ({", ".join(f"excluded.{n}" for n in MEASURES)})
            RETURNING t.day)
        SELECT day FROM gone UNION ALL SELECT day FROM put"""


def _run(statement: str, touched: Touched | None, registrants: str) -> list[date]:
    sent, moments = _sent(touched)
    statement = statement.replace("{registrations}", f"{registrants} AND {sent}")
    params: dict[str, Any] = moments | {
        "currency": settings.REPORTING_CURRENCY,
        "zone": settings.TIME_ZONE,
        "approved": [str(s) for s in APPROVED_ONCE],
        "partners": list(touched.partners) if touched else [],
        "days": list(touched.days) if touched else [],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [row[0] for row in cursor.fetchall()]


_TOUCHED = f"""(o.closed_on = ANY (%(days)s::date[]) OR o.opened_on = ANY (%(days)s::date[]) OR o.id IN (
    SELECT e.opportunity_id FROM deals_revenueevent e WHERE e.occurred_on = ANY (%(days)s::date[]) AND {_TAKEN}))"""
_OF_TOUCHED = f"{{0}}.opportunity_id IN (SELECT o.id FROM deals_opportunity o WHERE {_TOUCHED})"
_SEPARATE = 40  # days up to which registrations are looked up day by day


def _sent(touched: Touched | None) -> tuple[str, dict[str, datetime]]:
    """The SQL condition for registrations sent on touched days, as ranges of moments that an index serves."""
    if touched is None:
        return "TRUE", {}
    days = sorted(touched.days)
    ranges = [(day, day) for day in days] if len(days) <= _SEPARATE else [(days[0], days[-1])]
    moments = {f"from{i}": start_of(first) for i, (first, _last) in enumerate(ranges)}
    moments |= {f"until{i}": start_of(last + timedelta(days=1)) for i, (_first, last) in enumerate(ranges)}
    either = " OR ".join(
        f"g.submitted_at >= %(from{i})s AND g.submitted_at < %(until{i})s" for i, _range in enumerate(ranges)
    )
    return f"({either or 'FALSE'})", moments


def rebuild_partners(touched: Touched | None = None) -> list[date]:
    """Brings the touched days of the touched partners (default: all) up to date; the day of every row that changed."""
    roles = credits = registrants = scope = sourced = "TRUE"
    if touched is not None:
        mine, sourced = "{0}.partner_id = ANY (%(partners)s::uuid[])", _OF_TOUCHED.format("a")
        roles, credits = (f"{mine} AND {_OF_TOUCHED}".format(table) for table in ("r", "a"))
        registrants, scope = mine.format("g"), f"{mine.format('t')} AND t.day = ANY (%(days)s::date[])"
    source = _PARTNERS.format(roles=roles, credits=credits, sourced=sourced)
    return _run(_statement("metrics_partnerday", source, "partner_id, currency", scope), touched, registrants)


def rebuild_total(touched: Touched | None = None) -> list[date]:
    """Brings the touched days (default: all) of the whole business up to date; the day of every row that changed."""
    deals = credits = roles = scope = "TRUE"
    if touched is not None:
        deals, credits, scope = _TOUCHED, _OF_TOUCHED.format("a"), "t.day = ANY (%(days)s::date[])"
        roles = _OF_TOUCHED.format("r")
    source = _WHOLE.format(deals=deals, credits=credits, roles=roles)
    return _run(_statement("metrics_totalday", source, "currency", scope), touched, "TRUE")
