"""Writes one chunk of rows of one kind: references resolved, rows upserted, what follows from them, all set-based."""
# ruff: noqa: S608 - words of SQL come from code, values go through parameters

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from core import bulk
from core.ids import uuid7
from crm import pipeline, programs
from crm.fields import SINGULAR
from crm.job import IMPORTER, Job, Shaped
from crm.targets import STAGED, target_of

TABLE = "crm_staged"
_FRESH = frozenset({"sourcing_id", "selling_id", "registration_id"})


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one staged row. `late`: its parent is not here yet."""

    line: int
    ext_id: str
    outcome: str
    why: str
    notes: tuple[str, ...]
    late: bool


def write(job: Job, kind: str, rows: list[Shaped], *, final: bool) -> list[Result]:
    """Writes the rows in the present transaction and tells what became of each. `final`: no parent comes later."""
    target = target_of(kind, job.mapping)
    batch = bulk.Batch(IMPORTER, job.at)
    columns = {**target.types(), **STAGED[kind]}
    bulk.stage(TABLE, columns, (_record(row, columns) for row in rows))
    _resolve(job, kind, final=final)
    bulk.upsert(target, TABLE, batch)
    touched = _FOLLOWS.get(kind, _nothing)(job, batch)
    results = _results(kind)
    counts = {name: sum(one.outcome == name for one in results) for name in ("created", "updated")}
    if any(counts.values()):
        bulk.loaded(batch, SINGULAR[kind], touched, **counts)
    return results


def _record(row: Shaped, columns: dict[str, str]) -> tuple:
    known, values = row
    cells = (uuid7() if name in _FRESH else values.get(name) for name in columns)
    return known.line, known.ext_id, uuid7(), *cells


def _nothing(_job: Job, _batch: bulk.Batch) -> set[UUID]:
    return set()


def _results(kind: str) -> list[Result]:
    late = "coalesce(late, false)" if "late" in STAGED[kind] else "false"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT line, ext_id, outcome, coalesce(why, ''), note, {late} FROM {TABLE} ORDER BY line")
        return [
            Result(line, ext_id, outcome, why, tuple(note.split("\n")) if note else (), is_late)
            for line, ext_id, outcome, why, note, is_late in cursor.fetchall()
        ]


# --- before: references become ids ------------------------------------------------------------------------------------


def _resolve(job: Job, kind: str, *, final: bool) -> None:
    fields = job.mapping.files[kind].fields
    with connection.cursor() as cursor:
        if kind == "accounts" and "parent" in fields:
            _resolve_parents(cursor, job, final=final)
        if kind == "partners":
            _leave_out_direct(cursor, job)
            if "manager" in fields:
                cursor.execute(_MANAGERS, [job.mapping.system])
        if kind == "opportunities":
            for name in ("account", "product", "partner"):
                if name in fields:
                    _resolve_reference(cursor, job, name)
            if job.mapping.estimate:
                cursor.execute(_ESTIMATES)


_IN = "e.resource = %s AND e.system = %s AND e.ext_id = s."
_NOTE = "note = concat_ws(E'\\n', s.note, "
_ESTIMATES = f"""UPDATE {TABLE} s SET amount = p.list_price, amount_estimated = true FROM partners_product p
    WHERE p.id = s.product_id AND s.stage = 'open' AND s.amount IS NULL AND p.currency = s.currency
    AND p.list_price IS NOT NULL"""
# A manager is one of our people, by name or address; whoever was chosen here by hand stays when nobody fits.
_MANAGERS = f"""UPDATE {TABLE} s SET manager_id = coalesce(
    (SELECT u.id FROM accounts_user u WHERE u.kind = 'vendor' AND u.is_active
        AND (u.email = lower(s.manager) OR u.name = s.manager) ORDER BY u.created_at LIMIT 1),
    (SELECT p.manager_id FROM partners_partner p JOIN core_externalid e ON e.object_id = p.id
        WHERE e.resource = 'partner' AND e.system = %s AND e.ext_id = s.ext_id))"""


def _resolve_reference(cursor, job: Job, name: str) -> None:
    cursor.execute(
        f"""UPDATE {TABLE} s SET {name}_id = (SELECT e.object_id FROM core_externalid e WHERE {_IN}{name}_ref)
        WHERE s.{name}_ref IS NOT NULL""",
        [name, job.mapping.system],
    )
    cursor.execute(
        f"""UPDATE {TABLE} s SET outcome = 'invalid', why = concat_ws('; ', why, %s || s.{name}_ref || %s)
        WHERE s.{name}_ref IS NOT NULL AND s.{name}_id IS NULL""",
        [f"{name} '", "' is unknown"],
    )


def _resolve_parents(cursor, job: Job, *, final: bool) -> None:
    known = ["account", job.mapping.system]
    cursor.execute(
        f"""UPDATE {TABLE} s SET parent_id = coalesce(
            (SELECT e.object_id FROM core_externalid e WHERE {_IN}parent_ref),
            (SELECT x.fresh_id FROM {TABLE} x WHERE x.ext_id = s.parent_ref AND x.outcome IS NULL))
        WHERE s.parent_ref IS NOT NULL""",
        known,
    )
    unknown = "s.parent_ref IS NOT NULL AND s.parent_id IS NULL"
    if final:
        cursor.execute(f"UPDATE {TABLE} s SET {_NOTE}%s) WHERE {unknown}", ["its parent is unknown: left without"])
        return
    cursor.execute(
        f"""UPDATE {TABLE} s SET late = true, parent_id = (SELECT a.parent_id FROM deals_account a
            JOIN core_externalid e ON e.object_id = a.id WHERE {_IN}ext_id) WHERE {unknown}""",
        known,
    )


def _leave_out_direct(cursor, job: Job) -> None:
    cursor.execute(
        f"""UPDATE {TABLE} s SET outcome = 'skipped', why = 'one of our own people: no partner' WHERE s.is_direct
        AND NOT EXISTS (SELECT FROM core_externalid e WHERE {_IN}ext_id)""",
        ["partner", job.mapping.system],
    )


# --- after: what follows from the rows --------------------------------------------------------------------------------


def _enrol_partners(job: Job, batch: bulk.Batch) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT object_id, partner_type, outcome IN ('created', 'updated') FROM {TABLE}
            WHERE outcome IN ('created', 'updated', 'unchanged') AND NOT is_direct"""
        )
        found = cursor.fetchall()
    programs.enrol(job, {pk: kind for pk, kind, _changed in found}, batch)
    return {pk for pk, _kind, changed in found if changed}


_FOLLOWS: dict[str, Callable[[Job, bulk.Batch], set[UUID]]] = {
    "partners": _enrol_partners,
    "opportunities": lambda job, batch: pipeline.follow(job, batch, TABLE),
}
