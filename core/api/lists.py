"""Kinds of values that are objects, or lists of them: the parts of one column, the rows of an action."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.api.kinds import Bad, Kind, Schema
from core.api.resources import Field, read_parts


@dataclass(frozen=True)
class Object(Kind):
    """An object of these parts, read as column → value; shown part by part, those that are missing as null."""

    parts: tuple[Field, ...] = ()

    @property
    def empty(self) -> dict[str, Any]:
        return {}

    def read(self, value: Any) -> dict[str, Any]:
        found = read_parts(self.parts, value)
        missing = next((f.name for f in self.parts if f.required and f.name not in value), None)
        if missing:
            raise Bad("required", "This is needed.", f"/{missing}")
        return found

    def show(self, value: Mapping[str, Any] | None) -> dict[str, Any]:
        return {f.name: (value or {}).get(f.source) for f in self.parts}

    def schema(self) -> Schema:
        needed = [f.name for f in self.parts if f.required]
        made: Schema = {"type": "object", "properties": {f.name: f.schema() for f in self.parts}}
        return made | {"additionalProperties": False} | ({"required": needed} if needed else {})


@dataclass(frozen=True)
class Objects(Kind):
    """A list of such objects."""

    one: Object = Object()
    most: int = 100

    @property
    def empty(self) -> list[dict[str, Any]]:
        return []

    def read(self, value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or len(value) > self.most:
            raise Bad("wrong_type", f"Send a list of at most {self.most} objects.")
        found = []
        for place, item in enumerate(value):
            try:
                found.append(self.one.read(item))
            except Bad as bad:
                raise Bad(bad.code, bad.detail, f"/{place}{bad.at}") from None
        return found

    def show(self, value: Any) -> list[dict[str, Any]]:
        return [self.one.show(item) for item in value or ()]

    def schema(self) -> Schema:
        return {"type": "array", "maxItems": self.most, "items": self.one.schema()}
