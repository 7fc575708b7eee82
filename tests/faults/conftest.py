import os
import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
import redis
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connections

from accounts.models import User
from core.actor import SYSTEM
from core.models import Delivery, DeliveryState
from core.scope import scope
from tests.database import TestDatabase
from tests.deals.conftest import Market, make_market
from tests.factories import PASSWORD, make_cast
from tests.faults.house import House, until
from tests.faults.proxy import Line

LONG = os.environ.get("FAULTS") == "long"


def open_deliveries() -> int:
    with scope(SYSTEM):
        return Delivery.objects.filter(state=DeliveryState.OPEN).count()


@pytest.fixture
def chance() -> random.Random:
    return random.Random(20261123)


@dataclass
class Ground:
    """One installation for all tests of faults, on a database of its own: each starts where all is done and well."""

    database: TestDatabase
    market: Market
    line: Line
    house: House

    def settle(self) -> None:
        """Everything runs, nothing waits, and nobody has signed in too often."""
        self.line.set("open")
        self.house.revive()
        self.house.await_web()
        until(lambda: open_deliveries() == 0, 60, f"Not delivered: {self.house.log('worker')[-2000:]}")
        with closing(redis.Redis(unix_socket_path=str(self.database.place.valkey))) as client:
            client.flushdb()


@pytest.fixture(scope="session")
def ground(servers, django_db_blocker, tmp_path_factory) -> Iterator[Ground]:
    database = TestDatabase(servers, "prm_test_house")
    line = Line(servers.valkey)  # the installation's line to Redis
    with django_db_blocker.unblock():
        database.create()
        market = _in_business(database)
        house = House(servers, database.name, tmp_path_factory.mktemp("house"), line.url)
        house.start("web", "worker", "beat")
        yield Ground(database, market, line, house)
        house.stop()
        line.close()
        database.drop()


def _in_business(database: TestDatabase) -> Market:
    """The cast, with passwords that other processes understand; what is confirmed is on disk (the tests' server lags)."""
    with connections["owner"].cursor() as cursor:
        name = connections["owner"].ops.quote_name(database.name)
        cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = on")
    with scope(SYSTEM):
        market = make_market(make_cast())
        User.objects.update(password=PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=100_000))
    return market


@pytest.fixture
def house(committed, ground: Ground) -> Iterator[House]:
    """Web, worker and beat, running."""
    ground.database.enter()
    ground.settle()
    yield ground.house
    ground.line.set("open")


@pytest.fixture
def market(house, ground: Ground) -> Market:
    return ground.market


@pytest.fixture
def line(house, ground: Ground) -> Line:
    """The installation's line to Redis."""
    return ground.line
