"""Real threads on PostgreSQL: everybody starts at the same moment, every round."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from core.actor import SYSTEM
from core.scope import scope
from tests.deals.conftest import Market, make_market
from tests.factories import make_cast

ROUNDS = int(os.environ.get("ROUNDS", "20"))  # `make faults` sets 400


class Race:
    """Threads that live through all rounds, with the connection each one opened first."""

    def __init__(self, runners: int) -> None:
        self._pool = ThreadPoolExecutor(runners)
        self._runners = runners

    def run(self, *works: Callable[[], Any]) -> list[Any]:
        """What each work gave or raised, all begun at the same moment."""
        start = threading.Barrier(len(works))

        def one(work: Callable[[], Any]) -> Any:
            start.wait(30)
            try:
                return work()
            except Exception as error:  # what a loser gets is what the tests look at
                return error

        return [future.result(120) for future in [self._pool.submit(one, work) for work in works]]

    def end(self) -> None:
        self.run(*[connections.close_all] * self._runners)
        self._pool.shutdown()


@pytest.fixture
def race() -> Iterator[Callable[[int], Race]]:
    """Gives a Race of so many runners."""
    made: list[Race] = []

    def make(runners: int) -> Race:
        made.append(Race(runners))
        return made[-1]

    yield make
    for one in made:
        one.end()


@pytest.fixture
def market(committed) -> Market:
    """The cast in business, for every connection to see."""
    with scope(SYSTEM):
        return make_market(make_cast())


@pytest.fixture
def signed_in(market) -> Callable[[str], Client]:
    """A browser of the person with this name."""

    def browser(name: str) -> Client:
        client = Client()
        client.force_login(getattr(market.cast, name))
        return client

    return browser
