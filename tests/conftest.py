"""Fixtures of all tests."""

import gc
import os
from collections.abc import Iterator

import pytest
from django.core import mail
from django.core.cache import caches

from prm import embedded
from tests import database
from tests.company import demo_company  # noqa: F401 - a fixture
from tests.factories import make_cast
from tests.ground import Ground, ground, wanted
from tests.mails import holes


def pytest_configure(config: pytest.Config) -> None:
    if not getattr(config.option, "numprocesses", None):  # who only hands out work needs no servers
        config.stash[pytest.StashKey()] = database.take_slot()
        gc.disable()  # until all is imported and collected


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        names = getattr(item, "fixturenames", [])
        if item.get_closest_marker("committed") or "committed" in names:
            item.add_marker("committed")
            names.insert(0, "committed")
        elif "db" in names or item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.django_db(databases=["default"]), append=False)  # the others look through it
            names.insert(0, "_prepared")
    items.sort(key=lambda item: [make.__name__ for make in wanted(item)])  # each ground is made once
    items[:] = _dealt(items)
    gc.freeze()  # what was imported and collected stays; looking through it again and again takes a tenth of the time
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def _dealt(items: list[pytest.Item]) -> list[pytest.Item]:
    """The long ones first in the share of each worker, so that none is left alone with one of them at the end."""
    alone = [item for item in items if not _wants_database(item)]
    long = [item for item in items if _wants_database(item) and _is_long(item)]
    kept = {*alone, *long}
    short = [item for item in items if item not in kept]
    dealt: list[pytest.Item] = []
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    for left in range(workers, 0, -1):
        # while the first worker makes the tables, the others do what needs none
        shares = (0 if left == workers else len(alone) // left, len(long) // left)
        rest = (len(alone) + len(long) + len(short)) // left - sum(shares)
        for kind, size in zip((alone, long, short), (*shares, rest), strict=True):
            dealt += kind[:size]
            del kind[:size]
    return dealt + alone


def _wants_database(item: pytest.Item) -> bool:
    return bool({"_prepared", "committed", "servers"} & set(getattr(item, "fixturenames", ())))


def _is_long(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("slow") or item.get_closest_marker("committed"))


@pytest.fixture(scope="session")
def servers() -> Iterator[embedded.Place]:
    """The embedded servers of this worker, without durability: an open transaction of one holds up no other's feed."""
    stay = embedded.join(os.environ[database.SLOT], fast=True)
    yield stay.place
    stay.leave()


@pytest.fixture(scope="session")
def test_database(servers: embedded.Place, django_db_blocker) -> Iterator[database.TestDatabase]:
    one = database.TestDatabase(servers, "prm_test")
    with django_db_blocker.unblock():
        one.create()
    yield one
    with django_db_blocker.unblock():
        one.drop()


@pytest.fixture(scope="session")
def django_db_setup(test_database: database.TestDatabase) -> None:
    """pytest-django's own set-up makes databases as the wrong role; ours copies a template."""


@pytest.fixture(scope="session")
def _ground(django_db_setup, django_db_blocker) -> Iterator[Ground]:
    one = Ground()
    yield one
    with django_db_blocker.unblock():
        one.clear()


@pytest.fixture
def _prepared(_ground: Ground, request: pytest.FixtureRequest, django_db_blocker) -> None:
    """What the test stands on is there before its own transaction begins."""
    with django_db_blocker.unblock():
        _ground.prepare(wanted(request.node))


@pytest.fixture
def _one_connection(django_db_setup) -> Iterator[None]:
    with database.one_connection():
        yield


@pytest.fixture(autouse=True)
def _as_system(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests with a database see all rows, unless they open a narrower scope."""
    if not request.node.get_closest_marker("django_db"):
        yield
        return
    from core.actor import SYSTEM  # noqa: PLC0415 - Django is set up by now
    from core.scope import scope  # noqa: PLC0415

    request.getfixturevalue("db")
    request.getfixturevalue("_one_connection")
    with scope(SYSTEM):
        yield


@pytest.fixture
def committed(
    test_database: database.TestDatabase, _ground: Ground, django_db_blocker
) -> Iterator[database.TestDatabase]:
    """Real commits, seen by other threads. Marks the test `committed`; renews the database after."""
    with django_db_blocker.unblock():
        _ground.clear()
        yield test_database
        test_database.renew()


@pytest.fixture(autouse=True)
def _whole_mails() -> Iterator[None]:
    """In no mail that a test sends a word is missing."""
    yield
    assert holes(getattr(mail, "outbox", [])) == []


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    yield
    caches["default"].clear()


cast = ground(make_cast)
