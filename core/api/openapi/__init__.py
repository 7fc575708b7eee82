"""The OpenAPI 3.1 document, made from the tables of facts: what is not in them is not in the API."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.api.feed import PARAMETERS as EVENT_PARAMETERS
from core.api.kinds import Schema
from core.api.openapi import paths, schemas
from core.api.openapi.parts import LIMIT, Answers, components, operation, parameter, ref, several
from core.api.resources import Resource

ABOUT = """Every answer carries `X-Request-ID`. Errors are `application/problem+json` with a stable `code`.
Lists are read with `limit` and `cursor`; an incremental copy uses `updated_since` or, without loss, `/events`.
PATCH and DELETE need `If-Match` with the version that was read. POST takes an `Idempotency-Key`."""


@dataclass(frozen=True)
class Extra:
    """Paths and schemas that are no table of facts: figures."""

    paths: Mapping[str, Schema] = field(default_factory=dict)
    schemas: Mapping[str, Schema] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


def together(*extras: Extra) -> Extra:
    """All of them as one."""
    paths = {path: methods for extra in extras for path, methods in extra.paths.items()}
    known = {name: schema for extra in extras for name, schema in extra.schemas.items()}
    return Extra(paths, known, {tag: about for extra in extras for tag, about in extra.tags.items()})


def document(resources: list[Resource], extra: Extra = Extra()) -> Schema:
    """The whole document."""
    made = {path: methods for res in resources for path, methods in paths.of(res).items()}
    made |= {"/schema/{resource}": {"get": _described(resources)}, "/events": {"get": _events(resources)}}
    tags = {res.name: res.about for res in resources} | dict(extra.tags)
    tags |= {"events": "What happened, in one order, without a gap.", "schema": "The fields of each resource."}
    return {
        "openapi": "3.1.0",
        "info": {"title": "PRM API", "version": "1", "description": ABOUT},
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "tags": [{"name": name, "description": about} for name, about in tags.items()],
        "paths": made | dict(extra.paths),
        "components": components(schemas.all_schemas(resources) | dict(extra.schemas)),
    }


def _described(resources: list[Resource]) -> Schema:
    name = parameter("resource", {"enum": [res.name for res in resources]}, "path")
    answers = Answers({200: {"type": "object"}}, (400, 404))
    return operation("schema", "get_schema", "The fields of a resource.", answers, given=[name])


def _events(resources: list[Resource]) -> Schema:
    shapes: dict[str, Schema] = {
        "start": {"enum": ["beginning", "now"]},
        "type": {"type": "string", "pattern": r"^[a-z_]+(\.[a-z_]+)?$", "maxLength": 80},
        "resource": {"enum": [res.name for res in resources]},
        "resource_id": {"type": "string", "pattern": "^[a-z_]{1,17}_[0-9a-f]{32}$"},
    }
    plain = [n for n in EVENT_PARAMETERS if n != "limit" and not n.endswith("[in]")]
    given = [
        LIMIT,
        *(parameter(n, shapes.get(n, {"type": "string"})) for n in plain),
        several("type[in]", shapes["type"]),
    ]
    answers = Answers({200: ref("EventList")}, (400,))
    return operation("events", "list_events", "Read on in the order of all events.", answers, given=given)
