"""A resource is a table of facts: its fields, filters, relations, writers and actions. Nothing here does anything."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from core.actor import Actor
from core.api.kinds import Bad, Kind, Schema
from core.ids import parse_public_id
from core.models import Record
from core.workflow import Workflow

READ, CREATE, WRITE = "read", "create", "write"
_registry: dict[str, "Resource"] = {}


@dataclass(frozen=True)
class Field:
    """One property of a resource. `write`: never (read), on creation only (create), always (write)."""

    name: str
    kind: Kind
    column: str = ""
    write: str = WRITE
    required: bool = False  # on creation
    null: bool = True  # may be cleared
    filter: bool = False
    vendor: bool = False  # partner keys neither see nor write it
    personal: bool = False  # the event log keeps its name alone
    about: str = ""

    @property
    def source(self) -> str:
        return self.column or self.name

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.source,)

    def show(self, row: Mapping[str, Any]) -> Any:
        return self.kind.show(row[self.source])

    def read(self, value: Any) -> dict[str, Any]:
        """Column → value of what was sent. Raises Bad."""
        found = self.kind.empty if value is None else self.kind.read(value)
        if found in (None, "", []) and (self.required or not self.null):
            raise Bad("required", "This can't be empty.")
        return {self.source: found}

    def schema(self, *, writing: bool = False) -> Schema:
        known = self.kind.schema()
        if writing and self.required and known.get("type") == "string" and "pattern" not in known:
            known = {**known, "minLength": 1}
        if self.null and not (writing and self.required):
            known |= {"type": [known["type"], "null"]} | ({"enum": [*known["enum"], None]} if "enum" in known else {})
        return {**known, "description": self.about} if self.about else known


@dataclass(frozen=True)
class Derived(Field):
    """A read-only property computed from columns of the row."""

    of: tuple[str, ...] = ()
    by: Callable[..., Any] = str
    write: str = READ

    @property
    def columns(self) -> tuple[str, ...]:
        return self.of

    def show(self, row: Mapping[str, Any]) -> Any:
        return self.kind.show(self.by(*(row[column] for column in self.of)))


@dataclass(frozen=True)
class Lookup(Field):
    """A reference told by a word of its target: `product_sku`. `path` leads to the word, `find` back to the id."""

    path: str = ""
    find: Callable[[str], UUID | None] = lambda word: None

    @property
    def source(self) -> str:
        return self.path

    def read(self, value: Any) -> dict[str, Any]:
        word = self.kind.read(value) if value is not None else ""
        found = self.find(word) if word else None
        if word and found is None:
            raise Bad("not_found", "There is no such record.")
        return {self.column: found}


def read_parts(parts: Iterable[Field], value: Any) -> dict[str, Any]:
    """Column → value of an object of these fields. Raises Bad."""
    known = {part.name: part for part in parts}
    if not isinstance(value, dict):
        raise Bad("wrong_type", "Send an object.")
    found: dict[str, Any] = {}
    for name, item in value.items():
        if name not in known:
            raise Bad("unknown_field", "There is no such field.", f"/{name}")
        try:
            found |= known[name].read(item)
        except Bad as bad:
            raise Bad(bad.code, bad.detail, f"/{name}{bad.at}") from None
    return found


@dataclass(frozen=True)
class Group(Field):
    """An object of several columns: `contact{name, email}`. A patch changes the parts it names; null clears all."""

    kind: Kind = field(default_factory=Kind)
    parts: tuple[Field, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(part.source for part in self.parts)

    def show(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {part.name: part.show(row) for part in self.parts}

    def read(self, value: Any) -> dict[str, Any]:
        if value is None:
            return {part.source: part.kind.empty for part in self.parts}
        return read_parts(self.parts, value)

    def schema(self, *, writing: bool = False) -> Schema:
        parts = {part.name: part.schema(writing=writing) for part in self.parts}
        return {"type": ["object", "null"], "properties": parts, "additionalProperties": False}


@dataclass(frozen=True)
class Ref(Kind):
    """The public id of another record. `to` names a resource, or `model` and `rows` stand for one that is none."""

    to: str = ""
    model: Any = None
    rows: Callable[[Actor], QuerySet] | None = None

    @property
    def target(self) -> Any:
        return self.model or _registry[self.to].model

    def read(self, value: Any) -> UUID:
        if not isinstance(value, str):
            raise Bad("wrong_type", "Send an id.")
        found = parse_public_id(self.target.prefix, value)
        if found is None:
            raise self.missing()
        return found

    def missing(self) -> Bad:
        """The same words for an id of nobody's, of another partner's and for what is no id."""
        return Bad("not_found", "There is no such record.")

    def choices(self, actor: Actor) -> QuerySet:
        """The records that this actor may point to."""
        return self.rows(actor) if self.rows else self.target.objects.visible_to(actor).filter(deleted_at=None)

    def show(self, value: UUID | None) -> str | None:
        return None if value is None else f"{self.target.prefix}_{value.hex}"

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^{self.target.prefix}_[0-9a-f]{{32}}$"}


@dataclass(frozen=True)
class Nested:
    """Rows of a child resource inside each object: `opportunities.partners[]`, written as a whole.

    Through `write`, or (`whole`) by the resource's own create and update, which get the rows among the values.
    """

    name: str
    to: str
    column: str  # of the child, pointing here
    fields: tuple[str, ...]
    write: Callable[..., bool] | None = None  # (parent, rows, *, by, at) -> whether anything changed
    whole: bool = False
    ids: bool = False  # whether the rows tell their ids
    order: tuple[str, ...] = ("id",)

    @property
    def is_written(self) -> bool:
        return self.whole or self.write is not None

    @property
    def child(self) -> "Resource":
        return _registry[self.to]

    def shown_to(self, actor: Actor) -> "list[Field]":
        open_to = {f.name for f in self.child.shown_to(actor)}
        return [self.child.by_name[name] for name in self.fields if name in open_to]

    def writable(self) -> "list[Field]":
        return [f for name in self.fields if (f := self.child.by_name[name]).write != READ]


@dataclass(frozen=True)
class Rows:
    """A list that `expand` can bring: `programs.tiers`."""

    name: str
    to: str
    column: str


@dataclass(frozen=True)
class Action:
    """A state change as POST /{resource}/{id}/{name}: `service(object, particulars?, *, by, at)`."""

    name: str
    service: Callable[..., Any]
    about: str
    step: str = ""  # of the resource's workflow
    fields: tuple[Field, ...] = ()
    particulars: Callable[..., Any] | None = None  # column=value … -> what the service takes; may raise Bad
    needs_version: bool = False
    status: int = 200
    permission: str = ""  # where no step tells it


def same(service: Callable[..., Any]) -> Callable[..., Any]:
    """The service as an action that answers with its own subject, whatever else it makes."""

    def run(subject: Any, *particulars: Any, by: Actor, at: datetime) -> Any:
        service(subject, *particulars, by=by, at=at)
        subject.refresh_from_db()
        return subject

    return run


@dataclass(frozen=True)
class Resource:
    """Everything the API knows about one kind of record."""

    name: str
    model: type[Record]
    fields: tuple[Field, ...]
    about: str
    owner: str = ""  # column of the partner the record belongs to
    verbs: frozenset[str] = (
        frozenset()
    )  # of create, update, delete (30 days to restore), remove (for good, by a service)
    writers: tuple[str, ...] = ()  # permissions, any of which lets write
    nested: tuple[Nested, ...] = ()
    lists: tuple[Rows, ...] = ()
    actions: tuple[Action, ...] = ()
    workflow: Workflow | None = None
    natural: tuple[str, ...] = ()  # fields that may stand for an id in an upsert, when the client says so
    prepare: Callable[[dict[str, Any], Any], Mapping[str, Any]] | None = None  # (values, object) -> derived columns
    check: Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]] | None = (
        None  # merged row and id -> (field, what is wrong)
    )
    alone: tuple[str, ...] = ()  # columns that `check` compares with other records: no such row waits in a batch
    create: Callable[..., Record] | None = None  # service: (values, *, by, at) -> object
    update: Callable[..., Mapping[str, Any]] | None = None  # service: (object, values, *, by, at) -> values it left
    update_for: frozenset[str] = frozenset()  # the columns whose change that service is asked for; none: any
    delete: Callable[..., object] | None = None  # service: (object, *, by, at)
    plain: tuple[str, ...] = ()  # columns that a create service leaves to us
    computed: Callable[[QuerySet], QuerySet] | None = None  # adds columns that are reckoned when they are read
    unique: Mapping[str, str] = field(default_factory=dict)  # constraint -> field it speaks of
    has_reference: bool = False

    @property
    def singular(self) -> str:
        return self.model.resource

    @property
    def prefix(self) -> str:
        return self.model.prefix

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {f.name: f for f in self.fields}

    @cached_property
    def refs(self) -> dict[str, tuple[str, str]]:
        """What `expand` can follow: name without _id → (column, resource)."""
        pairs = ((f, f.kind) for f in self.fields if isinstance(f.kind, Ref) and f.kind.to)
        return {f.name.removesuffix("_id"): (f.source, kind.to) for f, kind in pairs}

    @cached_property
    def joined(self) -> list[str]:
        """Relations whose words stand in the rows."""
        return sorted({c.rpartition("__")[0] for f in self.fields for c in f.columns if "__" in c})

    def shown_to(self, actor: Actor) -> list[Field]:
        return [f for f in self.fields if actor.sees_all or not f.vendor]

    def writable(self, actor: Actor, verb: str) -> dict[str, Field]:
        modes = (CREATE, WRITE) if verb == CREATE else (WRITE,)
        return {f.name: f for f in self.shown_to(actor) if f.write in modes}

    def visible_to(self, actor: Actor) -> QuerySet:
        rows = self.model.objects.visible_to(actor)  # type: ignore[attr-defined]
        return self.computed(rows) if self.computed else rows

    def field_named(self, word: str) -> str:
        """The API's name of what a service calls `word`."""
        known = (f.name for f in self.fields if word in (f.name, f.name.removesuffix("_id"), f.column, *f.columns))
        return next(known, word)

    def owner_of(self, record: Any) -> UUID | None:
        return getattr(record, self.owner) if self.owner else None


def register(resources: Iterable[Resource]) -> None:
    """Sets all resources, once, at start."""
    _registry.clear()
    _registry.update((resource.name, resource) for resource in resources)


def resource(name: str) -> Resource:
    return _registry[name]


def all_resources() -> list[Resource]:
    return list(_registry.values())
