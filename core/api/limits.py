"""How many requests a key may send: counted per minute in the shared cache."""

import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache

from core.api.problems import Problem

WINDOW = 60


@dataclass(frozen=True)
class Allowance:
    """What is left of this minute."""

    limit: int
    remaining: int
    reset: int  # seconds

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


def spend(who: str) -> Allowance:
    """Counts one request of `who`. Raises Problem when the minute's allowance is used up."""
    clock = int(time.time())
    minute, reset = clock // WINDOW, WINDOW - clock % WINDOW
    used = _count(f"api:{who}:{minute}")
    left = Allowance(settings.API_RATE_PER_MINUTE, max(0, settings.API_RATE_PER_MINUTE - used), reset)
    if used > left.limit:
        headers = {**left.headers(), "Retry-After": str(reset)}
        raise Problem("rate_limited", f"Wait {reset} seconds.", headers=headers)
    return left


def _count(name: str) -> int:
    cache.add(name, 0, WINDOW * 2)
    try:
        return cache.incr(name)
    except ValueError:  # it lapsed between the two
        return 1
