"""The databases of the tests: embedded servers and a copy of a migrated template for each worker."""

import fcntl
import hashlib
import os
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
    return sorted([*found, embedded.ROLES, embedded.PRIVILEGES, embedded.ROOT / "core" / "walls.py"])


def template_name() -> str:
    """Which template holds the present state of the migrations?"""
    words = b"".join(path.read_bytes() for path in _migrations())
    return f"prm_template_{hashlib.sha256(words).hexdigest()[:12]}"


class TestDatabase:
    """The database of one worker: made from the template, renewed after tests that commit."""

    def __init__(self, place: embedded.Place, name: str) -> None:
        self.place = place
        self.name = name
        self.template = template_name()

    @contextmanager
    def _superuser(self) -> Iterator[psycopg2.extensions.cursor]:
        with closing(psycopg2.connect(self.place.url("postgres", "postgres"))) as connection:
            connection.autocommit = True
            yield connection.cursor()

    def create(self) -> None:
        with open(self.place.data / "template.lock", "a+") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not self._exists(self.template):
                self._make_template()
        self.renew()

    def renew(self) -> None:
        """The state right after the migrations again."""
        connections.close_all()
        with self._superuser() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {self.name} OWNER prm_owner TEMPLATE {self.template} STRATEGY file_copy")
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
        self._point_at(fresh)
        with connections["owner"].cursor() as cursor:
            cursor.execute(embedded.PRIVILEGES.read_text())
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        connections.close_all()
        with self._superuser() as cursor:
            cursor.execute(f"ALTER DATABASE {fresh} RENAME TO {self.template}")

    def _point_at(self, name: str) -> None:
        for alias in ALIASES:
            connections[alias].close()
            connections[alias].settings_dict["HOST"] = str(self.place.sockets)
            connections[alias].settings_dict["NAME"] = name
            connections.settings[alias]["HOST"] = str(self.place.sockets)  # for the connections of other threads
            connections.settings[alias]["NAME"] = name


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
