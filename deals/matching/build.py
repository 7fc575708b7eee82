"""The index of names as a whole: made anew, or brought up to date after loads. Set-based."""
# ruff: noqa: S608 - words of SQL come from code, values go through COPY and parameters

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from io import StringIO
from itertools import chain, islice
from multiprocessing import get_context
from typing import Any

from django.db import connections

from core.actor import SYSTEM
from core.bulk import chunks
from core.scope import scope
from deals.enums import LIVE
from deals.matching.entry import COLUMNS, lines
from deals.matching.index import COMMON, RENEWED, RENEWED_KEYS

CHUNK = 20_000
AHEAD = 4  # chunks
_COLUMNS = ", ".join(COLUMNS)
_SOURCES = """
    SELECT 'account' AS kind, id AS owner_id, id AS account_id, name FROM deals_account WHERE deleted_at IS NULL
    UNION ALL
    SELECT 'alias', a.id, a.account_id, a.name FROM deals_accountalias a JOIN deals_account o ON o.id = a.account_id
    WHERE a.deleted_at IS NULL AND o.deleted_at IS NULL
    UNION ALL
    SELECT 'registration', id, NULL, account_name FROM deals_registration
    WHERE deleted_at IS NULL AND status = ANY (%s)
"""
_STALE = f"""
    SELECT s.* FROM ({_SOURCES}) s LEFT JOIN deals_customername n USING (kind, owner_id)
    WHERE n.name IS DISTINCT FROM left(s.name, 200)
"""
_GONE = f"""
    WITH gone AS (
        DELETE FROM deals_customername n WHERE NOT EXISTS (
            SELECT FROM ({_SOURCES}) s WHERE s.kind = n.kind AND s.owner_id = n.owner_id) RETURNING id)
    DELETE FROM deals_namekey WHERE id IN (SELECT id FROM gone)
"""
_INSERT = f"INSERT INTO deals_customername (id, {_COLUMNS}) SELECT id, {_COLUMNS} FROM pg_temp.name_staged"
_INSERT_KEYS = "INSERT INTO deals_namekey (id, keys) SELECT id, keys FROM pg_temp.name_staged"
_AFTER = "SELECT setval(pg_get_serial_sequence('deals_customername', 'id'), %s + 1, false)"
_UPSERT = f"INSERT INTO deals_customername ({_COLUMNS}) SELECT {_COLUMNS} FROM pg_temp.name_staged {RENEWED}"
_UPSERT_KEYS = f"""
    INSERT INTO deals_namekey (id, keys)
    SELECT n.id, s.keys FROM pg_temp.name_staged s JOIN deals_customername n USING (kind, owner_id) {RENEWED_KEYS}
"""
_COUNT = """
    INSERT INTO deals_commonkey (key, names)
    SELECT key, count(*) FROM deals_namekey, unnest(keys) AS key GROUP BY key HAVING count(*) > %s
"""


def catch_up(*, tidy: bool = True) -> int:
    """Indexes names that are missing or have changed; how many it wrote. To tidy is to forget those that are gone, and
    to count the common keys again: once a day is enough.
    """
    with scope(SYSTEM):
        written = _write("default", _STALE, known=True)
        if tidy:
            _run("default", _GONE, [list(LIVE)])
            _count("default")
    return written


def anew(using: str = "owner") -> int:
    """Makes the whole index anew as the owner of the tables; checks wait until it is done. How many names it holds."""
    with scope(SYSTEM, using=using):
        _run(using, "DROP INDEX IF EXISTS name_key_keys")
        _run(using, "TRUNCATE deals_namekey, deals_customername")
        written = _write(using, f"SELECT s.* FROM ({_SOURCES}) s", known=False)
        _run(using, _AFTER, [written])
        _run(using, "SET LOCAL maintenance_work_mem = '512MB'")
        _run(using, "CREATE INDEX name_key_keys ON deals_namekey USING gin (keys) WITH (fastupdate = off)")
        _count(using)
    return written


def _run(using: str, sql: str, values: Iterable[Any] = ()) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(sql, list(values))


def _count(using: str) -> None:
    """Which keys are common, counted over all names."""
    _run(using, "SET LOCAL work_mem = '256MB'")
    _run(using, "DELETE FROM deals_commonkey")
    _run(using, _COUNT, [COMMON])


def _write(using: str, sql: str, *, known: bool) -> int:
    """Entries for the names that the SQL yields, in chunks; how many. `known`: some may have an entry already."""
    written = 0
    _run(using, f"CREATE TEMPORARY TABLE name_source ON COMMIT DROP AS {sql}", [list(LIVE)])
    staged = f"SELECT id, {_COLUMNS}, keys FROM deals_customername JOIN deals_namekey USING (id) LIMIT 0"
    _run(using, f"CREATE TEMPORARY TABLE name_staged ON COMMIT DROP AS {staged}")
    for text in _made(chunks(_rows(using), CHUNK)):
        _run(using, "TRUNCATE pg_temp.name_staged")
        with connections[using].cursor() as cursor:  # a wall keeps COPY out of the table itself
            cursor.copy_expert(f"COPY pg_temp.name_staged (id, {_COLUMNS}, keys) FROM STDIN", StringIO(text))
        if known:
            _run(using, "ANALYZE pg_temp.name_staged")
        for statement in (_UPSERT, _UPSERT_KEYS) if known else (_INSERT, _INSERT_KEYS):
            _run(using, statement)
        written += text.count("\n")
    _run(using, "DROP TABLE pg_temp.name_staged, pg_temp.name_source")
    return written


def _made(several: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of each chunk; of many chunks made by all processors, a few ahead of what is written."""
    first = list(islice(several := iter(several), 2))
    if len(first) < 2:
        yield from map(lines, first)
        return
    waiting: deque[Future[str]] = deque()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for chunk in chain(first, several):
            waiting.append(pool.submit(lines, chunk))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        yield from (one.result() for one in waiting)


def _rows(using: str) -> Iterator[tuple[Any, ...]]:
    connection = connections[using]
    connection.ensure_connection()
    with connection.connection.cursor(name="name_source") as cursor:
        cursor.itersize = CHUNK
        cursor.execute(
            "SELECT row_number() OVER (), kind, owner_id::text, account_id::text, name FROM pg_temp.name_source"
        )
        yield from cursor
