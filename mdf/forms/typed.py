"""Forms with rows that come and go: their words as they were typed, whether they fit or not, so that none is lost.

A typed form is JSON: {"values": {name: words}, "rows": {kind: [{"key": "0", "values": …, "rows": …}]}}. In the page a
row's fields are named `<kind><key>-<name>`, and a hidden field `<kind>` names each row's key.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django import forms

from core import text

LONGEST, MOST = 4000, 30
_PLACE = re.compile(r"([a-z]+)(\d{0,4})\Z", re.ASCII)
Typed = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """Which words a form or a row of it holds (`many`: those with several values), and which rows."""

    names: tuple[str, ...]
    rows: Mapping[str, "Shape"] = field(default_factory=dict)
    many: tuple[str, ...] = ()


def read(data: Any, shape: Shape, prefix: str = "") -> Typed:
    """What stands in the sent form (a QueryDict), cleaned of tricks, cut to a length nobody types."""
    values: dict[str, Any] = {name: _words(data.get(prefix + name)) for name in shape.names}
    values |= {name: [_words(one) for one in data.getlist(prefix + name)[:MOST]] for name in shape.many}
    rows = {
        kind: [{"key": key, **read(data, own, f"{prefix}{kind}{key}-")} for key in _keys(data, prefix + kind)]
        for kind, own in shape.rows.items()
    }
    return {"values": values, "rows": rows}


def _words(value: str | None) -> str:
    return text.clean(value or "")[:LONGEST]


def _keys(data: Any, name: str) -> list[str]:
    given = (key for key in data.getlist(name) if key.isascii() and key.isdigit() and len(key) <= 4)
    return list(dict.fromkeys(given))[:MOST]


def blank(
    shape: Shape, values: Mapping[str, Any] | None = None, rows: Mapping[str, Sequence[Typed]] | None = None
) -> Typed:
    """A form with these words and these rows of each kind."""
    words: dict[str, Any] = dict.fromkeys(shape.names, "") | {name: [] for name in shape.many}
    own = {kind: [{"key": str(n), **one} for n, one in enumerate((rows or {}).get(kind, ()))] for kind in shape.rows}
    return {"values": words | {k: v for k, v in (values or {}).items() if k in words}, "rows": own}


def changed(typed: Typed, do: str, shape: Shape) -> Typed:
    """The form after a button: "add:activity", "drop:activity1", "add:activity0-line"; others change nothing."""
    verb, _colon, where = do.partition(":")
    found = deepcopy(typed)
    *way, last = where.split("-")
    here, own = _walk(found, way, shape)
    match = _PLACE.match(last)
    if here is None or match is None or match[1] not in own.rows:
        return found
    rows = here["rows"][match[1]]
    if verb == "add" and len(rows) < MOST:
        key = max((int(row["key"]) for row in rows), default=-1) + 1
        rows.append({"key": str(key), **blank(own.rows[match[1]])})
    elif verb == "drop":
        rows[:] = [row for row in rows if row["key"] != match[2]]
    return found


def _walk(typed: Typed, way: Sequence[str], shape: Shape) -> tuple[Typed | None, Shape]:
    """The row that the places lead to, and its shape."""
    here: Typed | None = typed
    for place in way:
        match = _PLACE.match(place)
        if here is None or match is None or match[1] not in shape.rows:
            return None, shape
        here = next((row for row in here["rows"][match[1]] if row["key"] == match[2]), None)
        shape = shape.rows[match[1]]
    return here, shape


def given(typed: Typed, prefix: str, bound: bool) -> dict[str, Any]:
    """Arguments of the Django form that shows these words: to be judged, or (not `bound`) as they stand."""
    values = typed["values"]
    if not bound:
        return {"initial": values, "prefix": prefix or None}
    return {"data": {f"{prefix}-{name}" if prefix else name: value for name, value in values.items()}} | {
        "prefix": prefix or None
    }


def is_empty(typed: Typed) -> bool:
    return not any(typed["values"].values())


def uuid_of(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None


class WholeForm:
    """Several Django forms as one. `bound` = its words are judged; else they are shown as they stand."""

    def __init__(self, typed: Typed, bound: bool):
        self.typed, self.is_bound = typed, bound
        self.said: list[Any] = []  # what is wrong beside the fields

    def _forms(self) -> Iterator[forms.BaseForm]:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Any]:
        """Every field, for the summary of errors."""
        for form in self._forms():
            yield from form

    @property
    def errors(self) -> bool:
        return bool(self.said) or (self.is_bound and any(bool(form.errors) for form in self._forms()))

    @property
    def non_field_errors(self) -> list[Any]:
        beside = [why for form in self._forms() if form.is_bound for why in form.non_field_errors()]
        return [*self.said, *beside]

    def is_valid(self) -> bool:
        return not self.errors

    @property
    def draft(self) -> UUID | None:
        """The id that what is written gets."""
        return uuid_of(self.typed["values"]["draft"])
