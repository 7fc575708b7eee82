"""The shared cache: Redis, and a table of the database while Redis is away."""

import time
from collections.abc import Callable
from typing import Any

import redis
import structlog
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.redis import RedisCache

log = structlog.get_logger(__name__)
QUIET_SECONDS = 30  # a dead Redis is left alone for this long
_BROKEN = (redis.ConnectionError, redis.TimeoutError, redis.exceptions.BusyLoadingError, redis.ReadOnlyError, OSError)


def _guarded(name: str) -> Callable[..., Any]:
    def call(self: "FallbackCache", *args: Any, **kwargs: Any) -> Any:
        return self.ask(name, *args, **kwargs)

    call.__name__ = name
    return call


class FallbackCache(RedisCache):
    """Redis with short time-outs. When it is down or hangs, the fallback answers and Redis is left alone for 30 s.

    OPTIONS: `fallback` (alias of another cache), the rest goes to the Redis client.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = dict(params.get("OPTIONS", {}))
        self._fallback = options.pop("fallback")
        super().__init__(server, {**params, "OPTIONS": {"retry": None, **options}})

    def ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Which answer does the first cache that is well give?"""
        if time.monotonic() >= _quiet.until:
            try:
                return getattr(super(), name)(*args, **kwargs)
            except _BROKEN as error:
                _quiet.until = time.monotonic() + QUIET_SECONDS
                log.warning("cache_unreachable", error=type(error).__name__, seconds=QUIET_SECONDS)
        return getattr(caches[self._fallback], name)(*args, **kwargs)

    add, get, set, touch, delete, clear, incr, has_key, get_many, set_many, delete_many = map(
        _guarded,
        ["add", "get", "set", "touch", "delete", "clear", "incr", "has_key", "get_many", "set_many", "delete_many"],
    )


class _Quiet:
    """Until when no thread of this process asks Redis (cache objects are per thread)."""

    until = 0.0


_quiet = _Quiet()


class LimitsCache(DatabaseCache):
    """The database cache on a connection of its own, so that counts outlive a rolled back request."""


class LimitsRouter:
    """Sends the cache table to the connection `limits`, and keeps migrations off it."""

    def db_for_read(self, model: Any, **_hints: Any) -> str | None:
        return "limits" if model._meta.app_label == "django_cache" else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool | None:
        return True if app_label == "django_cache" else None if db != "limits" else False
