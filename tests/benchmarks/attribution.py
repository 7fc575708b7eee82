"""The credit for a million opportunities with 200,000 touches: all anew, nothing to do, other rules, a dry run.

The plain way beside it is one aggregate pass of PostgreSQL over the same rows. BENCH_ROWS sets the opportunities.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
from django.db import connection, models

from core.actor import SYSTEM
from core.scope import scope
from deals import attribution
from deals.models import (
    Account,
    AttributionDecision,
    AttributionRule,
    Lead,
    Opportunity,
    OpportunityPartner,
    Registration,
    Touch,
)
from deals.rules.attribution import Terms
from partners.models import Partner
from tests.benchmarks.figures import Figure, seconds
from tests.benchmarks.scratch import scratch

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
GOAL = 60.0  # seconds, for a million opportunities and 200,000 touches
PARTNERS = 10_000
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
_ONE_PASS = """
    SELECT o.stage, count(*), sum(o.amount), count(r.n), sum(t.n), count(w.n)
    FROM deals_opportunity o
    LEFT JOIN (SELECT opportunity_id, count(*) AS n FROM deals_registration GROUP BY 1) r ON r.opportunity_id = o.id
    LEFT JOIN (SELECT opportunity_id, count(*) AS n FROM deals_touch GROUP BY 1) t ON t.opportunity_id = o.id
    LEFT JOIN (SELECT opportunity_id, count(*) AS n FROM deals_opportunitypartner GROUP BY 1) w
      ON w.opportunity_id = o.id
    GROUP BY o.stage"""

_COUNT = "SELECT count(*), count(*) FILTER (WHERE credit = 'influenced') FROM deals_attribution"


def _id(kind: str, number: str) -> str:
    """SQL of an id that other rows can name without looking it up."""
    return f"md5('{kind}' || ({number}))::uuid"


def _skewed(count: int) -> str:
    """SQL of a number below `count`, small ones far more often."""
    return f"floor({count} * power(random(), 3))::int"


def _default(one: models.Field) -> str:
    value = one.get_default() if one.has_default() or not one.null else None
    return "'[]'" if value == [] else _literal(value)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'{}'" if isinstance(value, dict) else f"'{value or ''}'"


def _fill(cursor: Any, model: type[models.Model], rows: str, **columns: str) -> None:
    """Rows of a model, made by the server: `columns` are SQL over `rows`, the others hold their defaults."""
    made = (f for f in model._meta.concrete_fields if f.db_default is models.NOT_PROVIDED)
    columns = {f.attname: _default(f) for f in made} | columns
    cursor.execute(
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM {rows}"
    )


def _world(cursor: Any) -> None:
    """Sixty in a hundred are registered, ten of them twice; leads, touches and decisions on some of the rest."""
    accounts, touches, leads = ROWS // 3, ROWS // 5, ROWS // 20
    who = _id("p", "who")
    _fill(cursor, Partner, f"generate_series(0, {PARTNERS - 1}) i", id=_id("p", "i"), name="'Partner ' || i",
          reference="'P-' || i", status="'active'", country="'PT'")  # fmt: skip
    _fill(cursor, Account, f"generate_series(0, {accounts - 1}) i", id=_id("a", "i"), name="'Customer ' || i",
          domain="'customer' || i || '.example'")  # fmt: skip
    _fill(cursor, Opportunity,
          f"(SELECT i, date '2024-11-01' + i % 730 AS day, i % 5 AS fate FROM generate_series(0, {ROWS - 1}) i) x",
          id=_id("o", "i"), reference="'O-' || i", account_id=_id("a", f"(i::bigint * 7919) % {accounts}"),
          stage="CASE WHEN fate < 2 THEN 'open' WHEN fate < 4 THEN 'won' ELSE 'lost' END", amount="1000 + i % 9000",
          opened_on="day", closed_on="CASE WHEN fate > 1 THEN day + 30 + i % 90 END",
          vendor_source="CASE WHEN i % 33 = 0 THEN 'marketing' ELSE 'none' END")  # fmt: skip
    one = f"(SELECT i, 0 AS turn, {_skewed(PARTNERS)} AS who FROM generate_series(0, {ROWS - 1}) i WHERE i % 10 < 6"
    two = f"SELECT i, 1, {_skewed(PARTNERS)} FROM generate_series(0, {ROWS - 1}, 10) i) x"
    sent = "timestamptz '2024-11-01 10:00Z' + make_interval(days => i % 730 - i % 37 + 8 + turn)"
    cursor.execute(f"CREATE TEMPORARY TABLE claims AS SELECT *, {sent} AS sent FROM {one} UNION ALL {two}")
    _fill(cursor, Registration, "claims", id=_id("r", "i * 2 + turn"), reference="'D-' || i * 2 + turn",
          partner_id=who, membership_id=who, opportunity_id=_id("o", "i"), status="'approved'",
          account_name="'Customer'", submitted_at="sent", decided_at="sent", decided_label="'Mona'", amount="1000",
          motion="CASE WHEN i % 7 = 0 THEN 'refer' ELSE 'resell' END", grace_until="sent + interval '97 days'",
          protection_expires_at="sent + interval '90 days'")  # fmt: skip
    _fill(cursor, OpportunityPartner, "claims WHERE turn = 0", id=_id("w", "i"), opportunity_id=_id("o", "i"),
          partner_id=who, role="'sourcing'", share_percent="100")  # fmt: skip
    _fill(cursor, Lead, f"(SELECT i, {_skewed(PARTNERS)} AS who FROM generate_series(0, {leads - 1}) i) x",
          id=_id("l", "i"), reference="'L-' || i", partner_id=who, status="'accepted'", account_name="'Customer'",
          source="CASE WHEN i % 2 = 0 THEN 'campaign' ELSE 'inbound' END", domain="'customer' || i * 3 || '.example'",
          received_at="timestamptz '2024-11-01' + make_interval(days => i % 730)",
          accepted_at="timestamptz '2024-11-02' + make_interval(days => i % 730)")  # fmt: skip
    _fill(cursor, Touch, f"(SELECT i, {_skewed(PARTNERS)} AS who FROM generate_series(0, {touches - 1}) i) x",
          id=_id("t", "i"), reference="'X-' || i", partner_id=who, opportunity_id=_id("o", "i * 5 + i % 5"),
          kind="'joint_call'", status="CASE WHEN i % 10 = 0 THEN 'claimed' ELSE 'confirmed' END",
          happened_on="date '2024-11-01' + (i * 5 + i % 5) % 730 - 30", answered_at="now()",
          entered_at="timestamptz '2024-11-01' + make_interval(days => (i * 5 + i % 5) % 730)")  # fmt: skip
    _fill(cursor, AttributionDecision, f"generate_series(0, {ROWS // 500}) i", id=_id("m", "i"),
          partner_id=f"CASE WHEN i % 9 > 0 THEN {_id('p', 'i % 1000')} END", opportunity_id=_id("o", "i * 491"),
          reason="'They met first'", decided_at="now()")  # fmt: skip
    cursor.execute("ANALYZE")


def _load() -> None:
    """Past triggers, foreign keys and walls: only the figures of reading and crediting are measured."""
    here = connection.settings_dict
    session = psycopg2.connect(host=here["HOST"], dbname=here["NAME"], user="postgres")
    with closing(session), session, session.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SELECT setseed(0.5)")
        _world(cursor)


def _scoped(act: Callable[[], Any]) -> Callable[[], Any]:
    def one() -> Any:
        with scope(SYSTEM):
            return act()

    return one


def _ask(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def _busy() -> float:
    """Seconds of processor time that the server has spent for us; on a machine that others use, less than by the clock.

    0 where the server's process can't be looked at.
    """
    ((pid,),) = _scoped(lambda: _ask("SELECT pg_backend_pid()"))()
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _timed(what: str, act: Callable[[], Any], plain: float, goal: str = "") -> Iterator[Figure]:
    before = _busy()
    yield Figure(what, seconds(_scoped(act)), "s", plain, goal)
    yield Figure("  of it processor time", _busy() - before, "s")


def _publish() -> None:
    AttributionRule.objects.create(number=2, definition={"late_days": 7}, published_at=NOW - timedelta(days=365))


def run() -> Iterator[Figure]:
    """Seconds of each way to recompute, beside one aggregate pass over the same rows."""
    with scratch():
        _load()
        goal = f"≤ {GOAL:g}"
        plain = min(seconds(_scoped(lambda: _ask(_ONE_PASS))) for _turn in range(2))
        size = f"{ROWS:,} opportunities, {ROWS // 5:,} touches"
        yield from _timed(f"all credit anew, {size}", attribution.recompute, plain, goal)
        ((every, influenced),) = _scoped(lambda: _ask(_COUNT))()
        yield Figure("rows of credit written", every, "rows")
        yield Figure("  of which influenced", influenced, "rows")
        yield from _timed("again, with nothing to change", attribution.recompute, plain, goal)
        yield from _timed("dry run of other rules", lambda: attribution.dry_run(Terms(late_days=7), at=NOW), plain)
        _scoped(_publish)()
        yield from _timed("under other rules", attribution.recompute, plain, goal)
        some = [row[0] for row in _scoped(lambda: _ask("SELECT id FROM deals_opportunity LIMIT 100"))()]
        apart = seconds(_scoped(lambda: [attribution.recompute([one]) for one in some])) / len(some)
        yield Figure("one opportunity by itself", apart * 1000, "ms")
