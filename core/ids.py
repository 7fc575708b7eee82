"""Identifiers: time-ordered UUIDs and the public ids made of them."""

import os
import re
import time
from uuid import UUID

_HEX = re.compile(r"[0-9a-f]{32}\Z")


def uuid7() -> UUID:
    """A new UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then random bits."""
    millis = time.time_ns() // 1_000_000
    value = millis << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def public_id(prefix: str, pk: UUID | None) -> str | None:
    """`ptr_` + 32 hex digits; None stays None."""
    return None if pk is None else f"{prefix}_{pk.hex}"


def parse_public_id(prefix: str, text: object) -> UUID | None:
    """The UUID of a public id in its one canonical spelling, else None."""
    if not isinstance(text, str) or not text.startswith(prefix + "_"):
        return None
    digits = text[len(prefix) + 1 :]
    return UUID(digits) if _HEX.match(digits) else None
