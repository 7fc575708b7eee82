"""The OpenAPI 3.1 document, made from the tables of facts: what is not in them is not in the API."""

from collections.abc import Iterable
from typing import Any

from core.actor import SYSTEM
from core.api import openapi_schemas as schemas
from core.api.feed import PARAMETERS as EVENT_PARAMETERS
from core.api.kinds import Schema
from core.api.openapi_schemas import object_of, ref, title
from core.api.problems import CODES, MEDIA_TYPE
from core.api.query import MOST, USUAL, filters
from core.api.resources import CREATE, Action, Resource, resource
from core.api.show import property_names

ABOUT = """Every answer carries `X-Request-ID`. Errors are `application/problem+json` with a stable `code`.
Lists are read with `limit` and `cursor`; an incremental copy uses `updated_since` or, without loss, `/events`.
PATCH and DELETE need `If-Match` with the version that was read. POST takes an `Idempotency-Key`."""
ALWAYS = (401, 403, 429, 503)
_HEADERS = {"RateLimit-Limit": "Requests per minute.", "RateLimit-Remaining": "What is left of them.",
            "RateLimit-Reset": "Seconds until they are renewed.", "X-Request-ID": "Name this when you ask us."}  # fmt: skip


def document(resources: list[Resource], more: dict[str, Any] | None = None) -> Schema:
    """The whole document; `more` brings paths and schemas of resources that are no tables."""
    more = more or {}
    paths: Schema = {}
    for res in resources:
        paths |= _paths(res)
    paths["/schema/{resource}"] = {"get": _described(resources)}
    paths["/events"] = {"get": _events(resources)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "PRM API", "version": "1", "description": ABOUT},
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "tags": [{"name": res.name, "description": res.about} for res in resources],
        "paths": paths | more.get("paths", {}),
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "An API key: prm_…"}},
            "schemas": schemas.all_schemas(resources) | more.get("schemas", {}),
            "responses": {f"Problem{status}": _problem(status) for status in sorted({s for s, _t in CODES.values()})},
            "headers": {n: {"description": d, "schema": {"type": "string"}} for n, d in _HEADERS.items()},
        },
    }


def _problem(status: int) -> Schema:
    codes = [f"`{code}`: {words}" for code, (number, words) in CODES.items() if number == status]
    return {"description": " ".join(codes), "content": {MEDIA_TYPE: {"schema": ref("Problem")}}}


def parameter(name: str, schema: Schema, where: str = "query", about: str = "", **more: Any) -> Schema:
    described = {"description": about} if about else {}
    return {"name": name, "in": where, "schema": schema, "required": where == "path", **described, **more}


def several(name: str, items: Schema, about: str = "", most: int = 100) -> Schema:
    schema = {"type": "array", "items": items, "minItems": 1, "maxItems": most}
    return parameter(name, schema, about=about, style="form", explode=False)


def operation(
    tag: str, name: str, about: str, good: dict[int, Schema | None], problems: Iterable[int],
    parameters: Iterable[Schema] = (), body: Schema | None = None,
) -> Schema:  # fmt: skip
    """One operation. `good`: status → schema of the answer, None for an empty one."""
    responses = {str(status): _good(status, schema) for status, schema in good.items()}
    responses |= {str(s): {"$ref": f"#/components/responses/Problem{s}"} for s in sorted({*problems, *ALWAYS})}
    made: Schema = {"operationId": name, "tags": [tag], "summary": about, "responses": responses}
    made["parameters"] = list(parameters)
    if body is not None:
        needed = "$ref" in body or bool(body.get("required"))
        made["requestBody"] = {"required": needed, "content": {"application/json": {"schema": body}}}
    return made


def _good(status: int, schema: Schema | None) -> Schema:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS}
    made: Schema = {"description": {201: "Created.", 204: "Done.", 207: "Some rows failed.", 304: "Not changed."}.get(
        status, "The answer."), "headers": headers}  # fmt: skip
    return made | ({"content": {"application/json": {"schema": schema}}} if schema else {})


IF_MATCH = parameter("If-Match", {"type": "string"}, "header", 'The version you read, like "3".') | {"required": True}
IF_MATCH_OPTIONAL = IF_MATCH | {"required": False}
IF_NONE_MATCH = parameter("If-None-Match", {"type": "string"}, "header", "Answers 304 when nothing changed.")
IDEMPOTENCY = parameter(
    "Idempotency-Key", {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}, "header",
    "The same key brings the same answer for 24 hours, and one effect.",
)  # fmt: skip


def _paths(res: Resource) -> Schema:
    one = parameter("id", schemas.id_schema(res), "path")
    base = f"/{res.name}"
    paths: Schema = {base: _collection(res), f"{base}/{{id}}": {"parameters": [one], **_one(res)}}
    for name in batch_operations(res):
        paths[f"{base}/batch/{name}"] = {"post": _batch(res, name)}
    if "delete" in res.verbs:
        paths[f"{base}/{{id}}/restore"] = {"parameters": [one], "post": _restore(res)}
    if "update" in res.verbs:
        system = parameter("system", {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"}, "path")
        paths[f"{base}/{{id}}/external_ids/{{system}}"] = {"parameters": [one, system], "delete": _unname(res)}
    for action in res.actions:
        paths[f"{base}/{{id}}/{action.name}"] = {"parameters": [one], "post": _action(res, action)}
    return paths


def batch_operations(res: Resource) -> list[str]:
    wanted = {"upsert": CREATE, "update": "update", "delete": "delete"}
    return [name for name, verb in wanted.items() if verb in res.verbs] + ["read"]


def _collection(res: Resource) -> Schema:
    made = {"get": operation(res.name, f"list_{res.name}", f"List {_words(res.name)}.", {200: ref(f"{title(res)}List")},
                             (400,), _list_parameters(res))}  # fmt: skip
    if CREATE in res.verbs:
        made["post"] = operation(
            res.name, f"create_{res.singular}", f"Create a {_words(res.singular)}.", {201: ref(title(res))},
            (400, 409, 413, 415, 422), [IDEMPOTENCY], ref(f"{title(res)}Create"),
        )  # fmt: skip
    return made


def _list_parameters(res: Resource) -> list[Schema]:
    moment = {"type": "string", "format": "date-time"}
    made = [
        parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}),
        parameter("cursor", {"type": "string"}, about="next_cursor of the page before, with the same filters."),
        parameter("include", {"enum": ["count"]}, about="Count all rows that meet the filters."),
        parameter(
            "updated_since", moment, about="Inclusive. Rows of transactions still at work wait for the next call."
        ),
        parameter("updated_before", moment),
        parameter("created_since", moment),
        parameter("include_deleted", {"type": "boolean"}),
        parameter("external_id", {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}:.+$"}, about="system:id"),
        *_view_parameters(res),
    ]
    for name, f in filters(res, SYSTEM).items():
        schema = f.kind.schema()
        made.append(several(name, schema) if name.endswith("[in]") else parameter(name, schema))
    return made


def _view_parameters(res: Resource) -> list[Schema]:
    made = [several("fields", {"enum": property_names(res, SYSTEM)}, "Only these properties, beside object and id.")]
    paths = expandable(res)
    return [*made, several("expand", {"enum": paths}, "Bring these records along.")] if paths else made


def expandable(res: Resource) -> list[str]:
    """Every path that `expand` takes, at most two steps."""
    first = {name: to for name, (_column, to) in res.refs.items()} | {rows.name: rows.to for rows in res.lists}
    second = {name: [*resource(to).refs, *(r.name for r in resource(to).lists)] for name, to in first.items()}
    return [*first, *(f"{name}.{deeper}" for name, names in second.items() for deeper in names)]


def _one(res: Resource) -> Schema:
    known = _words(res.singular)
    made = {"get": operation(res.name, f"get_{res.singular}", f"Read a {known}.", {200: ref(title(res)), 304: None},
                             (400, 404, 410), [IF_NONE_MATCH, *_view_parameters(res)])}  # fmt: skip
    if "update" in res.verbs:
        made["patch"] = operation(
            res.name, f"update_{res.singular}", f"Change a {known}: what is absent stays, null clears.",
            {200: ref(title(res))}, (400, 404, 409, 410, 412, 413, 415, 428), [IF_MATCH], ref(f"{title(res)}Patch"),
        )  # fmt: skip
    if {"delete", "remove"} & res.verbs:
        made["delete"] = operation(res.name, f"delete_{res.singular}", f"Delete a {known}.", {204: None},
                                   (400, 404, 409, 410, 412, 428), [IF_MATCH])  # fmt: skip
    return made


def _restore(res: Resource) -> Schema:
    return operation(res.name, f"restore_{res.singular}", "Bring it back within 30 days.", {200: ref(title(res))},
                     (400, 404, 409, 410, 412, 413, 415, 422), [IDEMPOTENCY, IF_MATCH_OPTIONAL])  # fmt: skip


def _unname(res: Resource) -> Schema:
    return operation(res.name, f"delete_{res.singular}_external_id", "Forget what one system calls it.",
                     {200: ref(title(res))}, (400, 404, 409, 410, 412, 428), [IF_MATCH])  # fmt: skip


def _action(res: Resource, action: Action) -> Schema:
    needed = [f.name for f in action.fields if f.required]
    fields = {f.name: f.schema(writing=True) for f in action.fields}
    match = IF_MATCH if action.needs_version else IF_MATCH_OPTIONAL
    return operation(
        res.name, f"{action.name}_{res.singular}", action.about, {action.status: ref(title(res))},
        (400, 404, 409, 410, 412, 413, 415, 422, *((428,) if action.needs_version else ())), [IDEMPOTENCY, match],
        object_of(fields, needed, additionalProperties=False),
    )  # fmt: skip


def _batch(res: Resource, name: str) -> Schema:
    answers: dict[int, Schema | None] = {200: ref(f"{title(res)}Batch"), 207: ref(f"{title(res)}Batch")}
    about = f"{name.title()} up to 1,000 {_words(res.name)}, with a result for each row."
    return operation(res.name, f"batch_{name}_{res.name}", about, answers, (400, 409, 413, 415, 422), [IDEMPOTENCY],
                     schemas.batch_body(res, name))  # fmt: skip


def _described(resources: list[Resource]) -> Schema:
    name = parameter("resource", {"enum": [res.name for res in resources]}, "path")
    return operation("schema", "get_schema", "The fields of a resource.", {200: {"type": "object"}}, (400, 404), [name])


def _events(resources: list[Resource]) -> Schema:
    shapes: dict[str, Schema] = {
        "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
        "start": {"enum": ["beginning", "now"]},
        "type": {"type": "string", "pattern": r"^[a-z_]+(\.[a-z_]+)?$", "maxLength": 80},
        "resource": {"enum": [res.name for res in resources]},
        "resource_id": {"type": "string", "pattern": "^[a-z_]{1,17}_[0-9a-f]{32}$"},
    }
    made = [parameter(n, shapes.get(n, {"type": "string"})) for n in EVENT_PARAMETERS if not n.endswith("[in]")]
    made.append(several("type[in]", shapes["type"]))
    return operation(
        "events", "list_events", "Read on in the order of all events.", {200: ref("EventList")}, (400,), made
    )


def _words(name: str) -> str:
    return name.replace("_", " ")
