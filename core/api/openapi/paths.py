"""The paths of one resource, from its table of facts."""

from core.actor import SYSTEM
from core.api.kinds import Schema
from core.api.openapi import schemas
from core.api.openapi.parts import (
    IDEMPOTENCY,
    IF_MATCH,
    IF_MATCH_OPTIONAL,
    IF_NONE_MATCH,
    LIMIT,
    Answers,
    object_of,
    operation,
    parameter,
    ref,
    several,
)
from core.api.openapi.schemas import title
from core.api.query import filters
from core.api.resources import CREATE, Action, Resource, resource
from core.api.show import property_names

_MOMENT: Schema = {"type": "string", "format": "date-time"}
_CHANGE = (400, 404, 409, 410, 412, 428)
_POST = (400, 409, 413, 415, 422)


def of(res: Resource) -> Schema:
    """Path → methods."""
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


def expandable(res: Resource) -> list[str]:
    """Every path that `expand` takes, at most two steps."""
    first = {name: to for name, (_column, to) in res.refs.items()} | {rows.name: rows.to for rows in res.lists}
    second = {name: [*resource(to).refs, *(r.name for r in resource(to).lists)] for name, to in first.items()}
    return [*first, *(f"{name}.{deeper}" for name, names in second.items() for deeper in names)]


def _collection(res: Resource) -> Schema:
    listed = Answers({200: ref(f"{title(res)}List")}, (400,))
    made = {
        "get": operation(res.name, f"list_{res.name}", f"List {_words(res.name)}.", listed, given=_list_parameters(res))
    }
    if CREATE in res.verbs:
        about, body = f"Create a {_words(res.singular)}.", ref(f"{title(res)}Create")
        created = Answers({201: ref(title(res))}, _POST)
        made["post"] = operation(res.name, f"create_{res.singular}", about, created, given=[IDEMPOTENCY], body=body)
    return made


def _list_parameters(res: Resource) -> list[Schema]:
    made = [
        LIMIT,
        parameter("cursor", {"type": "string"}, about="next_cursor of the page before, with the same filters."),
        parameter("include", {"enum": ["count"]}, about="Count all rows that meet the filters."),
        parameter("updated_since", _MOMENT, about="Inclusive. Rows still being written come with the next call."),
        parameter("updated_before", _MOMENT),
        parameter("created_since", _MOMENT),
        parameter("include_deleted", {"type": "boolean"}),
        parameter("external_id", {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}:.+$"}, about="system:id"),
        *_view_parameters(res),
    ]
    for name, f in filters(res, SYSTEM).items():
        schema = f.kind.schema()
        made.append(several(name, schema) if name.endswith("[in]") else parameter(name, schema))
    return made


def _view_parameters(res: Resource) -> list[Schema]:
    names, paths = property_names(res, SYSTEM), expandable(res)
    made = [several("fields", {"enum": names}, "Only these properties, beside object and id.")]
    return [*made, several("expand", {"enum": paths}, "Bring these records along.")] if paths else made


def _one(res: Resource) -> Schema:
    known = _words(res.singular)
    read = Answers({200: ref(title(res)), 304: None}, (400, 404, 410))
    given = [IF_NONE_MATCH, *_view_parameters(res)]
    made = {"get": operation(res.name, f"get_{res.singular}", f"Read a {known}.", read, given=given)}
    if "update" in res.verbs:
        about, body = f"Change a {known}: what is absent stays, null clears.", ref(f"{title(res)}Patch")
        changed = Answers({200: ref(title(res))}, (*_CHANGE, 413, 415))
        made["patch"] = operation(res.name, f"update_{res.singular}", about, changed, given=[IF_MATCH], body=body)
    if {"delete", "remove"} & res.verbs:
        deleted = Answers({204: None}, _CHANGE)
        made["delete"] = operation(res.name, f"delete_{res.singular}", f"Delete a {known}.", deleted, given=[IF_MATCH])
    return made


def _restore(res: Resource) -> Schema:
    answers = Answers({200: ref(title(res))}, (*_POST, 404, 410, 412))
    about = "Bring it back within 30 days."
    return operation(res.name, f"restore_{res.singular}", about, answers, given=[IDEMPOTENCY, IF_MATCH_OPTIONAL])


def _unname(res: Resource) -> Schema:
    answers, about = Answers({200: ref(title(res))}, _CHANGE), "Forget what one system calls it."
    return operation(res.name, f"delete_{res.singular}_external_id", about, answers, given=[IF_MATCH])


def _action(res: Resource, action: Action) -> Schema:
    needed = [f.name for f in action.fields if f.required]
    body = object_of({f.name: f.schema(writing=True) for f in action.fields}, needed, additionalProperties=False)
    match = IF_MATCH if action.needs_version else IF_MATCH_OPTIONAL
    answers = Answers({200: ref(title(res))}, (*_POST, 404, 410, 412, *((428,) if action.needs_version else ())))
    return operation(
        res.name, f"{action.name}_{res.singular}", action.about, answers, given=[IDEMPOTENCY, match], body=body
    )


def _batch(res: Resource, name: str) -> Schema:
    answers = Answers({200: ref(f"{title(res)}Batch"), 207: ref(f"{title(res)}Batch")}, _POST)
    about = f"{name.title()} up to 1,000 {_words(res.name)}, with a result for each row."
    body = schemas.batch_body(res, name)
    return operation(res.name, f"batch_{name}_{res.name}", about, answers, given=[IDEMPOTENCY], body=body)


def _words(name: str) -> str:
    return name.replace("_", " ")
