"""The cache answers whatever state Redis is in."""

import socket
import time
from collections.abc import Iterator

import pytest
from django.core.cache import caches
from django.db import transaction

from core import cache
from prm import embedded


@pytest.fixture(autouse=True)
def _rested(monkeypatch):
    monkeypatch.setattr(cache._quiet, "until", 0.0)


@pytest.fixture
def dead(settings) -> cache.FallbackCache:
    """A cache whose Redis is down, with the table behind it."""
    return _cache(settings, "redis://127.0.0.1:1")


@pytest.fixture
def hanging(settings) -> Iterator[cache.FallbackCache]:
    """A cache whose Redis takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield _cache(settings, f"redis://127.0.0.1:{listener.getsockname()[1]}")


@pytest.fixture
def living(servers: embedded.Place, settings) -> cache.FallbackCache:
    return _cache(settings, servers.environment()["REDIS_URL"])


def _cache(settings, location: str) -> cache.FallbackCache:
    options = {"fallback": "limits", "socket_timeout": 0.2, "socket_connect_timeout": 0.2}
    return cache.FallbackCache(location, {"OPTIONS": options, "KEY_PREFIX": "test"})


def test_redis_answers_while_it_is_well(living):
    living.set("tries", [1, 2], 60)
    assert living.get("tries") == [1, 2]
    assert cache._quiet.until == 0.0


@pytest.mark.django_db
def test_the_table_answers_while_redis_is_down(dead):
    dead.set("tries", [1, 2], 60)
    assert dead.get("tries") == [1, 2]
    assert caches["limits"].get("tries") == [1, 2]


@pytest.mark.django_db
def test_a_hanging_redis_costs_a_fifth_of_a_second_once(hanging):
    start = time.monotonic()
    assert hanging.add("lock", 1, 60) is True
    assert hanging.add("lock", 1, 60) is False
    assert time.monotonic() - start < 5  # it would hang for ever; the machine may be busy


@pytest.mark.django_db
def test_redis_is_left_alone_for_half_a_minute(dead, monkeypatch):
    dead.get("x")
    monkeypatch.setattr(dead._cache, "get_client", lambda *a, **k: pytest.fail("asked again"))
    assert dead.get("x") is None
    assert cache._quiet.until - time.monotonic() == pytest.approx(30, abs=1)


def test_counts_outlive_a_rolled_back_request(committed):
    with transaction.atomic():
        caches["limits"].set("tries", 1, 60)
        transaction.set_rollback(True)
    assert caches["limits"].get("tries") == 1
