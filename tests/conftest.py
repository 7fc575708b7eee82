"""Fixtures of all tests."""

import os
from collections.abc import Iterator

import pytest
from django.core.cache import caches

from prm import embedded
from tests import database


def pytest_configure(config: pytest.Config) -> None:
    if not getattr(config.option, "numprocesses", None):  # who only hands out work needs no servers
        config.stash[pytest.StashKey()] = database.take_slot()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        names = getattr(item, "fixturenames", [])
        if item.get_closest_marker("committed") or "committed" in names:
            item.add_marker("committed")
            names.insert(0, "committed")
        elif "db" in names or item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.django_db(databases=["default", *database.SHARED]), append=False)
    items.sort(key=_how_short)


def _how_short(item: pytest.Item) -> int:
    """The long ones first, so that no worker is left alone with one of them at the end."""
    return 2 - bool(item.get_closest_marker("slow")) - bool(item.get_closest_marker("committed"))


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

    request.getfixturevalue("_one_connection")  # first, so that the rollback after the test finds it still there
    request.getfixturevalue("db")
    with scope(SYSTEM):
        yield


@pytest.fixture
def committed(test_database: database.TestDatabase, django_db_blocker) -> Iterator[database.TestDatabase]:
    """Real commits, seen by other threads. Marks the test `committed`; renews the database after."""
    with django_db_blocker.unblock():
        yield test_database
        test_database.renew()


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    yield
    caches["default"].clear()


@pytest.fixture
def cast(db):
    """Ada, Bo, Cy and the vendor's people, with Acme and Cobalt."""
    from tests.factories import make_cast  # noqa: PLC0415 - Django is set up by now

    return make_cast()
