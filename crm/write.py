"""Writes one chunk of rows of one kind: references resolved, rows upserted, what follows from them, all set-based."""
# ruff: noqa: S608 - words of SQL come from code, values go through parameters

from collections.abc import Callable
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from core import bulk
from core.ids import uuid7
from crm import pipeline, programs
from crm.fields import SINGULAR
from crm.job import IMPORTER, Job, Shaped
from crm.report import Outcome
from crm.targets import STAGED, target_of
from deals.models import Opportunity

TABLE = "crm_staged"
_FRESH = frozenset({"sourcing_id", "selling_id", "registration_id"})


def write(job: Job, kind: str, rows: list[Shaped]) -> list[Outcome]:
    """Writes the rows in the present transaction and tells what became of each; refuses those that refer to nothing."""
    target = target_of(kind, job.mapping)
    batch = bulk.Batch(IMPORTER, job.at)
    for _known, values in rows:
        values["fresh_id"] = uuid7()
    rows = _BEFORE.get(kind, _as_they_are)(job, rows)
    if not rows:
        return []
    columns = {**target.types(), **STAGED[kind]}
    bulk.stage(TABLE, columns, (_record(row, columns) for row in rows))
    _complete(job, kind)
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
    return known.line, known.ext_id, values["fresh_id"], *cells


def _nothing(_job: Job, _batch: bulk.Batch) -> set[UUID]:
    return set()


def _results(kind: str) -> list[Outcome]:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what can't be is known while its row is
        cursor.execute(f"SELECT line, ext_id, outcome, coalesce(why, ''), note FROM {TABLE} ORDER BY line")
        return [
            Outcome(kind, line, ext_id, outcome, why, tuple(note.split("\n")) if note else ())
            for line, ext_id, outcome, why, note in cursor.fetchall()
        ]


# --- before: references become ids ------------------------------------------------------------------------------------


def _ids(job: Job, resource: str, names: set[str]) -> dict[str, UUID]:
    """The ids of our records by what the CRM calls them. One look-up for a chunk, whatever statistics say."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ext_id, object_id FROM core_externalid WHERE resource = %s AND system = %s AND ext_id = ANY (%s)",
            [resource, job.mapping.system, list(names)],
        )
        return dict(cursor.fetchall())


def _as_they_are(_job: Job, rows: list[Shaped]) -> list[Shaped]:
    return rows


def _with_references(job: Job, rows: list[Shaped]) -> list[Shaped]:
    """The rows whose account, product and partner are known, with their ids; the others are refused."""
    names = [name for name in ("account", "product", "partner") if name in job.mapping.files["opportunities"].fields]
    found = {name: _ids(job, name, {values[f"{name}_ref"] for _k, values in rows} - {None}) for name in names}
    for known, values in rows:
        referred = [(name, values[f"{name}_ref"]) for name in names]
        values |= {f"{name}_id": found[name].get(ref) for name, ref in referred}
        if unknown := [f"{name} '{ref}' is unknown" for name, ref in referred if ref and ref not in found[name]]:
            known.refuse("; ".join(unknown))
    return [row for row in rows if not row[0].outcome]


def _with_parents(job: Job, rows: list[Shaped]) -> list[Shaped]:
    """The accounts with the ids of their parents, which stand here already or come in the same chunk."""
    if "parent" not in job.mapping.files["accounts"].fields:
        return rows
    refs = {values["parent_ref"] for _known, values in rows} - {None}
    known_here = _ids(job, "account", refs | {known.ext_id for known, _values in rows})
    for known, values in rows:
        values["fresh_id"] = known_here.get(known.ext_id, values["fresh_id"])
    found = {known.ext_id: values["fresh_id"] for known, values in rows} | known_here
    for known, values in rows:
        values["parent_id"] = found.get(values["parent_ref"])
        if values["parent_ref"] and not values["parent_id"]:
            known.notes.append("its parent is unknown: left without")
            values["note"] = "\n".join(known.notes)
    return rows


def _of_deals(job: Job, rows: list[Shaped]) -> list[Shaped]:
    """The rows whose opportunity is known, in its currency; the others are refused."""
    found = _ids(job, "opportunity", {values["opportunity_ref"] for _known, values in rows})
    currencies = dict(Opportunity.objects.filter(pk__in=found.values()).values_list("pk", "currency"))
    for known, values in rows:
        ref, told = values["opportunity_ref"], values["told_currency"]
        pk = found.get(ref)
        if pk is None or pk not in currencies:
            known.refuse(f"opportunity '{ref}' is unknown")
        elif told and told != currencies[pk]:
            known.refuse(f"the opportunity is in {currencies[pk]}, not in {told}")
        else:
            values |= {"opportunity_id": pk, "currency": currencies[pk]}
    return [row for row in rows if not row[0].outcome]


_BEFORE: dict[str, Callable[[Job, list[Shaped]], list[Shaped]]] = {
    "opportunities": _with_references,
    "accounts": _with_parents,
    "revenue_events": _of_deals,
}


def _complete(job: Job, kind: str) -> None:
    """What the staged rows need of the database."""
    fields = job.mapping.files[kind].fields
    with connection.cursor() as cursor:
        if kind == "accounts" and "parent" in fields:
            cursor.execute(_OWN_PARENTS, [_("would be its own parent, by accounts that are here already")])
        if kind == "partners":
            _leave_out_direct(cursor, job)
            if "manager" in fields:
                cursor.execute(_MANAGERS, [job.mapping.system])
        if kind == "opportunities" and job.mapping.estimate:
            cursor.execute(_ESTIMATES)


_IN = "e.resource = %s AND e.system = %s AND e.ext_id = s."
_ESTIMATES = f"""UPDATE {TABLE} s SET amount = p.list_price, amount_estimated = true FROM partners_product p
    WHERE p.id = s.product_id AND s.stage = 'open' AND s.amount IS NULL AND p.currency = s.currency
    AND p.list_price IS NOT NULL"""
# Up from each row: by its own word where it is staged, else by what stands here. Who meets itself is refused.
_OWN_PARENTS = f"""WITH RECURSIVE up AS (
        SELECT s.line, s.fresh_id AS own, s.parent_id AS above, 1 AS level FROM {TABLE} s WHERE s.parent_id IS NOT NULL
        UNION ALL
        SELECT up.line, up.own, CASE WHEN x.fresh_id IS NULL THEN a.parent_id ELSE x.parent_id END, up.level + 1
        FROM up LEFT JOIN {TABLE} x ON x.fresh_id = up.above LEFT JOIN deals_account a ON a.id = up.above
        WHERE up.above IS NOT NULL AND up.above <> up.own AND up.level < 100)
    UPDATE {TABLE} s SET outcome = 'invalid', why = %s FROM up WHERE up.line = s.line AND up.above = up.own"""
# A manager is one of our people, by name or address; whoever was chosen here by hand stays when nobody fits.
_MANAGERS = f"""UPDATE {TABLE} s SET manager_id = coalesce(
    (SELECT u.id FROM accounts_user u WHERE u.kind = 'vendor' AND u.is_active
        AND (u.email = lower(s.manager) OR u.name = s.manager) ORDER BY u.created_at LIMIT 1),
    (SELECT p.manager_id FROM partners_partner p JOIN core_externalid e ON e.object_id = p.id
        WHERE e.resource = 'partner' AND e.system = %s AND e.ext_id = s.ext_id))"""


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
    "revenue_events": lambda _job, _batch: pipeline.partners_on(TABLE, "opportunity_id"),
}
