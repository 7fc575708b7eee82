"""Kinds of values that hold others: lists of texts, pairs, data kept as it is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from core.api.kinds import Bad, Choice, Kind, Schema, Text
from core.text import clean


@dataclass(frozen=True)
class Words(Kind):
    """A list of texts, or of some of `choices`."""

    choices: Collection[str] = ()
    longest: int = 60
    most: int = 50

    @property
    def empty(self) -> list:
        return []

    def read(self, value: Any) -> list[str]:
        if not isinstance(value, list) or len(value) > self.most:
            raise Bad("wrong_type", f"Send a list of at most {self.most} texts.")
        one = Choice(self.choices) if self.choices else Text(self.longest)
        found = []
        for place, item in enumerate(value):
            try:
                found.append(one.read(item))
            except Bad as bad:
                raise Bad(bad.code, bad.detail, f"/{place}") from None
        return list(dict.fromkeys(word for word in found if word))

    def schema(self) -> Schema:
        one = Choice(self.choices) if self.choices else Text(self.longest)
        return {"type": "array", "maxItems": self.most, "items": one.schema()}


@dataclass(frozen=True)
class Data(Kind):
    """Any JSON object or list, kept as it is: rules, terms. Never written through the API."""

    type: str = "object"

    def schema(self) -> Schema:
        return {"type": self.type}


@dataclass(frozen=True)
class Pairs(Kind):
    """`metadata`: up to 50 pairs of texts. A patch merges; a null value removes its key."""

    @property
    def empty(self) -> dict:
        return {}

    def read(self, value: Any) -> dict[str, str | None]:
        if not isinstance(value, dict) or len(value) > 50:
            raise Bad("wrong_type", "Send an object of at most 50 texts.")
        return {self._word(k, 40, k): None if v is None else self._word(v, 500, k) for k, v in value.items()}

    def _word(self, value: Any, longest: int, key: str) -> str:
        if not isinstance(value, str) or not clean(value) or len(value) > longest:
            raise Bad("wrong_type", f"Send a text of 1 to {longest} characters.", f"/{key}")
        return clean(value)

    def merged(self, before: Mapping[str, str], patch: Mapping[str, str | None]) -> dict[str, str]:
        both = {**before, **patch}
        return {key: value for key, value in both.items() if value is not None}

    def schema(self) -> Schema:
        texts = {"type": ["string", "null"], "minLength": 1, "maxLength": 500}
        return {"type": "object", "maxProperties": 50, "additionalProperties": texts,
                "propertyNames": {"minLength": 1, "maxLength": 40}}  # fmt: skip
