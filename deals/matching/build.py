"""The index of names as a whole: made anew, or brought up to date after loads. Set-based."""
# ruff: noqa: S608 - words of SQL come from code, values go through COPY and parameters

from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from django.db import connections

from core.actor import SYSTEM
from core.bulk import chunks
from core.scope import scope
from deals.enums import LIVE
from deals.matching.index import COLUMNS, COMMON, RENEWED, RENEWED_KEYS, Entry

CHUNK = 20_000
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
_UPSERT = f"INSERT INTO deals_customername ({_COLUMNS}) SELECT {_COLUMNS} FROM pg_temp.name_staged {RENEWED}"
_UPSERT_KEYS = f"""
    INSERT INTO deals_namekey (id, keys)
    SELECT n.id, s.keys FROM pg_temp.name_staged s JOIN deals_customername n USING (kind, owner_id) {RENEWED_KEYS}
"""
_COUNT = """
    INSERT INTO deals_commonkey (key, names)
    SELECT key, count(*) FROM deals_namekey, unnest(keys) AS key GROUP BY key HAVING count(*) > %s
"""
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def catch_up(*, tidy: bool = True) -> int:
    """Indexes names that are missing or have changed; how many it wrote. To tidy is to forget those that are gone, and
    to count the common keys again: once a day is enough.
    """
    with scope(SYSTEM):
        written = _write("default", _STALE)
        if tidy:
            _run("default", _GONE, [list(LIVE)])
            _count("default")
    return written


def anew(using: str = "owner") -> int:
    """Makes the whole index anew as the owner of the tables; checks wait until it is done. How many names it holds."""
    with scope(SYSTEM, using=using):
        _run(using, "DROP INDEX IF EXISTS name_key_keys")
        _run(using, "TRUNCATE deals_namekey, deals_customername")
        written = _write(using, f"SELECT s.* FROM ({_SOURCES}) s")
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


def _write(using: str, sql: str) -> int:
    """Entries for the names that the SQL yields, in chunks."""
    written = 0
    _run(using, f"CREATE TEMPORARY TABLE name_source ON COMMIT DROP AS {sql}", [list(LIVE)])
    staged = f"SELECT {_COLUMNS}, keys FROM deals_customername JOIN deals_namekey USING (id) LIMIT 0"
    _run(using, f"CREATE TEMPORARY TABLE name_staged ON COMMIT DROP AS {staged}")
    for chunk in chunks(_rows(using), CHUNK):
        _run(using, "TRUNCATE pg_temp.name_staged")
        text = StringIO("".join(map(_line, chunk)))
        with connections[using].cursor() as cursor:
            cursor.copy_expert(f"COPY pg_temp.name_staged ({_COLUMNS}, keys) FROM STDIN", text)
        _run(using, "ANALYZE pg_temp.name_staged")
        _run(using, _UPSERT)
        _run(using, _UPSERT_KEYS)
        written += len(chunk)
    _run(using, "DROP TABLE pg_temp.name_staged, pg_temp.name_source")
    return written


def _rows(using: str) -> Iterator[tuple[Any, ...]]:
    connection = connections[using]
    connection.ensure_connection()
    with connection.connection.cursor(name="name_source") as cursor:
        cursor.itersize = CHUNK
        cursor.execute("SELECT kind, owner_id, account_id, name FROM pg_temp.name_source")
        yield from cursor


def _line(row: tuple[Any, ...]) -> str:
    one = Entry(*row)
    values = one.values()
    keys = "{" + ",".join(map(str, one.keys())) + "}"
    texts = (str(values[part]).translate(_ESCAPES) for part in ("name", "plain", "compact"))
    return "\t".join((one.kind, str(one.owner_id), str(one.account_id or "\\N"), *texts, keys)) + "\n"
