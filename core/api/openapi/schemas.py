"""The schemas of the OpenAPI document, made from the same facts that read and show the objects."""

from core.actor import SYSTEM
from core.api import external
from core.api.clean import METADATA
from core.api.kinds import Moment, Schema
from core.api.openapi.parts import object_of, ref
from core.api.problems import CODES
from core.api.resources import CREATE, WRITE, Resource, resource

_VERSION: Schema = {"type": "integer", "minimum": 1}
NULLABLE_MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}


def title(res: Resource) -> str:
    return "".join(word.title() for word in res.singular.split("_"))


def id_schema(res: Resource) -> Schema:
    return {"type": "string", "pattern": f"^{res.prefix}_[0-9a-f]{{32}}$"}


def shown(res: Resource) -> Schema:
    """An object as it is answered; only object and id are always there, because `fields` may leave out the rest."""
    properties: Schema = {
        "object": {"const": res.singular},
        "id": id_schema(res),
        "version": _VERSION,
        "created_at": Moment().schema(),
        "updated_at": Moment().schema(),
        "deleted_at": NULLABLE_MOMENT,
        "external_ids": external.SCHEMA,
        "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
    }
    if res.has_reference:
        properties["reference"] = {"type": "string"}
    properties |= {f.name: f.schema() for f in res.fields}
    for nested in res.nested:
        named = {"id": id_schema(nested.child)} if nested.ids else {}
        rows = object_of(named | {f.name: f.schema() for f in nested.shown_to(SYSTEM)})
        properties[nested.name] = {"type": "array", "items": rows}
    for name, (_column, to) in res.refs.items():
        properties[name] = {"anyOf": [ref(title(resource(to))), {"type": "null"}], "description": "With expand."}
    for listed in res.lists:
        items = ref(title(resource(listed.to)))
        properties[listed.name] = {"type": "array", "maxItems": 100, "items": items, "description": "With expand."}
    return object_of(properties, ["object", "id"], description=res.about)


def body(res: Resource, verb: str) -> Schema:
    """What a POST (create) or a PATCH (write) takes."""
    known = res.writable(SYSTEM, verb)
    properties = {name: f.schema(writing=True) for name, f in known.items()}
    properties |= {"external_ids": external.SCHEMA, "metadata": {**METADATA.schema(), "type": ["object", "null"]}}
    for nested in res.nested:
        if nested.is_written:
            fields = nested.writable()
            row = object_of(
                {f.name: f.schema(writing=True) for f in fields}, [f.name for f in fields if f.required],
                additionalProperties=False,
            )  # fmt: skip
            properties[nested.name] = {"type": "array", "maxItems": 100, "items": row}
    needed = [f.name for f in known.values() if f.required and f.source != res.owner] if verb == CREATE else []
    return object_of(properties, needed, additionalProperties=False)


def listed(res: Resource) -> Schema:
    return list_of(ref(title(res)))


def list_of(items: Schema) -> Schema:
    properties = {
        "object": {"const": "list"},
        "data": {"type": "array", "items": items},
        "next": {"type": ["string", "null"], "format": "uri"},
        "next_cursor": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
        "count": {"type": "integer", "minimum": 0, "description": "With include=count."},
    }
    return object_of(properties, ["object", "data", "next", "next_cursor", "has_more"])


def problem() -> Schema:
    pointer = {"type": "string", "description": "JSON pointer into the body, or the name of a parameter."}
    error = object_of({"pointer": pointer, "code": {"type": "string"}, "detail": {"type": "string"}},
                      ["pointer", "code", "detail"])  # fmt: skip
    properties = {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable. Among them: " + ", ".join(CODES)},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": error},
        "scope": {"type": "string", "description": "The scope that is missing."},
        "deleted_at": {"type": "string", "format": "date-time"},
        "version": _VERSION,
    }
    return object_of(properties, ["type", "title", "status", "code", "detail", "request_id", "errors"])


_MATCH: Schema = external.SCHEMA["items"]


def batch_row(res: Resource, operation: str) -> Schema:
    """A row of a batch: keys (`id`, `match`, external ids), the version expected, and the fields to write."""
    keys: Schema = {"id": id_schema(res), "match": _MATCH, "version": {"type": "integer"}}
    fields = body(res, CREATE)["properties"] if operation in ("upsert", "update") else {}
    return object_of(keys | fields, additionalProperties=False)


def batch_body(res: Resource, operation: str) -> Schema:
    # rows are judged one by one: a row that breaks its schema gets an error of its own, the others go on
    row = {
        "anyOf": [batch_row(res, operation), {}],
        "description": "A row that doesn't fit gets an error in its result.",
    }
    properties: Schema = {
        "rows": {"type": "array", "minItems": 1, "maxItems": 1000, "items": row},
        "all_or_none": {"type": "boolean", "default": False},
    }
    if res.natural and operation == "upsert":
        properties["match_on"] = {"type": "string", "enum": list(res.natural)}
    return object_of(properties, ["rows"], additionalProperties=False)


def batch_result(res: Resource) -> Schema:
    states = ["created", "updated", "unchanged", "deleted", "read", "error", "rolled_back"]
    error = object_of({"code": {"type": "string"}, "detail": {"type": "string"},
                       "errors": problem()["properties"]["errors"]}, ["code", "detail", "errors"])  # fmt: skip
    properties = {
        "index": {"type": "integer"},
        "status": {"enum": states},
        "id": {"type": ["string", "null"]},
        "version": {"type": ["integer", "null"]},
        "external_id": {"anyOf": [_MATCH, {"type": "null"}]},
        "error": {"anyOf": [error, {"type": "null"}]},
        "data": {"anyOf": [ref(title(res)), {"type": "null"}]},
    }
    row = object_of(properties, ["index", "status", "id", "version", "external_id", "error"])
    results = {"object": {"const": "batch"}, "failed": {"type": "integer"}, "results": {"type": "array", "items": row}}
    return object_of(results, ["object", "failed", "results"])


def event(names: list[str]) -> Schema:
    actor = object_of({"kind": {"type": "string"}, "label": {"type": ["string", "null"]}}, ["kind", "label"])
    properties = {
        "object": {"const": "event"},
        "id": {"type": "string", "pattern": "^evt_[0-9]+$"},
        "position": {"type": "integer", "minimum": 1},
        "type": {"type": "string"},
        "resource": {"enum": [*names, None]},
        "resource_id": {"type": "string"},
        "version": {"type": ["integer", "null"]},
        "at": Moment().schema(),
        "recorded_at": Moment().schema(),
        "actor": actor,
        "request_id": {"type": ["string", "null"]},
        "data": {"type": "object"},
    }
    return object_of(properties, list(properties))


def all_schemas(resources: list[Resource]) -> Schema:
    made = {"Problem": problem(), "Event": event([r.name for r in resources]), "EventList": list_of(ref("Event"))}
    for res in resources:
        name = title(res)
        made |= {name: shown(res), f"{name}List": listed(res), f"{name}Batch": batch_result(res)}
        if CREATE in res.verbs:
            made[f"{name}Create"] = body(res, CREATE)
        if "update" in res.verbs:
            made[f"{name}Patch"] = body(res, WRITE)
    return made
