"""Pages of a list by key, never by offset: the thousandth page costs what the first does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.db.models import F, Q, QuerySet

SIZE = 25
_SALT = "page"


@dataclass(frozen=True)
class Shown:
    """One page: its rows, and the addresses of the pages beside it ("" at an end)."""

    rows: Sequence[Any]
    newer: str = ""
    older: str = ""


def keyset(queryset: QuerySet, params: Mapping[str, str], *, order: Sequence[str], size: int = SIZE) -> Shown:
    """The page `params` ask for (`after` or `before` a signed key), in `order`, which must end in a unique column."""
    after, before = _key(params.get("after", "")), _key(params.get("before", ""))
    backwards = before is not None and after is None
    directions = [_flipped(name) for name in order] if backwards else list(order)
    key = before if backwards else after
    if key is not None and len(key) == len(order):
        queryset = queryset.filter(_beyond(directions, key))
    ordering = [F(n.lstrip("-")).desc() if n.startswith("-") else F(n).asc() for n in directions]
    rows = list(queryset.order_by(*ordering)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    older = more if not backwards else True
    newer = more if backwards else after is not None
    return Shown(
        rows,
        newer=_address(params, "before", rows[0], order) if rows and newer else "",
        older=_address(params, "after", rows[-1], order) if rows and older else "",
    )


def _flipped(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order: Sequence[str], key: Sequence[str]) -> Q:
    """Rows that come after `key` in `order`: (a, b) beyond (x, y) is a beyond x, or a = x and b beyond y."""
    condition, same = Q(pk=None), Q()
    for name, value in zip(order, key, strict=True):
        column = name.lstrip("-")
        beyond = Q(**{f"{column}__{'lt' if name.startswith('-') else 'gt'}": value})
        condition, same = condition | same & beyond, same & Q(**{column: value})
    return condition


def _key(text: str) -> list[str] | None:
    try:
        return signing.loads(text, salt=_SALT) if text else None
    except signing.BadSignature:
        return None


def _address(params: Mapping[str, str], side: str, row: Any, order: Sequence[str]) -> str:
    key = [_plain(getattr(row, name.lstrip("-"))) for name in order]
    kept = {name: value for name, value in params.items() if name not in ("after", "before")}
    return "?" + urlencode({**kept, side: signing.dumps(key, salt=_SALT)})


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
