"""A month's payout run for 10,000 partners from the count to the bank's last answer, and a statement on paper.

The plain way of the run is one statement that adds up the same lines and writes nothing; that of the statement is
WeasyPrint alone on the same page. BENCH_PAYEES sets the partners.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from time import process_time
from typing import Any

import psycopg2
from django.db import connection
from django.template.loader import render_to_string

from core.actor import SYSTEM, Actor
from core.ids import uuid7
from core.scope import scope
from earnings import statements
from earnings.models import BankDetails, EarningLine, PayoutRun
from earnings.payout_particulars import Answer, Period
from earnings.services import payouts
from partners import roles
from partners.models import Partner, Program
from tests.benchmarks.attribution import _busy, _fill, _id, _scoped
from tests.benchmarks.figures import Figure, seconds
from tests.benchmarks.scratch import scratch
from tiers.models import ProgramMembership

PAYEES = int(os.environ.get("BENCH_PAYEES", "10000"))
LINES = 10  # of each partner
ROWS = 200  # of the statement
STATEMENT = 0.4  # seconds
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MONTH = Period(date(2026, 10, 1))
ADD_UP = """SELECT partner_id, currency, sum(amount), count(*) FROM earnings_earningline
    WHERE status = 'approved' AND direction = 'payable' GROUP BY 1, 2"""


def _world(cursor: Any, program: str) -> None:
    """Each partner has bank details and ten payable lines; the first one's are enough for a long statement."""
    every = f"generate_series(0, {PAYEES - 1}) i"
    _fill(cursor, Partner, every, id=_id("p", "i"), name="'Partner ' || i", reference="'P-' || i", status="'active'",
          country="'PT'")  # fmt: skip
    _fill(cursor, ProgramMembership, every, id=_id("m", "i"), partner_id=_id("p", "i"), program_id=f"'{program}'",
          partner_type="'referral'", starts_on="date '2024-01-01'")  # fmt: skip
    _fill(cursor, BankDetails, every, id=_id("b", "i"), partner_id=_id("p", "i"), holder="'Partner ' || i",
          country="'PT'", secret="'x'", hint="'PT•••• 0154'", changed_at="timestamptz '2026-01-01'",
          changed_by="'Finn'")  # fmt: skip
    lines = f"generate_series(0, {PAYEES * LINES + ROWS - 1}) i"
    _fill(cursor, EarningLine, lines, id=_id("l", "i"), reference="'E-' || i", partner_id=_id("p", f"i % {PAYEES}"),
          membership_id=_id("m", f"i % {PAYEES}"), kind="'commission'", direction="'payable'", status="'approved'",
          amount="1 + (i % 90000) / 100.0", currency="'USD'", occurred_on="date '2026-10-01' + i % 30",
          accrued_at="timestamptz '2026-10-05' + i % 20 * interval '1 day'",
          arithmetic="""'[{"step": "percent", "percent": "10", "of": "100.50", "gives": "10.05"}]'::jsonb""")  # fmt: skip
    cursor.execute("ANALYZE")


def _load(program: str) -> None:
    here = connection.settings_dict
    session = psycopg2.connect(host=here["HOST"], dbname=here["NAME"], user="postgres")
    with closing(session), session, session.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        _world(cursor, program)
        cursor.execute(f"UPDATE earnings_earningline SET partner_id = {_id('p', '0')} WHERE reference LIKE 'E-_'"
                       f" OR reference IN (SELECT 'E-' || i FROM generate_series(0, {ROWS - 1}) i)")  # fmt: skip


def _add_up() -> None:
    with connection.cursor() as cursor:
        cursor.execute(ADD_UP)
        cursor.fetchall()


def _person(name: str) -> Actor:
    return Actor(name, "vendor", uuid7(), sees_all=True, permissions=roles.of_staff("finance"))


def _run_now() -> PayoutRun:
    return PayoutRun.objects.get()


def _timed(what: str, act: Callable[[], Any], plain: float) -> Iterator[Figure]:
    before = _busy() + process_time()
    yield Figure(what, seconds(_scoped(act)), "s", plain, "")
    yield Figure("  of it processor time, ours and the server's", _busy() + process_time() - before, "s")


def _quick(act: Callable[[], Any], times: int = 5) -> float:
    """Seconds of processor time of the quickest of a few: what others do on the machine is not ours."""
    return min(_spent(act) for _turn in range(times))


def _spent(act: Callable[[], Any]) -> float:
    before = process_time()
    act()
    return process_time() - before


def _answers() -> list[Answer]:
    rows = _run_now().payouts.filter(status="sent").values_list("reference", flat=True)
    return [Answer(reference, True, f"B-{reference}") for reference in rows]


def _steps() -> Iterator[Figure]:
    plain = seconds(_scoped(_add_up))
    one, other = _person("Finn"), _person("Fred")
    size = f"{PAYEES:,} partners, {PAYEES * LINES:,} lines"
    yield from _timed(f"counted: {size}", lambda: payouts.prepare(MONTH, by=one, at=NOW), plain)
    _scoped(lambda: payouts.review(_run_now(), by=one, at=NOW))()
    yield from _timed("approved", lambda: payouts.approve(_run_now(), by=other, at=NOW), plain)
    yield from _timed("sent to the bank", lambda: payouts.send(_run_now(), by=other, at=NOW), plain)
    yield from _timed(
        "the bank's answers, all paid", lambda: payouts.reconcile(_run_now(), _answers(), by=one, at=NOW), plain
    )


def _paper() -> Iterator[Figure]:
    """The statement of the longest month; drawn once before, so that both know their fonts."""
    from weasyprint import HTML  # noqa: PLC0415 - where it is missing the other figures stand

    with scope(SYSTEM):
        partner = Partner.objects.get(reference="P-0")
        told = statements.statement(SYSTEM, partner, MONTH)
        page = render_to_string("earnings/statement_paper.html", statements.paper(told, NOW))
        statements.as_pdf(told, NOW)
        alone = _quick(lambda: HTML(string=page).write_pdf())
        whole = _quick(lambda: statements.as_pdf(statements.statement(SYSTEM, partner, MONTH), NOW))
    rows = sum(len(account.earned) for account in told.accounts)
    yield Figure(f"statement of {rows} lines as PDF, processor time", whole, "s", alone, f"≤ {STATEMENT:g}")


def run() -> Iterator[Figure]:
    with scratch():
        with scope(SYSTEM):
            program = Program.objects.create(key="partner", name="Partner program", currency="USD")
        _load(str(program.pk))
        yield from _steps()
        yield from _paper()
