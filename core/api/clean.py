"""From the words of a body to the values of a record, with every mistake named by its place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.actor import Actor
from core.api import external
from core.api.containers import Pairs
from core.api.kinds import Bad
from core.api.problems import Problem
from core.api.resources import CREATE, READ, Field, Lookup, Nested, Ref, Resource

Errors = list[tuple[str, str, Any]]
METADATA = Pairs()


@dataclass
class Seen:
    """What a request found before: records it may refer to, and where the words of look-ups lead."""

    records: set[tuple[Any, Any]] = field(default_factory=set)
    words: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def read(self, f: Field, value: Any) -> dict[str, Any]:
        """Column → value of what was sent; a word is looked up once. Raises Bad."""
        if not isinstance(f, Lookup) or not isinstance(value, str):
            return f.read(value)
        if (f.name, value) not in self.words:
            self.words[f.name, value] = f.read(value)
        return self.words[f.name, value]


@dataclass
class Draft:
    """What a body wants a record to be."""

    values: dict[str, Any] = field(default_factory=dict)  # column → value
    names: tuple[external.Name, ...] = ()
    settled: bool = False  # the names are held already and no record bears them
    metadata: dict[str, str | None] = field(default_factory=dict)  # to merge
    forget_metadata: bool = False
    nested: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Reader:
    """Who sends the body, and which references were found good before."""

    actor: Actor
    seen: Seen


class Invalid(Exception):
    """Some values can't be accepted: (pointer, code, detail) of each."""

    def __init__(self, errors: Errors):
        super().__init__("invalid")
        self.errors = errors

    def problem(self) -> Problem:
        return Problem("validation_failed", errors=self.errors)


def expect_object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise Invalid([("", "wrong_type", "Send a JSON object.")])
    return body


def draft(res: Resource, body: Any, actor: Actor, verb: str, seen: Seen | None = None) -> Draft:
    """The draft of a body. `verb` is create or write; `seen` remembers good references. Raises Invalid."""
    seen = seen or Seen()
    body, errors, made = expect_object(body), [], Draft()
    known = res.writable(actor, verb)
    for name, value in body.items():
        try:
            _take(res, made, known, (name, value), Reader(actor, seen))
        except Bad as bad:
            errors.append((f"/{name}{bad.at}", bad.code, bad.detail))
        except Invalid as invalid:
            errors += [(f"/{name}{pointer}", code, detail) for pointer, code, detail in invalid.errors]
    if verb == CREATE:
        errors += missing((f for f in known.values() if not understood(res, f, actor)), body)
    errors += strangers(known.values(), made.values, actor, seen)
    if errors:
        raise Invalid(errors)
    return made


def _take(res: Resource, made: Draft, known: Mapping[str, Field], sent: tuple[str, Any], reader: Reader) -> None:
    """Puts one property of the body into the draft. Raises Bad or Invalid."""
    name, value = sent
    nested = next((n for n in res.nested if n.name == name and n.is_written), None)
    if name == "external_ids":
        made.names = external.read(value)
    elif name == "metadata":
        made.metadata, made.forget_metadata = ({}, True) if value is None else (METADATA.read(value), False)
    elif nested:
        made.nested[name] = _rows(nested, value, reader)
    elif name in known:
        made.values |= reader.seen.read(known[name], value)
    else:
        raise Bad(*_unknown(res, name, reader.actor))


def _unknown(res: Resource, name: str, actor: Actor) -> tuple[str, str]:
    readable = {f.name for f in res.shown_to(actor)} | {n.name for n in res.nested}
    common = {"id", "object", "version", "created_at", "updated_at", "deleted_at", "reference"}
    if name in readable or name in common:
        return "read_only", "This field can't be written here."
    return "unknown_field", "There is no such field."


def understood(res: Resource, f: Field, actor: Actor) -> bool:
    """Whether a key bound to one partner needs not say this: whose record it is."""
    return f.source == res.owner and actor.own is not None


def missing(fields: Iterable[Field], body: Mapping[str, Any]) -> Errors:
    return [(f"/{f.name}", "required", "This is needed.") for f in fields if f.required and f.name not in body]


def strangers(fields: Iterable[Field], values: Mapping[str, Any], actor: Actor, seen: Seen | None = None) -> Errors:
    """References to records that are not there for this actor."""
    seen = seen or Seen()
    errors: Errors = []
    for f in fields:
        kind, pk = f.kind, values.get(f.source)
        if not isinstance(kind, Ref) or pk is None or (kind.target, pk) in seen.records:
            continue
        if kind.choices(actor).filter(pk=pk).exists():
            seen.records.add((kind.target, pk))
        else:
            bad = kind.missing()
            errors.append((f"/{f.name}", bad.code, bad.detail))
    return errors


def _rows(nested: Nested, value: Any, reader: Reader) -> list[dict[str, Any]]:
    """The rows of a nested list, as columns of the child."""
    if not isinstance(value, list) or len(value) > 100:
        raise Bad("wrong_type", "Send a list of at most 100 objects.")
    known = nested.shown_to(reader.actor)
    errors: Errors = []
    found = []
    for place, item in enumerate(value):
        try:
            found.append(plain(known, item, reader.actor, reader.seen))
        except Invalid as invalid:
            errors += [(f"/{place}{pointer}", code, detail) for pointer, code, detail in invalid.errors]
    if errors:
        raise Invalid(errors)
    return found


def plain(fields: Iterable[Field], body: Any, actor: Actor, seen: Seen | None = None) -> dict[str, Any]:
    """Column → value of a body of these fields alone: an action's, or a nested row. Raises Invalid."""
    known = {f.name: f for f in fields}
    errors: Errors = []
    values: dict[str, Any] = {}
    for name, value in expect_object(body).items():
        if name not in known:
            errors.append((f"/{name}", "unknown_field", "There is no such field."))
            continue
        if known[name].write == READ:
            errors.append((f"/{name}", "read_only", "This field can't be written here."))
            continue
        try:
            values |= known[name].read(value)
        except Bad as bad:
            errors.append((f"/{name}{bad.at}", bad.code, bad.detail))
    errors += missing(known.values(), body) + strangers(known.values(), values, actor, seen)
    if errors:
        raise Invalid(errors)
    return values


def judged(res: Resource, row: Mapping[str, Any]) -> None:
    """Applies the resource's own rules to the row as it would be. Raises Invalid."""
    errors = [(f"/{name}", "rule", words) for name, words in (res.check(row) if res.check else ())]
    if errors:
        raise Invalid(errors)
