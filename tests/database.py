"""The databases of the tests: embedded servers and a copy of a migrated template for each worker."""

import fcntl
import hashlib
import io
import os
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import psycopg2
from django.core.management import call_command
from django.db import connections

from prm import embedded

SLOT = "PRM_TEST_SLOT"
ALIASES = ("default", "owner", "read", "limits")
SHARED = ("read", "limits")  # inside a test's own transaction these see what `default` sees


def take_slot() -> IO[str]:
    """A data directory that no other run or worker uses: an open transaction of one would hold up the feed of all."""
    base = Path(os.environ.get("DATA") or embedded.ROOT / ".local").resolve()
    base.mkdir(parents=True, exist_ok=True)
    for number in range(1, 100):
        handle = open(base / f"test-{number}.lock", "a+")  # noqa: SIM115 - held until the run ends
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            continue
        os.environ[SLOT] = str(base / f"test-{number}")
        return handle
    raise RuntimeError(f"All test slots in {base} are taken.")


def _migrations() -> list[Path]:
    found = embedded.ROOT.glob("*/migrations/*.py")
    locked = embedded.ROOT / "requirements" / "run.txt"  # migrations of libraries, too
    return sorted([*found, embedded.ROLES, embedded.PRIVILEGES, embedded.ROOT / "core" / "walls.py", locked])


def template_name() -> str:
    """Which template holds the present state of the migrations?"""
    words = b"".join(path.read_bytes() for path in _migrations())
    return f"prm_template_{hashlib.sha256(words).hexdigest()[:12]}"


# Who migrated first writes down what came of it, for the other workers and for later runs on this machine.
KEPT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "prm"
KEPT_AT_MOST = 4

_TABLES = "SELECT format('%I', relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
_SHAPE = """
SELECT md5(string_agg(shape, ' ' ORDER BY shape)) FROM (
    SELECT concat_ws(' ', relname, relkind, relrowsecurity, relforcerowsecurity, relacl) AS shape FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', tgrelid, tgname, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat_ws(' ', polrelid, polname, polqual, polwithcheck) FROM pg_policy
    UNION ALL SELECT concat_ws(' ', proname, prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS shapes
"""
_SEQUENCES = "SELECT sequencename, start_value, last_value FROM pg_sequences WHERE schemaname = 'public'"
_OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


class TestDatabase:
    """The database of one worker: made from the template, renewed after tests that commit."""

    __test__ = False

    def __init__(self, place: embedded.Place, name: str) -> None:
        self.place = place
        self.name = name
        self.template = template_name()
        self.as_made: _Content | None = None

    @contextmanager
    def _superuser(self, database: str = "postgres") -> Iterator[psycopg2.extensions.cursor]:
        with closing(psycopg2.connect(self.place.url("postgres", database))) as connection:
            connection.autocommit = True
            yield connection.cursor()

    def create(self) -> None:
        if not self._exists(self.template):
            self._make_template()
        self._copy()
        with self._superuser(self.name) as cursor:
            self.as_made = _Content.of(cursor)
        self.enter()

    def _copy(self) -> None:
        with self._superuser() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {self.name} OWNER prm_owner TEMPLATE {self.template} STRATEGY file_copy")

    def renew(self) -> None:
        """The state right after the migrations again: what was written is taken out; where that won't do, a new copy."""
        connections.close_all()
        with self._superuser(self.name) as cursor:
            done = self.as_made.restore(cursor)
        if not done:
            self._copy()
        self.enter()

    def enter(self) -> None:
        """From now on this process works here."""
        self._point_at(self.name)

    def drop(self) -> None:
        connections.close_all()
        with self._superuser() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def _exists(self, name: str) -> bool:
        with self._superuser() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return bool(cursor.fetchone())

    def _make_template(self) -> None:
        fresh = f"{self.template}_fresh"
        with self._superuser() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'prm_template_%%'")
            for (old,) in cursor.fetchall():
                cursor.execute(f"DROP DATABASE {old} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {fresh} OWNER prm_owner")
        with _kept(f"{self.template}.sql") as script:
            if script.exists():
                self._read(script, fresh)
            else:
                self._migrate(fresh)
                self._run("pg_dump", "-f", f"{script}.fresh", database=fresh)
                os.replace(f"{script}.fresh", script)
        with self._superuser() as cursor:
            cursor.execute(f"ALTER DATABASE {fresh} RENAME TO {self.template}")

    def fill(self) -> bool:
        with _kept(f"{self.template}.sql") as script:
            known = script.exists()
            if known:
                self._read(script, self.name)
        return known

    def _read(self, script: Path, database: str) -> None:
        self._run("psql", "-Xqo", os.devnull, "-v", "ON_ERROR_STOP=1", "-1", "-f", str(script), database=database)

    def _migrate(self, fresh: str) -> None:
        self._point_at(fresh)
        with connections["owner"].cursor() as cursor:
            cursor.execute(embedded.PRIVILEGES.read_text())
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        connections.close_all()

    def _run(self, program: str, *words: str, database: str) -> None:
        where = ["-h", str(self.place.sockets), "-U", "postgres", "-d", database]
        subprocess.run([embedded.binary(program), *where, *words], check=True)

    def _point_at(self, name: str) -> None:
        for alias in ALIASES:
            connections[alias].close()
            connections[alias].settings_dict["HOST"] = str(self.place.sockets)
            connections[alias].settings_dict["NAME"] = name
            connections.settings[alias]["HOST"] = str(self.place.sockets)  # for the connections of other threads
            connections.settings[alias]["NAME"] = name


def fill(place: embedded.Place) -> bool:
    """The product's own database of these new servers gets the tables at once, where a test is not about migrating.

    False when nobody here migrated yet, so that it has to be done.
    """
    return TestDatabase(place, embedded.DATABASE).fill()


@contextmanager
def _kept(name: str) -> Iterator[Path]:
    """The file of this name, for one worker at a time; the oldest of its kind make room."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with open(KEPT / "templates.lock", "a+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield KEPT / name
        for old in sorted(KEPT.glob("prm_template_*.sql"), key=lambda one: -one.stat().st_mtime)[KEPT_AT_MOST:]:
            old.unlink()


class _Content:
    """What a new database holds, and the way back to it."""

    def __init__(
        self, shape: str, rows: dict[str, tuple[str, str]], sequences: list[tuple[str, int, int | None]]
    ) -> None:
        self.shape = shape
        self.rows = rows  # table → digest and copy, of those that are not empty
        self.sequences = sequences

    @classmethod
    def of(cls, cursor: psycopg2.extensions.cursor) -> "_Content":
        rows = {table: (_digest(cursor, table), _rows(cursor, table)) for table in _filled(cursor)}
        return cls(_shape(cursor), rows, _sequences(cursor))

    def restore(self, cursor: psycopg2.extensions.cursor) -> bool:
        """False when the tables themselves are no longer what they were."""
        cursor.execute(_OTHERS)
        if _shape(cursor) != self.shape:
            return False
        cursor.execute("SET session_replication_role = replica")  # neither guards nor foreign keys
        for table in {*_filled(cursor), *self.rows}:
            digest, copy = self.rows.get(table, ("", ""))
            if not digest or _digest(cursor, table) != digest:
                cursor.execute(f"DELETE FROM {table}")
                if copy:
                    cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(copy))
        for (name, start, last), now in zip(self.sequences, _sequences(cursor), strict=True):
            if (name, start, last) != now:
                cursor.execute("SELECT setval(%s, %s, %s)", [name, last or start, last is not None])
        return True


def _filled(cursor: psycopg2.extensions.cursor) -> list[str]:
    cursor.execute(_TABLES)
    asked = [f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for (table,) in cursor.fetchall()]
    cursor.execute(" UNION ALL ".join(asked))
    return [table for (table,) in cursor.fetchall()]


def _digest(cursor: psycopg2.extensions.cursor, table: str) -> str:
    cursor.execute(f"SELECT coalesce(md5(string_agg(t::text, ' ' ORDER BY t::text)), '') FROM {table} t")
    return cursor.fetchone()[0]


def _rows(cursor: psycopg2.extensions.cursor, table: str) -> str:
    copy = io.StringIO()
    cursor.copy_expert(f"COPY {table} TO STDOUT", copy)
    return copy.getvalue()


def _shape(cursor: psycopg2.extensions.cursor) -> str:
    cursor.execute(_SHAPE)
    return cursor.fetchone()[0]


def _sequences(cursor: psycopg2.extensions.cursor) -> list[tuple[str, int, int | None]]:
    cursor.execute(f"{_SEQUENCES} ORDER BY 1")
    return cursor.fetchall()


@contextmanager
def one_connection() -> Iterator[None]:
    """Every alias a page may use looks through the test's own transaction."""
    own = {alias: connections[alias] for alias in SHARED}
    for alias in SHARED:
        connections[alias] = connections["default"]
    try:
        yield
    finally:
        for alias, connection in own.items():
            connections[alias] = connection
