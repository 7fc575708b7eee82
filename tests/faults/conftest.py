import os
import random
from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connections

from accounts.models import User
from core.actor import SYSTEM
from core.scope import scope
from tests.deals.conftest import Market, make_market
from tests.factories import PASSWORD, make_cast
from tests.faults.house import House
from tests.faults.proxy import Line

LONG = os.environ.get("FAULTS") == "long"


@pytest.fixture
def chance() -> random.Random:
    return random.Random(20261123)


@pytest.fixture
def market(committed) -> Market:
    """The cast in business, with passwords that the processes of an installation understand."""
    with scope(SYSTEM):
        market = make_market(make_cast())
        User.objects.update(password=PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=100_000))
    return market


@pytest.fixture
def line(servers) -> Iterator[Line]:
    """The installation's line to Redis."""
    one = Line(servers.valkey)
    yield one
    one.close()


@pytest.fixture
def house(committed, market, line, tmp_path) -> Iterator[House]:
    """Web, worker and beat, running; what is confirmed is on disk, as in an installation (the tests' server lags)."""
    with connections["owner"].cursor() as cursor:
        name = connections["owner"].ops.quote_name(committed.name)
        cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = on")
    one = House(committed.place, committed.name, tmp_path, line.url)
    one.start("web", "worker", "beat")
    try:
        one.await_web()
        yield one
    finally:
        one.stop()
