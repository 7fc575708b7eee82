"""Rows into objects: common fields, sparse fields, nested rows, expansions; a fixed number of queries per page."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from core.actor import Actor
from core.api import external
from core.api.kinds import moment
from core.api.problems import Problem
from core.api.resources import READ, Field, Nested, Resource, Rows, resource
from core.ids import public_id

COMMON = ("object", "id", "version", "created_at", "updated_at", "deleted_at", "external_ids", "metadata")
ALWAYS = {"object", "id"}
MOST_EXPANDED = 100
MOST_WORDS = 100
Row = Mapping[str, Any]


@dataclass(frozen=True)
class View:
    """What of an object is wanted: names (empty = all) and what to expand, as a tree."""

    fields: frozenset[str] = frozenset()
    expand: Mapping[str, Any] | None = None

    def wants(self, name: str) -> bool:
        return not self.fields or name in self.fields


def view(res: Resource, actor: Actor, fields: str | None, expand: str | None) -> View:
    """The view that `fields=` and `expand=` ask for. Raises Problem."""
    return View(_fields(res, actor, fields), _tree(res, actor, expand))


def _fields(res: Resource, actor: Actor, words: str | None) -> frozenset[str]:
    if not words:
        return frozenset()
    names = frozenset(listed("fields", words))
    strange = names - set(property_names(res, actor))
    if strange:
        raise parameter("fields", f"There is no field {min(strange)!r:.60} here.")
    return names | ALWAYS


def listed(name: str, words: str) -> list[str]:
    """The words between commas, at most 100. Raises Problem."""
    found = words.split(",")
    if len(found) > MOST_WORDS:
        raise parameter(name, f"At most {MOST_WORDS} values.")
    return found


def property_names(res: Resource, actor: Actor) -> list[str]:
    reference = ["reference"] if res.has_reference else []
    own = [f.name for f in res.shown_to(actor)]
    return [*COMMON, *reference, *own, *(n.name for n in res.nested)]


def parameter(name: str, detail: str, code: str = "invalid_parameter") -> Problem:
    return Problem(code, detail, errors=[(name, code, detail)])


def _tree(res: Resource, actor: Actor, words: str | None) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path in listed("expand", words) if words else ():
        steps = path.split(".")
        if len(steps) > 2:
            raise parameter("expand", "Expand at most two steps deep, like program.tiers.")
        branch, here = tree, res
        for step in steps:
            here = _followed(here, step, actor)
            branch = branch.setdefault(step, {})
    return tree


def _followed(res: Resource, step: str, actor: Actor) -> Resource:
    lists = {rows.name: rows.to for rows in res.lists}
    to = res.refs.get(step, ("", ""))[1] or lists.get(step)
    if not to or (any(f.vendor and f.name == f"{step}_id" for f in res.fields) and not actor.sees_all):
        raise parameter("expand", f"{step!r:.60} can't be expanded here.")
    require_scope(actor, to, READ)
    return resource(to)


def require_scope(actor: Actor, name: str, verb: str) -> None:
    """Raises Problem when the key lacks `<resource>:<verb>`."""
    wanted = f"{name}:{verb}"
    if not actor.scopes & {wanted, "*"}:
        raise Problem("insufficient_scope", f"The key needs the scope {wanted}.", scope=wanted)


def columns(res: Resource, actor: Actor, wanted: View) -> set[str]:
    """The columns a view needs; id, version and updated_at always."""
    names = {"id", "version", "updated_at"}
    names |= {c for f in res.shown_to(actor) if wanted.wants(f.name) for c in f.columns}
    names |= {n for n in ("created_at", "deleted_at", "metadata") if wanted.wants(n)}
    names |= {"reference"} if res.has_reference and wanted.wants("reference") else set()
    return names | {res.refs[name][0] for name in wanted.expand or () if name in res.refs}


def objects(res: Resource, rows: QuerySet | Iterable[Row], actor: Actor, wanted: View = View()) -> list[dict[str, Any]]:
    """The objects of a page, in the order of the rows."""
    page: Sequence[Row] = list(rows.values(*columns(res, actor, wanted)) if isinstance(rows, QuerySet) else rows)
    shown = [f for f in res.shown_to(actor) if wanted.wants(f.name)]
    made = [_object(res, row, shown, wanted) for row in page]
    if not page:
        return made
    ids = [row["id"] for row in page]
    if wanted.wants("external_ids"):
        _fill(made, ids, "external_ids", external.of_objects(res.singular, ids, actor))
    for nested in res.nested:
        if wanted.wants(nested.name):
            _fill(made, ids, nested.name, _children(nested, ids, actor))
    for name, deeper in (wanted.expand or {}).items():
        _expand(res, name, View(expand=deeper), made, page=page, actor=actor)
    return made


def _object(res: Resource, row: Row, shown: Sequence[Field], wanted: View) -> dict[str, Any]:
    made: dict[str, Any] = {"object": res.singular, "id": public_id(res.prefix, row["id"])}
    if wanted.wants("version"):
        made["version"] = row["version"]
    for name in ("created_at", "updated_at", "deleted_at"):
        if wanted.wants(name):
            made[name] = None if row[name] is None else moment(row[name])
    if res.has_reference and wanted.wants("reference"):
        made["reference"] = row["reference"]
    for f in shown:
        made[f.name] = f.show(row)
    if wanted.wants("metadata"):
        made["metadata"] = row["metadata"]
    return made


def _fill(made: list[dict[str, Any]], ids: list[UUID], name: str, found: Mapping[UUID, list]) -> None:
    for one, pk in zip(made, ids, strict=True):
        one[name] = found.get(pk, [])


def _children(nested: Nested, ids: Collection[UUID], actor: Actor) -> dict[UUID, list[dict[str, Any]]]:
    child, shown = nested.child, nested.shown_to(actor)
    wanted = {c for f in shown for c in f.columns} | {nested.column, "id"}
    rows = child.visible_to(actor).filter(**{f"{nested.column}__in": ids, "deleted_at": None}).order_by(*nested.order)
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows.values(*wanted):
        named = {"id": public_id(child.prefix, row["id"])} if nested.ids else {}
        found.setdefault(row[nested.column], []).append(named | {f.name: f.show(row) for f in shown})
    return found


def _expand(
    res: Resource, name: str, deeper: View, made: list[dict[str, Any]], *, page: Sequence[Row], actor: Actor
) -> None:
    """Puts the records that `name` leads to into the objects, one query for the page."""
    if name in res.refs:
        column, to = res.refs[name]
        found = _followed_refs(resource(to), {row[column] for row in page} - {None}, deeper, actor)
        for one, row in zip(made, page, strict=True):
            one[name] = found.get(public_id(resource(to).prefix, row[column]))
    else:
        wanted = next(rows for rows in res.lists if rows.name == name)
        ids = [row["id"] for row in page]
        _fill(made, ids, name, _first_rows(wanted, ids, deeper, actor))


def _followed_refs(to: Resource, ids: Collection[UUID], deeper: View, actor: Actor) -> dict[str | None, dict[str, Any]]:
    rows = to.visible_to(actor).filter(pk__in=ids, deleted_at=None)
    return by_id(objects(to, rows, actor, deeper))


def _first_rows(wanted: Rows, ids: Collection[UUID], deeper: View, actor: Actor) -> dict[UUID, list[dict[str, Any]]]:
    """The first 100 rows of each parent."""
    child = resource(wanted.to)
    place = Window(RowNumber(), partition_by=F(wanted.column), order_by=[F("updated_at"), F("id")])
    rows = child.visible_to(actor).filter(**{f"{wanted.column}__in": ids, "deleted_at": None})
    rows = rows.annotate(place=place).filter(place__lte=MOST_EXPANDED).order_by("updated_at", "id")
    firsts = list(rows.values(*columns(child, actor, deeper), wanted.column))
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row, one in zip(firsts, objects(child, firsts, actor, deeper), strict=True):
        found.setdefault(row[wanted.column], []).append(one)
    return found


def by_id(made: Iterable[dict[str, Any]]) -> dict[str | None, dict[str, Any]]:
    return {one["id"]: one for one in made}
