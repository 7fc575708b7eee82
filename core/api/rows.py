"""One row of a batch: what names its object, what it expects, what became of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.api import clean, external
from core.api.kinds import Bad
from core.api.problems import problem_of
from core.api.resources import Resource
from core.ids import parse_public_id


class RowError(Exception):
    """A row can't be done; `extra` are further members of its error."""

    def __init__(self, code: str, detail: Any, **extra: Any):
        super().__init__(code)
        self.code, self.detail, self.extra = code, detail, extra


@dataclass
class Row:
    """One row of a batch: what names its object, the version it expects, and its body."""

    index: int
    body: dict[str, Any]
    id: UUID | None = None
    name: external.Name | None = None
    version: int | None = None
    error: dict[str, Any] | None = None

    @property
    def names(self) -> list[external.Name]:
        """The external ids that name the object: the match, and those in the body."""
        return [*([self.name] if self.name else []), *_sent_names(self.body)]

    @property
    def external_id(self) -> dict[str, str] | None:
        """The match, as results tell it."""
        return {"system": self.name.system, "id": self.name.id} if self.name else None

    def no_more(self) -> None:
        """Raises Invalid when the body holds anything beyond the keys."""
        if self.body:
            raise clean.Invalid([(f"/{next(iter(self.body))}", "unknown_field", "There is no such field.")])


def _sent_names(body: Mapping[str, Any]) -> Iterator[external.Name]:
    """The external ids in a row's body, where they are well formed."""
    sent = body.get("external_ids")
    for item in sent if isinstance(sent, list) else ():
        try:
            yield external.read_one(item)
        except Bad:
            continue


def read(res: Resource, index: int, item: Any) -> Row:
    row = Row(index, dict(item) if isinstance(item, dict) else {})
    try:
        clean.expect_object(item)
        sent = row.body.pop("id", None)
        if sent is not None:
            row.id = parse_public_id(res.prefix, sent)
            if row.id is None:
                raise RowError("not_found", "There is no such record.")
        match = row.body.pop("match", None)
        row.name = None if match is None else external.read_one(match, "/match")
        row.version = row.body.pop("version", None)
        if row.version is not None and (not isinstance(row.version, int) or isinstance(row.version, bool)):
            raise clean.Invalid([("/version", "wrong_type", "Send a whole number.")])
    except Exception as error:
        row.error = error_of(error)
    return row


def error_of(error: Exception) -> dict[str, Any]:
    """The error of a row. Raises what nobody foresaw, and outages, on."""
    if isinstance(error, RowError):
        return {"code": error.code, "detail": str(error.detail), **error.extra, "errors": []}
    if isinstance(error, Bad):
        return error_of(clean.Invalid([(error.at, error.code, error.detail)]))
    problem = error.problem() if isinstance(error, clean.Invalid) else problem_of(error)
    if problem is None or problem.status >= 500:
        raise error
    body = problem.body("")
    return {"code": body["code"], "detail": body["detail"], "errors": body["errors"]}
