"""The index of names as a whole: made anew, or brought up to date after loads. Set-based; COPY into temporary tables."""

from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from django.db import connections

from core.bulk import chunks
from core.scope import scope
from core.actor import SYSTEM
from deals.enums import LIVE
from deals.matching.index import COMMON, Entry

CHUNK = 20_000
_COLUMNS = "kind, owner_id, account_id, name, plain, compact, keys"
_SOURCES = """
    SELECT 'account' AS kind, id AS owner_id, id AS account_id, name FROM deals_account WHERE deleted_at IS NULL
    UNION ALL
    SELECT 'alias', a.id, a.account_id, a.name FROM deals_accountalias a JOIN deals_account o ON o.id = a.account_id
    WHERE a.deleted_at IS NULL AND o.deleted_at IS NULL
    UNION ALL
    SELECT 'registration', id, NULL, account_name FROM deals_registration
    WHERE deleted_at IS NULL AND status = ANY (%s)
"""
_STALE = f"SELECT s.* FROM ({_SOURCES}) s LEFT JOIN deals_namekey k USING (kind, owner_id) WHERE k.name IS DISTINCT FROM left(s.name, 200)"
_GONE = f"""
    DELETE FROM deals_namekey k WHERE NOT EXISTS (
        SELECT FROM ({_SOURCES}) s WHERE s.kind = k.kind AND s.owner_id = k.owner_id)
"""
_UPSERT = f"""
    INSERT INTO deals_namekey ({_COLUMNS}) SELECT {_COLUMNS} FROM pg_temp.name_staged
    ON CONFLICT (kind, owner_id) DO UPDATE SET account_id = excluded.account_id, name = excluded.name,
        plain = excluded.plain, compact = excluded.compact, keys = excluded.keys
"""
_COUNT = """
    INSERT INTO deals_commonkey (key, names)
    SELECT key, count(*) FROM deals_namekey, unnest(keys) AS key GROUP BY key HAVING count(*) > %s
"""
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": " ", "\n": " ", "\r": " "})


def catch_up() -> int:
    """Indexes names that are missing or have changed, forgets those that are gone; how many it wrote."""
    with scope(SYSTEM):
        written = _write("default", _STALE)
        _run("default", _GONE, [list(LIVE)])
        _count("default")
    return written


def anew(using: str = "owner") -> int:
    """Makes the whole index anew as the owner of the tables; checks wait until it is done. How many names it holds."""
    with scope(SYSTEM, using=using):
        _run(using, "DROP INDEX IF EXISTS name_key_keys")
        _run(using, "DELETE FROM deals_namekey")
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
    _run(using, "CREATE TEMPORARY TABLE name_staged (LIKE deals_namekey) ON COMMIT DROP")
    _run(using, "ALTER TABLE pg_temp.name_staged ALTER id DROP NOT NULL")
    for chunk in chunks(_rows(using), CHUNK):
        _run(using, "TRUNCATE pg_temp.name_staged")
        text = StringIO("".join(map(_line, chunk)))
        with connections[using].cursor() as cursor:
            cursor.copy_expert(f"COPY pg_temp.name_staged ({_COLUMNS}) FROM STDIN", text)
        _run(using, _UPSERT)
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
    keys = "{" + ",".join(map(str, values["keys"])) + "}"
    texts = (str(values[part]).translate(_ESCAPES) for part in ("name", "plain", "compact"))
    return "\t".join((one.kind, str(one.owner_id), str(one.account_id or "\\N"), *texts, keys)) + "\n"
