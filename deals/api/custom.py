"""The program's own questions in the REST API."""

import re
from dataclasses import dataclass
from typing import Any

from core.api.kinds import Bad, Kind, Schema
from core.text import clean

_CUSTOM = re.compile("^cf_[a-z][a-z0-9_]{0,39}$")


@dataclass(frozen=True)
class CustomFields(Kind):
    """The program's own questions: `{"cf_budget": "12000"}`. What a program asks stands in its terms."""

    @property
    def empty(self) -> dict:
        return {}

    def read(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or len(value) > 10 or not all(_CUSTOM.match(key) for key in value):
            raise Bad("wrong_type", "Send an object of at most 10 values, each named cf_….")
        return {key.removeprefix("cf_"): self._one(item, key) for key, item in value.items()}

    def _one(self, value: Any, key: str) -> Any:
        if isinstance(value, bool | int) or value is None:
            return value
        if not isinstance(value, str) or len(value) > 500:
            raise Bad("wrong_type", "Send a text of at most 500 characters, a whole number, true or false.", f"/{key}")
        return clean(value)

    def show(self, value: dict[str, Any] | None) -> dict[str, Any]:
        return {f"cf_{key}": item for key, item in (value or {}).items()}

    def schema(self) -> Schema:
        one = {"type": ["string", "boolean", "integer", "null"]}
        return {"type": "object", "maxProperties": 10, "additionalProperties": one,
                "propertyNames": {"pattern": _CUSTOM.pattern}}  # fmt: skip
