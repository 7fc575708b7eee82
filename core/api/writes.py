"""The service of plain records: create, change, delete and restore, each with its event, unless an app has its own."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.actor import Actor
from core.api import clean, external
from core.api.clean import Draft, Invalid
from core.api.kinds import Bad
from core.api.problems import Problem
from core.api.resources import CREATE, Field, Group, Resource
from core.errors import Refused, Stale
from core.events import record

RESTORABLE = timedelta(days=30)


def row_of(res: Resource, subject: Any) -> dict[str, Any]:
    """Column → value of a record, of the columns the resource knows, and its id."""
    return {"id": subject.pk} | {column: _at(subject, column) for f in res.fields for column in f.columns}


def _at(subject: Any, path: str) -> Any:
    """The value of a column, or of one of a record it points to."""
    for name in path.split("__"):
        subject = getattr(subject, name) if subject is not None else None
    return subject


@transaction.atomic(savepoint=False)
def create(res: Resource, draft: Draft, *, by: Actor, at: datetime) -> Any:
    """A new record with its external ids. Raises Invalid, Refused, Forbidden."""
    metadata = clean.METADATA.merged({}, draft.metadata)
    if res.create:
        made = guarded(res, lambda: res.create(draft.values | _whole(res, draft), by=by, at=at))  # type: ignore[misc]
        made.refresh_from_db()
        rest = {c: draft.values[c] for c in res.plain if c in draft.values} | (
            {"metadata": metadata} if metadata else {}
        )
        if rest:
            _set(made, rest)
    else:
        made = guarded(res, lambda: _insert(res, {**draft.values, "metadata": metadata}))
        moved = changes(res, {}, row_of(res, made), by)
        record("created", made, by=by, at=at, partner_id=res.owner_of(made), data={"changes": moved})
    _nested(res, made, draft, by=by, at=at)
    _named(res, made, draft, by)
    return made


def new(res: Resource, values: Mapping[str, Any]) -> Any:
    """The record of these values, not yet written."""
    return res.model(**{**values, **(res.prepare(dict(values), None) if res.prepare else {})})


def _insert(res: Resource, values: Mapping[str, Any]) -> Any:
    made = new(res, values)
    clean.judged(res, row_of(res, made))
    made.save(force_insert=True)
    made.refresh_from_db()
    return made


@transaction.atomic(savepoint=False)
def change(res: Resource, subject: Any, draft: Draft, *, by: Actor, at: datetime) -> bool:
    """Writes what differs; False when nothing does: then there is no new version and no event."""
    before = row_of(res, subject)
    values = differing(res, subject, draft)
    metadata = {"metadata": values.pop("metadata")} if "metadata" in values else {}
    version, whole = subject.version, _whole(res, draft)
    if res.update and (values or whole) and (not res.update_for or res.update_for & set(values)):
        values = guarded(res, lambda: res.update(subject, values | whole, by=by, at=at))  # type: ignore[misc]
    own = values | metadata
    if values:
        clean.judged(res, before | values)
        own |= res.prepare(values, subject) if res.prepare else {}
    if own:
        guarded(res, lambda: _set(subject, own))
    extra = _nested(res, subject, draft, by=by, at=at)
    extra = _named(res, subject, draft, by) or extra
    if extra and not own:
        touch(subject)
    if own or extra:
        moved = changes(res, before, row_of(res, subject), by)
        record("updated", subject, by=by, at=at, partner_id=res.owner_of(subject), data={"changes": moved})
    return subject.version != version


def differing(res: Resource, subject: Any, draft: Draft) -> dict[str, Any]:
    """Column → value of what the draft would change, the metadata among them."""
    values = {column: value for column, value in draft.values.items() if getattr(subject, column) != value}
    settled = res.prepare(dict(values), subject) if res.prepare else {}  # www.kunde.example is kunde.example to us
    values = {
        column: value for column, value in values.items() if getattr(subject, column) != settled.get(column, value)
    }
    metadata = clean.METADATA.merged({} if draft.forget_metadata else subject.metadata, draft.metadata)
    return values | ({"metadata": metadata} if metadata != subject.metadata else {})


def _set(subject: Any, values: Mapping[str, Any]) -> None:
    """Compare-and-set on the version that was read."""
    if type(subject)._base_manager.filter(pk=subject.pk, version=subject.version).update(**values) != 1:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    subject.refresh_from_db()


def touch(subject: Any) -> None:
    """A new version of a record whose rows beside it changed."""
    type(subject)._base_manager.filter(pk=subject.pk).update(deleted_at=F("deleted_at"))
    subject.refresh_from_db()


def _whole(res: Resource, draft: Draft) -> dict[str, Any]:
    """The nested rows that the resource's own services write."""
    return {n.name: draft.nested[n.name] for n in res.nested if n.whole and n.name in draft.nested}


def _nested(res: Resource, subject: Any, draft: Draft, *, by: Actor, at: datetime) -> bool:
    changed = False
    for nested in res.nested:
        if nested.name in draft.nested and nested.write:
            changed = nested.write(subject, draft.nested[nested.name], by=by, at=at) or changed
    return changed


def _named(res: Resource, subject: Any, draft: Draft, by: Actor) -> bool:
    try:
        names = draft.names if draft.settled else external.unknown(res.singular, subject.pk, draft.names, by)
        if names:
            external.add(res.singular, subject.pk, res.owner_of(subject), names)
        return bool(names)
    except Bad as bad:
        raise Invalid([("/external_ids", bad.code, bad.detail)]) from None


def guarded(res: Resource, write: Callable[[], Any]) -> Any:
    """Runs a write; a violated constraint that the resource explains becomes a mistake of the field it speaks of."""
    try:
        return write()
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if name not in res.unique:
            raise
        detail = "Another record has this already."
        raise Problem("conflict", detail, errors=[(f"/{res.unique[name]}", "taken", detail)]) from None  # type: ignore[index]


def changes(res: Resource, before: Mapping[str, Any], after: Mapping[str, Any], by: Actor) -> dict[str, list]:
    """`{field: [before, after]}` as the API shows them; of personal fields the name alone."""
    moved: dict[str, list] = {}
    for f in res.fields:
        if any(before.get(c) != after.get(c) for c in f.columns) and (before or _told(f, after)):
            moved[f.name] = [None, None] if f.personal else [f.show(before) if before else None, f.show(after)]
    return moved


def _told(f: Field, row: Mapping[str, Any]) -> bool:
    return isinstance(f, Group) or f.show(row) not in (None, [], {})


@transaction.atomic(savepoint=False)
def delete(res: Resource, subject: Any, *, by: Actor, at: datetime) -> None:
    """Hides a record (30 days to restore it), or leaves it to the app's own service."""
    if res.delete:
        res.delete(subject, by=by, at=at)
        return
    _set(subject, {"deleted_at": at})
    record("deleted", subject, by=by, at=at, partner_id=res.owner_of(subject))


@transaction.atomic(savepoint=False)
def restore(res: Resource, subject: Any, *, by: Actor, at: datetime) -> None:
    """Brings a deleted record back within 30 days. Raises Problem afterwards, or when it was not deleted,
    Refused when its resource's own rules speak against it by now."""
    if subject.deleted_at is None:
        raise Problem("illegal_transition", "This isn't deleted.")
    if at - subject.deleted_at > RESTORABLE:
        raise Problem("deleted", "It was deleted more than 30 days ago.")
    wrong = next(iter(res.check(row_of(res, subject))), None) if res.check else None
    if wrong:
        raise Refused(wrong[1], code="rule")
    guarded(res, lambda: _set(subject, {"deleted_at": None}))
    record("restored", subject, by=by, at=at, partner_id=res.owner_of(subject))


@transaction.atomic(savepoint=False)
def forget_name(res: Resource, subject: Any, system: str, *, by: Actor, at: datetime) -> bool:
    """Takes away the external ids of one system; False when there was none."""
    if not external.remove(res.singular, subject.pk, system, by):
        return False
    touch(subject)
    moved = {"external_ids": [system, None]}
    record("updated", subject, by=by, at=at, partner_id=res.owner_of(subject), data={"changes": moved})
    return True


def may_write(res: Resource, actor: Actor) -> None:
    """Raises Problem when none of the actor's permissions lets it write this resource."""
    if not any(actor.can(permission) for permission in res.writers):
        raise Problem("permission_denied", "This key can't write here." if res.writers else "This is read only.")


def owned(res: Resource, draft: Draft, actor: Actor) -> Draft:
    """The draft with the partner that a key bound to one partner needs not name."""
    owner = next((f for f in res.fields if clean.understood(res, f, actor) and f.write == CREATE), None)
    if owner:
        draft.values.setdefault(owner.source, actor.own)
    return draft
