"""Many rows at once: COPY into a temporary table, then SQL over the whole set, in chunks of 10,000.

The row events of a chunk carry its batch and open no deliveries; the one `batch.loaded` event of the chunk does.
Runs in a scope that sees all. Words of SQL come from models and from code, values only through COPY and parameters.
"""
# ruff: noqa: S608

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from io import StringIO
from itertools import islice
from typing import Any, ClassVar
from uuid import UUID

from django.db import connection, models
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused
from core.events import record
from core.ids import public_id, uuid7
from core.models import Record

CHUNK = 10_000
BOOKS = {
    "line": "integer",  # of the file, or index of the request
    "ext_id": "text",
    "fresh_id": "uuid",  # the id a new row gets
    "object_id": "uuid",
    "outcome": "text",  # created, updated, unchanged, skipped; what is set before the upsert is left out of it
    "why": "text",
    "changes": "jsonb",
}
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class Batch:
    """One chunk of a load: by whom, when; the subject of its `batch.loaded` event."""

    by: Actor
    at: datetime
    pk: UUID = field(default_factory=uuid7)
    resource: ClassVar[str] = "batch"
    prefix: ClassVar[str] = "batch"
    version: ClassVar[None] = None

    @property
    def public_id(self) -> str:
        return public_id(self.prefix, self.pk) or ""


@dataclass(frozen=True, slots=True)
class Target:
    """Rows of `model` that `system` knows by an external id, and the columns a load writes.

    `watched` columns go into events with before and after, of others only the name. Over the staged row `s`, `owner`
    is the SQL of the partner that may read the events, `names_owner` of whose the external ids are. `natural` names
    a unique column by which rows without an external id are found. A `metadata` column is merged, not replaced.
    """

    model: type[Record]
    system: str
    columns: tuple[str, ...]
    watched: frozenset[str] = frozenset()
    owner: str = "NULL::uuid"
    names_owner: str = "NULL::uuid"
    natural: str = ""
    initial: Mapping[str, Any] = field(default_factory=dict)  # what new rows hold in other columns than the default

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def types(self) -> dict[str, str]:
        """Column → SQL type, for staging."""
        by_column = {f.column: f for f in self.model._meta.concrete_fields}
        return {name: by_column[name].db_type(connection) or "text" for name in self.columns}

    def constants(self) -> dict[str, Any]:
        """What new rows hold in the columns that neither the load nor the database fills."""
        rest = (f for f in self.model._meta.concrete_fields if f.column not in self.columns and not f.primary_key)
        filled = (f for f in rest if f.db_default is models.NOT_PROVIDED)
        values = {str(f.column): f.get_default() for f in filled} | dict(self.initial)
        by_column = {f.column: f for f in self.model._meta.concrete_fields}
        return {name: by_column[name].get_db_prep_save(value, connection) for name, value in values.items()}


def chunks(rows: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """The rows in lists of at most `size`."""
    rest = iter(rows)
    while chunk := list(islice(rest, size)):
        yield chunk


@contextmanager
def exclusive(name: str) -> Iterator[None]:
    """Keeps other processes from doing the same until the block ends. Raises Refused when one does it already.

    Behind a pooler that hands out connections per transaction there is no lock to hold; loads stay correct without.
    """
    if connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
        yield
        return
    if not _ask("SELECT pg_try_advisory_lock(hashtextextended(%s, 17))", [name]):
        raise Refused(_("Another import is running. Wait until it has ended, then start again."), code="busy")
    try:
        yield
    finally:
        if connection.is_usable():
            _ask("SELECT pg_advisory_unlock(hashtextextended(%s, 17))", [name])


def _ask(sql: str, params: Sequence[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()[0]


def stage(table: str, columns: dict[str, str], rows: Iterable[Sequence[Any]]) -> None:
    """A new temporary table with the bookkeeping columns and `columns`; rows are (line, ext_id, fresh_id, *columns).

    An external id comes once per chunk; who calls keeps the last and says so.
    """
    kinds = ", ".join(f'"{name}" {kind}' for name, kind in {**BOOKS, **columns}.items())
    named = ", ".join(f'"{name}"' for name in ("line", "ext_id", "fresh_id", *columns))
    text = StringIO("".join("\t".join(map(_word, row)) + "\n" for row in rows))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(f"CREATE TEMPORARY TABLE {table} ({kinds}) ON COMMIT DROP")
        cursor.copy_expert(f"COPY pg_temp.{table} ({named}) FROM STDIN", text)
        cursor.execute(f"ANALYZE pg_temp.{table} (ext_id, outcome)")


def _word(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, UUID | Decimal | int):
        return str(value)
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return text.translate(_ESCAPES)


def upsert(target: Target, table: str, batch: Batch) -> None:
    """Writes the staged rows without an outcome and tells each its outcome. Unchanged rows are not written."""
    with connection.cursor() as cursor:
        for sql, params in _steps(target, f"pg_temp.{table}"):
            cursor.execute(sql, params)
    of_rows = f"""SELECT s.object_id, s.outcome, r.version, {target.owner}, s.changes
        FROM pg_temp.{table} s JOIN {target.table} r ON r.id = s.object_id WHERE s.outcome IN ('created', 'updated')"""
    write_events(batch, target.model, of_rows)


Sql = tuple[str, list[Any]]


def _steps(target: Target, t: str) -> Iterator[Sql]:
    yield from _find(target, t)
    yield from _judge(target, t)
    yield _insert(target, t)
    new = {c: "r.metadata || s.metadata" if c == "metadata" else f's."{c}"' for c in target.columns}
    sets = ", ".join(f'"{c}" = {value}' for c, value in new.items())
    yield f"UPDATE {target.table} r SET {sets} FROM {t} s WHERE r.id = s.object_id AND s.outcome = 'updated'", []
    # Outcomes and ids are new: what follows must not take the table for empty.
    yield f"ANALYZE {t} (object_id, outcome)", []


def _find(target: Target, t: str) -> Iterator[Sql]:
    """Every row gets the id of its object. Who comes second at a name waits, then finds the object of who was first."""
    known = [target.model.resource, target.system]
    named = "core_externalid e WHERE e.resource = %s AND e.system = %s AND e.ext_id = s.ext_id"
    if target.natural:
        same = f'r."{target.natural}" = s."{target.natural}"'
        yield f"UPDATE {t} s SET fresh_id = r.id FROM {target.table} r WHERE {same} AND s.outcome IS NULL", []
    names = f"""INSERT INTO core_externalid (id, resource, system, ext_id, object_id, partner_id, url)
        SELECT gen_random_uuid(), %s, %s, s.ext_id, s.fresh_id, {target.names_owner}, '' FROM {t} s
        WHERE s.outcome IS NULL AND NOT EXISTS (SELECT FROM {named}) ON CONFLICT DO NOTHING"""
    yield names, known * 2
    yield f"UPDATE {t} s SET object_id = (SELECT e.object_id FROM {named}) WHERE s.outcome IS NULL", known


def _judge(target: Target, t: str) -> Iterator[Sql]:
    """Every row gets its outcome, and what changes; the rows that will change are locked first, in one order."""
    join = f"FROM {target.table} r WHERE r.id = s.object_id AND s.outcome"
    gone = f"UPDATE {t} s SET outcome = 'skipped', why = %s {join} IS NULL AND r.deleted_at IS NOT NULL"
    yield gone, [_("It was deleted here.")]
    differs = f"CASE WHEN {_differs(target)} THEN 'updated' ELSE 'unchanged' END"
    yield f"UPDATE {t} s SET outcome = {differs} {join} IS NULL", []
    locked = f"SELECT FROM {target.table} r JOIN {t} s ON s.object_id = r.id WHERE s.outcome = 'updated'"
    yield f"SELECT count(*) FROM ({locked} ORDER BY r.id FOR UPDATE OF r) x", []
    yield f"UPDATE {t} s SET changes = {_changes(target, 'r.')} {join} = 'updated'", []
    yield f"UPDATE {t} s SET outcome = 'created', changes = {_changes(target)} WHERE s.outcome IS NULL", []


def _differs(target: Target) -> str:
    plain = [f's."{c}" IS DISTINCT FROM r."{c}"' for c in target.columns if c != "metadata"]
    merged = ["NOT r.metadata @> s.metadata"] if "metadata" in target.columns else []
    return " OR ".join(plain + merged)


def _changes(target: Target, before: str = "") -> str:
    """The SQL of an event's data: {changes: {column: [before, after]}, fields: [names of others]}."""
    watched = " || ".join(_pair(c, before) for c in target.columns if c in target.watched) or "'{}'::jsonb"
    others = [c for c in target.columns if c not in target.watched and c != "metadata"] if before else []
    names = " || ".join(_name_if_changed(c) for c in others)
    return f"jsonb_build_object('changes', {watched}" + (f", 'fields', {names})" if names else ")")


def _name_if_changed(column: str) -> str:
    return f'CASE WHEN s."{column}" IS DISTINCT FROM r."{column}" THEN \'["{column}"]\'::jsonb ELSE \'[]\'::jsonb END'


def _pair(column: str, before: str) -> str:
    old = f'{before}"{column}"' if before else "NULL"
    pair = f"jsonb_build_object('{column}', jsonb_build_array(({old})::text, (s.\"{column}\")::text))"
    return f"CASE WHEN s.\"{column}\" IS DISTINCT FROM {old} THEN {pair} ELSE '{{}}'::jsonb END"


def _insert(target: Target, t: str) -> tuple[str, list[Any]]:
    constants = target.constants()
    names = ", ".join(f'"{name}"' for name in ("id", *target.columns, *constants))
    values = ", ".join(["s.object_id", *(f's."{c}"' for c in target.columns), *["%s"] * len(constants)])
    sql = f"INSERT INTO {target.table} ({names}) SELECT {values} FROM {t} s WHERE s.outcome = 'created' ORDER BY s.line"
    return sql, list(constants.values())


def write_events(
    batch: Batch, model: type[Record], statement: str, params: Mapping[str, Any] | None = None
) -> list[tuple[UUID, UUID | None]]:
    """An event of the batch for each row (id, verb, version, partner_id, data) that `statement` gives or returns.

    They open no deliveries. `params` are named. Answers (subject id, partner id) of each.
    """
    sql = f"""WITH x (id, verb, version, partner_id, data) AS ({statement})
        INSERT INTO core_event (type, subject_type, subject_id, subject_public_id, subject_version, partner_id, at,
            actor_kind, actor_label, actor_id, request_id, batch, data)
        SELECT %(_resource)s || '.' || x.verb, %(_resource)s, x.id,
            %(_prefix)s || '_' || replace(x.id::text, '-', ''), x.version, x.partner_id, %(_at)s,
            %(_kind)s, %(_label)s, %(_actor)s, '', %(_batch)s, coalesce(x.data, '{{}}') FROM x
        RETURNING subject_id, partner_id"""
    who: dict[str, Any] = {"_at": batch.at, "_kind": batch.by.kind, "_label": batch.by.label, "_actor": batch.by.id}
    what: dict[str, Any] = {"_batch": batch.pk, "_resource": model.resource, "_prefix": model.prefix}
    with connection.cursor() as cursor:
        cursor.execute(sql, {**(params or {}), **who, **what})
        return cursor.fetchall()


def loaded(batch: Batch, resource: str, partner_ids: Iterable[UUID], **counts: int) -> None:
    """Records `batch.loaded`: what reacts to it recomputes what these partners' new rows touch."""
    partners = sorted(str(pk) for pk in partner_ids)
    data = {"resource": resource, "partner_ids": partners, **counts}
    record("loaded", batch, by=batch.by, at=batch.at, data=data)  # type: ignore[arg-type]  # named like a record
