"""The OpenAPI document as a page: what a person reads before writing a client."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.api.problems import CODES

_METHODS = ("get", "post", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    """One method at one address."""

    method: str
    path: str
    name: str
    about: str


@dataclass(frozen=True)
class Property:
    """One property of an object."""

    name: str
    kind: str
    about: str


@dataclass(frozen=True)
class Section:
    """A resource: its operations and the properties of its objects."""

    name: str
    about: str
    operations: tuple[Operation, ...]
    properties: tuple[Property, ...]


@dataclass(frozen=True)
class Trouble:
    """A code of a problem."""

    code: str
    status: int
    title: str


def troubles() -> list[Trouble]:
    return [Trouble(code, status, title) for code, (status, title) in CODES.items()]


def sections(document: Mapping[str, Any]) -> list[Section]:
    """The document by tag, in its order."""
    about = {tag["name"]: tag["description"] for tag in document["tags"]}
    by_tag: dict[str, list[Operation]] = {name: [] for name in about}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if operation := methods.get(method):
                made = Operation(method.upper(), path, operation["operationId"], operation["summary"])
                by_tag.setdefault(operation["tags"][0], []).append(made)
    schemas = document["components"]["schemas"]
    return [
        Section(tag, about.get(tag, ""), tuple(made), _properties(document, schemas, tag))
        for tag, made in by_tag.items()
    ]


def _properties(document: Mapping[str, Any], schemas: Mapping[str, Any], tag: str) -> tuple[Property, ...]:
    one = document["paths"].get(f"/{tag}/{{id}}", {}).get("get")
    if one is None:
        return ()
    name = one["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return tuple(Property(n, _kind(s), s.get("description", "")) for n, s in schemas[name]["properties"].items())


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "anyOf" in schema:
        return _kind(schema["anyOf"][0])
    if "const" in schema:
        return f'"{schema["const"]}"'
    words = [str(word) for word in schema.get("enum", []) if word is not None]
    if 0 < len(words) <= 14:
        return " | ".join(words)
    kind = schema.get("type", "any")
    first = kind[0] if isinstance(kind, list) else kind
    return schema.get("format") or schema.get("pattern") or first
