"""Many rows in one request, answered in the order they came.

Plain rows are planned and written together; where the database refuses that, or a service of its own is asked, each
row is done in a savepoint of its own.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, transaction

from core.actor import Actor
from core.api import clean, external, show, writes
from core.api.kinds import Bad
from core.api.resources import CREATE, WRITE, Resource
from core.api.rows import Row, RowError, error_of
from core.api.rows import read as read_row
from core.api.together import DatabaseRefused, Together, known_references
from core.ids import public_id

MOST = 1000
KEYS = frozenset({"rows", "all_or_none"})
Key = tuple[tuple[str, Any], ...]  # a natural key: its columns and their values
UPSERT_KEYS = KEYS | {"match_on"}
Operation = Callable[[Row], tuple[str, Any]]


@dataclass
class Batch:
    """A request of many rows for one resource."""

    resource: Resource
    actor: Actor
    at: datetime
    rows: list[Row]
    all_or_none: bool = False
    match_on: str = ""
    known: dict[UUID, Any] = field(default_factory=dict)
    named: dict[tuple[str, str], UUID] = field(default_factory=dict)
    seen: clean.Seen = field(default_factory=clean.Seen)
    natural: dict[Key, set[UUID]] = field(default_factory=dict)
    touched: set[Key] = field(default_factory=set)  # natural keys whose records this batch made or changed
    together: Together | None = None

    # --- finding the objects: a few queries for the whole batch ------------------------------------------------------

    def look_up(self, *, lock: bool) -> None:
        names = [name for row in self.rows for name in row.names]
        if lock:
            external.hold(self.resource.singular, names)
        self.named = external.objects_named(self.resource.singular, names, self.actor)
        wanted = {row.id for row in self.rows if row.id} | set(self.named.values())
        self.known = {one.pk: one for one in self._rows(lock).filter(pk__in=wanted)}
        self.seen, self.natural, self.touched = clean.Seen(), {}, set()
        known_references(self.resource, [row.body for row in self.rows], self.actor, self.seen)
        if self.match_on:
            self._look_up_naturals()

    def _rows(self, lock: bool) -> Any:
        rows = self.resource.visible_to(self.actor).order_by("pk")
        rows = rows.select_related(*self.resource.joined) if self.resource.joined else rows
        return rows.select_for_update(of=("self",)) if lock else rows

    def _look_up_naturals(self) -> None:
        f = self.resource.by_name[self.match_on]
        for row in self.rows:
            with suppress(Bad):
                if key := self._natural_key(row):
                    self.natural[key] = set()
        external.hold(self.resource.singular, [self._held(key) for key in self.natural])
        words = [dict(key)[f.source] for key in self.natural]
        for one in self._rows(lock=True).filter(**{f"{f.source}__in": words}, deleted_at=None):
            self.known.setdefault(one.pk, one)
            self.natural.setdefault(self._key_of(one), set()).add(one.pk)

    def subject(self, row: Row) -> Any | None:
        """The object a row is about, or None. Raises RowError when its keys disagree or name nothing."""
        hits = [self.named.get(name.key) for name in row.names]
        found = {pk for pk in (row.id, *hits) if pk}
        if not found and self.match_on:
            found = self._natural(row)
        if len(found) > 1:
            ids = sorted(str(public_id(self.resource.prefix, pk)) for pk in found)
            raise RowError("ambiguous_match", "The keys of this row belong to different records.", ids=ids)
        if not found:
            return None
        subject = self.known.get(next(iter(found)))
        if subject is None:
            raise RowError("not_found", "There is no such record.")
        if subject.deleted_at:
            raise RowError("deleted", "This was deleted.", id=subject.public_id)
        if row.version is not None and row.version != subject.version:
            raise RowError("version_mismatch", "The version has moved on.", version=subject.version)
        return subject

    def forget_changes(self, row: Row) -> None:
        """After a row was undone: its object as the database has it."""
        hits = {row.id, *(self.named.get(name.key) for name in row.names)}
        for pk in set(self.known) & hits:
            self.known[pk].refresh_from_db()

    def _natural(self, row: Row) -> set[UUID]:
        key = self._natural_key(row)
        if key is None or (key in self.natural and key not in self.touched):
            return self.natural[key] if key else set()
        external.hold(self.resource.singular, [self._held(key)])
        rows = self._rows(lock=True).filter(**dict(key), deleted_at=None)[:2]
        self.known |= {one.pk: one for one in rows}
        return {one.pk for one in rows}

    def _natural_key(self, row: Row) -> Key | None:
        """The natural key of a row, as columns; None without one. Raises Bad."""
        word = row.body.get(self.match_on) if self.match_on else None
        if word is None:
            return None
        values = self.resource.by_name[self.match_on].read(word)
        derived = self.resource.prepare(dict(values), None) if self.resource.prepare else {}
        values |= {column: value for column, value in derived.items() if column in values}
        return tuple(sorted(values.items()))

    def _key_of(self, subject: Any) -> Key:
        columns = self.resource.by_name[self.match_on].columns
        return tuple(sorted((column, getattr(subject, column)) for column in columns))

    def _held(self, key: Key) -> external.Name:
        return external.Name(f"={self.match_on}", str(dict(key)[self.resource.by_name[self.match_on].source]))

    # --- the four operations: status of one row -------------------------------------------------------------------

    def upsert(self, row: Row) -> tuple[str, Any]:
        subject = self.subject(row)
        return self._change(row, subject) if subject else self._create(row)

    def update(self, row: Row) -> tuple[str, Any]:
        return self._change(row, self.there(row))

    def delete(self, row: Row) -> tuple[str, Any]:
        subject = self.there(row)
        row.no_more()
        writes.delete(self.resource, subject, by=self.actor, at=self.at)
        return "deleted", subject

    def there(self, row: Row) -> Any:
        subject = self.subject(row)
        if subject is None:
            raise RowError("not_found", "There is no such record.")
        return subject

    def _create(self, row: Row) -> tuple[str, Any]:
        draft = self._draft_of_new(row)
        made = writes.create(self.resource, draft, by=self.actor, at=self.at)
        self._remember(made, draft)
        return "created", made

    def _draft_of_new(self, row: Row) -> clean.Draft:
        if CREATE not in self.resource.verbs:
            raise RowError("not_found", "There is no such record, and none can be created here.")
        draft = clean.draft(self.resource, row.body, self.actor, CREATE, self.seen)
        draft = writes.owned(self.resource, draft, self.actor)
        draft.names, draft.settled = tuple(dict.fromkeys(row.names)), True
        return draft

    def _change(self, row: Row, subject: Any) -> tuple[str, Any]:
        draft = self._draft_of_change(row, subject)
        self._touch(subject)
        changed = writes.change(self.resource, subject, draft, by=self.actor, at=self.at)
        self._remember(subject, draft)
        return "updated" if changed else "unchanged", subject

    def _draft_of_change(self, row: Row, subject: Any) -> clean.Draft:
        fixed = {f.name: f for f in self.resource.fields if f.write == CREATE and f.name in row.body}
        body = {name: value for name, value in row.body.items() if name not in fixed}
        _same(fixed, row.body, subject)
        draft = clean.draft(self.resource, body, self.actor, WRITE, self.seen)
        fresh = (name for name in row.names if name.key not in self.named)
        draft.names, draft.settled = tuple(dict.fromkeys(fresh)), True
        return draft

    def _remember(self, subject: Any, draft: clean.Draft) -> None:
        self.known[subject.pk] = subject
        self.named |= {name.key: subject.pk for name in draft.names}
        self._touch(subject)

    def _touch(self, subject: Any) -> None:
        if self.match_on:
            self.touched.add(self._key_of(subject))

    # --- the same, put off ----------------------------------------------------------------------------------------

    def planned(self, row: Row, operation: Operation) -> tuple[str, Any] | None:
        """What becomes of a row that can be written later with others; None when it has to be done by itself."""
        if self.together is None or operation == self.delete:
            return None
        if self._rests_on_what_waits(row):
            self.together.write()
        subject = self.there(row) if operation == self.update else self.subject(row)
        return self._planned_change(row, subject) if subject else self._planned_new(row)

    def _rests_on_what_waits(self, row: Row) -> bool:
        waiting = self.together.plans if self.together else {}
        if any(pk in waiting for pk in (row.id, *(self.named.get(name.key) for name in row.names))):
            return True
        with suppress(Bad):
            return bool(self.touched) and self._natural_key(row) in self.touched
        return False

    def _planned_new(self, row: Row) -> tuple[str, Any] | None:
        draft = self._draft_of_new(row)
        made = self.together.create(draft) if self.together else None
        if made is None:
            return None
        self._remember(made, draft)
        return "created", made

    def _planned_change(self, row: Row, subject: Any) -> tuple[str, Any] | None:
        draft = self._draft_of_change(row, subject)
        changed = self.together.change(subject, draft) if self.together else None
        if self.together is None or changed is None:
            return None
        if changed and self.match_on:
            self.touched |= {self._key_of(subject), self._key_of(self.together.as_it_will_be(subject))}
        return "updated" if changed else "unchanged", subject


def _same(fixed: Mapping[str, Any], body: Mapping[str, Any], subject: Any) -> None:
    """What is set at creation may be sent again, unchanged. Raises Invalid."""
    for name, f in fixed.items():
        if any(getattr(subject, column) != value for column, value in f.read(body[name]).items()):
            raise clean.Invalid([(f"/{name}", "read_only", "This can't change after creation.")])


# --- reading the request -------------------------------------------------------------------------------------------


def read(res: Resource, body: Any, actor: Actor, at: datetime, keys: frozenset[str]) -> Batch:
    """The batch of a body. Raises Invalid or Problem when the whole can't be read; bad rows carry their error."""
    body = clean.expect_object(body)
    strange = [(f"/{n}", "unknown_field", "There is no such field.") for n in body if n not in keys]
    rows, whole, natural = body.get("rows"), body.get("all_or_none", False), body.get("match_on", "")
    if not isinstance(rows, list) or not rows:
        strange.append(("/rows", "required", f"Send a list of 1 to {MOST} rows."))
    elif len(rows) > MOST:
        strange.append(("/rows", "too_many_rows", f"At most {MOST} rows."))
    if not isinstance(whole, bool):
        strange.append(("/all_or_none", "wrong_type", "Send true or false."))
    if natural != "" and natural not in res.natural:
        strange.append(("/match_on", "unknown_choice", f"Use one of: {', '.join(res.natural) or 'none here'}."))
    if strange:
        raise clean.Invalid(strange)
    return Batch(res, actor, at, [read_row(res, i, item) for i, item in enumerate(rows)], whole, natural)


# --- doing it ------------------------------------------------------------------------------------------------------


class _Undone(Exception):
    pass


def run(batch: Batch, operation: Operation) -> list[dict[str, Any]]:
    """The results in input order; with all_or_none a single error undoes the rest."""
    results: list[dict[str, Any]] = []
    try:
        with transaction.atomic():
            results += _together(batch, operation) or _apart(batch, operation)
            if batch.all_or_none and any(r["status"] == "error" for r in results):
                raise _Undone
    except _Undone:
        for result in results:
            if result["status"] != "error":
                result |= {"status": "rolled_back", "version": None}
                result["id"] = None if result.pop("fresh") else result["id"]
    return [{name: value for name, value in result.items() if name != "fresh"} for result in results]


def _together(batch: Batch, operation: Operation) -> list[dict[str, Any]]:
    """The results; none when the database refused something that was written together, and nothing was done."""
    batch.together = Together(batch.resource, batch.actor, batch.at)
    try:
        with transaction.atomic():
            batch.look_up(lock=True)
            results = [_one(batch, row, operation) for row in batch.rows]
            batch.together.write()
            return results
    except (DatabaseError, DatabaseRefused):
        return []


def _apart(batch: Batch, operation: Operation) -> list[dict[str, Any]]:
    batch.together = None
    batch.look_up(lock=True)
    return [_one(batch, row, operation) for row in batch.rows]


def _one(batch: Batch, row: Row, operation: Operation) -> dict[str, Any]:
    result = {
        "index": row.index,
        "status": "error",
        "id": None,
        "version": None,
        "external_id": row.external_id,
        "error": row.error,
        "fresh": False,
    }
    if row.error:
        return result
    try:
        status, subject = batch.planned(row, operation) or _by_itself(batch, row, operation)
    except DatabaseRefused:
        raise
    except Exception as error:
        result["error"] = error_of(error)
        return result
    version = None if status == "deleted" and subject.pk is None else subject.version
    result |= {"status": status, "id": subject.public_id, "version": version, "fresh": status == "created"}
    if batch.together and (plan := batch.together.plans.get(subject.pk)):
        plan.result = result
    return result


def _by_itself(batch: Batch, row: Row, operation: Operation) -> tuple[str, Any]:
    """Does one row in a savepoint of its own, after all that waits."""
    if batch.together:
        batch.together.write()
    try:
        with transaction.atomic():
            return operation(row)
    except Exception:
        batch.forget_changes(row)
        raise


def read_many(batch: Batch) -> list[dict[str, Any]]:
    """The objects of many rows, each named by id or external id; in input order."""
    batch.look_up(lock=False)
    found: dict[int, Any] = {}
    for row in batch.rows:
        try:
            found[row.index] = batch.there(row) if row.error is None else None
            row.no_more()
        except (RowError, clean.Invalid) as error:
            row.error = error_of(error)
    pks = {one.pk for one in found.values() if one}
    rows = batch.resource.visible_to(batch.actor).filter(pk__in=pks)
    made = show.by_id(show.objects(batch.resource, rows, batch.actor))
    return [_read(row, found.get(row.index), made) for row in batch.rows]


def _read(row: Row, subject: Any, made: Mapping[str | None, Any]) -> dict[str, Any]:
    one = made.get(subject.public_id) if subject and not row.error else None
    return {
        "index": row.index,
        "status": "read" if one else "error",
        "id": one and one["id"],
        "version": one and one["version"],
        "external_id": row.external_id,
        "error": row.error,
        "data": one,
    }
