"""Counts what somebody does in a while, to slow down those who do too much of it."""

from django.core.cache import cache


def too_many(key: str, limit: int, seconds: int) -> bool:
    """Whether this call is beyond `limit` calls with `key` within `seconds`. Counts the call."""
    key = f"limit:{key}"
    if cache.add(key, 1, seconds):
        return False
    try:
        return cache.incr(key) > limit
    except ValueError:  # it ended between the two calls
        cache.add(key, 1, seconds)
        return False
