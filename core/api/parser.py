"""Reads a JSON body within limits, before anything can blow up on it."""

import hashlib
import json
import re
from typing import Any

from rest_framework.parsers import BaseParser

from core.api.problems import Problem
from core.text import has_nul

MAX_BYTES = 10 * 2**20
MAX_DEPTH = 64
MAX_VALUES = 250_000
_SMALL = 16_384
_LONG_NUMBER = 40  # digits
_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+\\?"?', re.DOTALL)  # also one that never ends: linear
_BRACKETS = re.compile(rb"[\[\]{}]")


class StrictJson(BaseParser):
    """One JSON value in UTF-8 without duplicate keys; the digest of its bytes is left on the request."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None) -> Any:
        raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise Problem("too_large", "A body may have 10 MB.")
        parser_context["request"].body_digest = hashlib.sha256(raw).hexdigest()
        return parse(raw) if raw.strip() else {}


class StrictMergePatch(StrictJson):
    media_type = "application/merge-patch+json"


def parse(raw: bytes) -> Any:
    """The value of a JSON text. Raises Problem: malformed_json, too_large."""
    _measure(raw)
    try:
        value = json.loads(
            raw.decode(), object_pairs_hook=_unique, parse_int=_int, parse_float=_float, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise Problem("malformed_json", _place(error)) from None
    if has_nul(value):
        raise Problem("validation_failed", errors=[("", "nul_character", "A text holds a NUL character.")])
    return value


def _measure(raw: bytes) -> None:
    """Refuses what is too deep or has too many values, without building it."""
    if len(raw) < _SMALL and raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return
    too_many = Problem("too_large", "The body holds too many values.")
    if raw.count(b",") > MAX_VALUES * 3:  # whatever of them stands in texts
        raise too_many
    bare = _STRINGS.sub(b"", raw)
    if bare.count(b",") + bare.count(b"[") + bare.count(b"{") > MAX_VALUES:
        raise too_many
    depth = 0
    for found in _BRACKETS.finditer(bare):
        depth += 1 if found[0] in b"[{" else -1
        if depth > MAX_DEPTH:
            raise Problem("malformed_json", "The body is nested too deeply.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A key stands twice in one object.")
    return found


def _int(digits: str) -> int:
    if len(digits) > _LONG_NUMBER:
        raise ValueError("A number has too many digits.")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError("A number is too large.")
    return number


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} isn't JSON.")


def _place(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}."
    if isinstance(error, UnicodeDecodeError):
        return "The body isn't UTF-8."
    return "The body is nested too deeply." if isinstance(error, RecursionError) else str(error)
