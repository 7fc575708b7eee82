"""The small parts of an OpenAPI document: parameters, answers, operations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.api.kinds import Schema
from core.api.problems import CODES, MEDIA_TYPE
from core.api.query import MOST, USUAL

ALWAYS = (401, 403, 429, 503)
HEADERS = {
    "RateLimit-Limit": "Requests per minute.",
    "RateLimit-Remaining": "What is left of them.",
    "RateLimit-Reset": "Seconds until they are renewed.",
    "X-Request-ID": "Name this when you ask us.",
}
_WORDS = {201: "Created.", 204: "Done.", 207: "Some rows failed.", 304: "Not changed."}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def object_of(properties: Schema, required: list[str] | None = None, **more) -> Schema:
    return {"type": "object", "properties": properties, **({"required": required} if required else {}), **more}


def parameter(name: str, schema: Schema, where: str = "query", about: str = "", **more) -> Schema:
    described = {"description": about} if about else {}
    return {"name": name, "in": where, "schema": schema, "required": where == "path", **described, **more}


def several(name: str, items: Schema, about: str = "") -> Schema:
    """A parameter of up to 100 words between commas."""
    schema = {"type": "array", "items": items, "minItems": 1, "maxItems": 100}
    return parameter(name, schema, about=about, style="form", explode=False)


LIMIT = parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL})
IF_MATCH = parameter("If-Match", {"type": "string"}, "header", 'The version you read, like "3".') | {"required": True}
IF_MATCH_OPTIONAL = IF_MATCH | {"required": False}
IF_NONE_MATCH = parameter("If-None-Match", {"type": "string"}, "header", "Answers 304 when nothing changed.")
IDEMPOTENCY = parameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "header",
    "The same key brings the same answer for 24 hours, and one effect.",
)


@dataclass(frozen=True)
class Answers:
    """What an operation answers: `good` maps a status to its schema (None: no body); `problems` are statuses."""

    good: Mapping[int, Schema | None]
    problems: tuple[int, ...] = ()

    def schema(self) -> Schema:
        made = {str(status): _good(status, schema) for status, schema in self.good.items()}
        refused = sorted({*self.problems, *ALWAYS})
        return made | {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in refused}


def _good(status: int, schema: Schema | None) -> Schema:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
    made: Schema = {"description": _WORDS.get(status, "The answer."), "headers": headers}
    return made | ({"content": {"application/json": {"schema": schema}}} if schema else {})


def operation(
    tag: str, name: str, about: str, answers: Answers, *, given: Iterable[Schema] = (), body: Schema | None = None
) -> Schema:
    """One operation: `name` is its operationId, `given` its parameters."""
    made: Schema = {"operationId": name, "tags": [tag], "summary": about, "responses": answers.schema()}
    made["parameters"] = list(given)
    if body is not None:
        needed = "$ref" in body or bool(body.get("required"))
        made["requestBody"] = {"required": needed, "content": {"application/json": {"schema": body}}}
    return made


def components(schemas: Schema) -> Schema:
    return {
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "An API key: prm_…"}},
        "schemas": schemas,
        "responses": {f"Problem{status}": _problem(status) for status in sorted({s for s, _title in CODES.values()})},
        "headers": {n: {"description": about, "schema": {"type": "string"}} for n, about in HEADERS.items()},
    }


def _problem(status: int) -> Schema:
    codes = [f"`{code}`: {words}" for code, (number, words) in CODES.items() if number == status]
    return {"description": " ".join(codes), "content": {MEDIA_TYPE: {"schema": ref("Problem")}}}
