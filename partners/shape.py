"""Readers of a program's data: each turns a value into ours, or says in a sentence what should stand there. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

Reader = Callable[[Any], Any]  # raises ValueError with a sentence
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")


def faults(data: Mapping[str, Any], shape: Mapping[str, Reader]) -> list[str]:
    """What is wrong with the data, one sentence each; unknown keys are wrong, None stands for "as usual"."""
    unknown = [_("%s: nobody knows this key. Remove it, or correct its spelling.") % key for key in data.keys() - shape]
    return sorted(unknown) + [
        f"{key}: {fault}"
        for key, reader in shape.items()
        if data.get(key) is not None and (fault := _fault(reader, data[key]))
    ]


def _fault(reader: Reader, value: Any) -> str:
    try:
        reader(value)
    except ValueError as wrong:
        return str(wrong)
    return ""


class Whole:
    def __init__(self, low: int, high: int):
        self.low, self.high = low, high

    def __call__(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise ValueError(_("enter a whole number from %(low)s to %(high)s.") % {"low": self.low, "high": self.high})
        return value


class Amount:
    def __call__(self, value: Any) -> Decimal:
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            amount = Decimal(-1)
        if isinstance(value, bool) or not amount.is_finite() or amount < 0:
            raise ValueError(_("enter an amount like 6000 or 6000.50."))
        return amount


class YesNo:
    def __call__(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValueError(_("enter true or false."))
        return value


class OneOf:
    def __init__(self, *words: str):
        self.words = words

    def __call__(self, value: Any) -> str:
        if value not in self.words:
            raise ValueError(_("choose one of: %s.") % ", ".join(self.words))
        return value


class Text:
    def __init__(self, length: int):
        self.length = length

    def __call__(self, value: Any) -> str:
        if not isinstance(value, str) or not 0 < len(value.strip()) <= self.length:
            raise ValueError(_("enter words, %s letters at most.") % self.length)
        return value.strip()


class Key:
    def __call__(self, value: Any) -> str:
        if not isinstance(value, str) or not _KEY.match(value.replace("-", "_")):
            raise ValueError(_("enter a key of small letters, digits and underscores."))
        return value


class Words:
    """A list of texts."""

    def __init__(self, length: int = 120):
        self.text = Text(length)

    def __call__(self, value: Any) -> tuple[str, ...]:
        return Each(self.text)(value)


class Countries:
    def __call__(self, value: Any) -> tuple[str, ...]:
        found = Words()(value)
        if not all(_COUNTRY.match(code) for code in found):
            raise ValueError(_("enter countries by their two letters, like PT."))
        return found


class Each:
    """A list, each item read by the same reader."""

    def __init__(self, reader: Reader, most: int = 100):
        self.reader, self.most = reader, most

    def __call__(self, value: Any) -> tuple:
        if not isinstance(value, list | tuple) or len(value) > self.most:
            raise ValueError(_("enter a list of %s at most.") % self.most)
        return tuple(self.reader(item) for item in value)


class Part:
    """A small record of its own: a frozen dataclass and the reader of each of its fields."""

    def __init__(self, kind: type, **shape: Reader):
        self.kind, self.shape = kind, shape
        self.needed = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]

    def __call__(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValueError(_("enter keys and values."))
        missing = [name for name in self.needed if value.get(name) is None]
        wrong = faults(value, self.shape) + [_("%s: this is missing.") % name for name in missing]
        if wrong:
            raise ValueError(" ".join(wrong))
        return self.kind(**{name: self.shape[name](one) for name, one in value.items() if one is not None})
