"""The rows of a batch that can be written together: a fixed number of statements, however many rows."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError

from core.actor import Actor
from core.api import clean, external, writes
from core.api.clean import Draft
from core.api.resources import READ, Ref, Resource
from core.events import Told, record_many
from core.ids import parse_public_id

PIECE = 500  # rows of one UPDATE


class DatabaseRefused(Exception):
    """Something that was written together can't be: each row has to be tried by itself."""


@dataclass
class Plan:
    """One row that waits to be written: the record as it will be, and what is told about it afterwards."""

    verb: str
    subject: Any
    draft: Draft
    before: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)  # column → value of what changes
    result: dict[str, Any] = field(default_factory=dict)  # of the row; gets its version here


@dataclass
class Together:
    """Writes of plain records, put off until somebody needs them or the batch ends."""

    resource: Resource
    actor: Actor
    at: datetime
    plans: dict[UUID, Plan] = field(default_factory=dict)
    related: dict[tuple[str, UUID], Any] = field(default_factory=dict)

    # --- planning: no row is written ----------------------------------------------------------------------------

    def create(self, draft: Draft) -> Any | None:
        """The record that will be made; None when this one can't wait. Raises Invalid."""
        if self.resource.create or draft.nested or any(draft.values.get(c) for c in self.resource.alone):
            return None
        values = {**draft.values, "metadata": clean.METADATA.merged({}, draft.metadata)}
        made = writes.new(self.resource, values)
        self._relate(made)
        clean.judged(self.resource, writes.row_of(self.resource, made))
        self.plans[made.pk] = Plan("created", made, draft)
        return made

    def change(self, subject: Any, draft: Draft) -> bool | None:
        """Whether it will change; None when it can't wait. Raises Invalid."""
        res = self.resource
        moved = writes.differing(res, subject, draft)
        if draft.nested or draft.names or any(getattr(subject, c) for c in res.alone):
            return None
        if not moved:
            return False
        if res.update and (not res.update_for or res.update_for & set(moved)):
            return None
        before = writes.row_of(res, subject)
        if set(moved) - {"metadata"}:
            clean.judged(res, before | moved)
            moved |= res.prepare(moved, subject) if res.prepare else {}
        self.plans[subject.pk] = Plan("updated", subject, draft, before, moved)
        return True

    def as_it_will_be(self, subject: Any) -> Any:
        """A copy of a record that waits, with what will be written."""
        one = copy(subject)
        for column, value in self.plans[subject.pk].values.items():
            setattr(one, column, value)
        return one

    def _relate(self, made: Any) -> None:
        """Gives the record what it points to, where words of that stand in its rows: each read once."""
        for name in {path.partition("__")[0] for path in self.resource.joined}:
            pk = getattr(made, f"{name}_id")
            if pk is None:
                continue
            if (name, pk) not in self.related:
                self.related[name, pk] = getattr(made, name)
            setattr(made, name, self.related[name, pk])

    # --- writing ------------------------------------------------------------------------------------------------

    def write(self) -> None:
        """All that waits, and then its events in the order of the rows. Raises DatabaseRefused."""
        try:
            self._write()
        except DatabaseError as error:
            raise DatabaseRefused from error

    def _write(self) -> None:
        plans, self.plans = list(self.plans.values()), {}
        new = [plan for plan in plans if plan.verb == "created"]
        old = [plan for plan in plans if plan.verb != "created"]
        if new:
            self._insert(new)
        if old:
            self._update(old)
        if plans:
            self._read_again(plans)
            record_many([self._told(plan) for plan in plans], by=self.actor, at=self.at)

    def _insert(self, plans: Sequence[Plan]) -> None:
        res = self.resource
        res.model._base_manager.bulk_create([plan.subject for plan in plans])
        owned = ((plan.subject.pk, res.owner_of(plan.subject), plan.draft.names) for plan in plans)
        external.add_many(res.singular, owned)

    def _update(self, plans: Sequence[Plan]) -> None:
        """The rows are locked since they were looked up, so their versions are what was read."""
        columns = sorted({column for plan in plans for column in plan.values})
        for plan in plans:
            for column, value in plan.values.items():
                setattr(plan.subject, column, value)
        names = [self.resource.model._meta.get_field(column).name for column in columns]
        self.resource.model._base_manager.bulk_update([plan.subject for plan in plans], names, batch_size=PIECE)

    def _read_again(self, plans: Sequence[Plan]) -> None:
        """The records as the database has them: version, defaults, rounding."""
        rows, joined = self.resource.model._base_manager.all(), self.resource.joined
        fresh = (rows.select_related(*joined) if joined else rows).in_bulk([plan.subject.pk for plan in plans])
        for plan in plans:
            plan.subject.__dict__.update(fresh[plan.subject.pk].__dict__)
            plan.result["version"] = plan.subject.version

    def _told(self, plan: Plan) -> Told:
        res = self.resource
        moved = writes.changes(res, plan.before, writes.row_of(res, plan.subject), self.actor)
        return plan.verb, plan.subject, res.owner_of(plan.subject), {"changes": moved}


def known_references(res: Resource, bodies: Sequence[dict[str, Any]], actor: Actor, seen: clean.Seen) -> None:
    """Looks up what the rows refer to, one query for each field."""
    for f in res.fields:
        if isinstance(f.kind, Ref) and f.write != READ:
            sent = {body.get(f.name) for body in bodies if isinstance(body.get(f.name), str)}
            wanted = {pk for word in sent if (pk := parse_public_id(f.kind.target.prefix, word))}
            if len(wanted) > 1:
                found = f.kind.choices(actor).filter(pk__in=wanted).values_list("pk", flat=True)
                seen.records |= {(f.kind.target, pk) for pk in found}
