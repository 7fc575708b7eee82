"""External ids: the names that other systems give to our records."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection

from core.actor import Actor
from core.api.kinds import Bad, Schema, Text, Website
from core.models import ExternalId

_SYSTEM = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_MOST = 20
SCHEMA: Schema = {
    "type": "array",
    "maxItems": _MOST,
    "items": {
        "type": "object",
        "required": ["system", "id"],
        "additionalProperties": False,
        "properties": {
            "system": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"},
            "id": {"type": "string", "minLength": 1, "maxLength": 255},
            "url": {"type": ["string", "null"], "maxLength": 500},
        },
    },
}


@dataclass(frozen=True, order=True)
class Name:
    """One external id."""

    system: str
    id: str
    url: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.system, self.id


def normal(system: str, text: Any, at: str = "") -> str:
    """The id in its one spelling: Salesforce's 15 characters become 18. Raises Bad."""
    word = Text(255).read(text)
    if not word:
        raise Bad("required", "This can't be empty.", at)
    if system.startswith("salesforce") and re.fullmatch(r"[A-Za-z0-9]{15}", word):
        return word + "".join(_check_letter(word[i : i + 5]) for i in (0, 5, 10))
    return word


def _check_letter(five: str) -> str:
    return _LETTERS[sum(1 << i for i, char in enumerate(five) if "A" <= char <= "Z")]


def read_one(value: Any, at: str = "") -> Name:
    """{system, id, url?}. Raises Bad."""
    if not isinstance(value, dict) or not {"system", "id"} <= set(value) <= {"system", "id", "url"}:
        raise Bad("wrong_type", "Send an object with system and id, and url if you like.", at)
    if not isinstance(value["system"], str) or not _SYSTEM.match(value["system"]):
        raise Bad("wrong_format", "A system is named in lower case, like salesforce.", f"{at}/system")
    try:
        url = Website(500).read(value["url"]) if value.get("url") is not None else ""
        return Name(value["system"], normal(value["system"], value["id"]), url)
    except Bad as bad:
        raise Bad(bad.code, bad.detail, f"{at}/id") from None


def read(value: Any) -> tuple[Name, ...]:
    """The `external_ids` of a body. Raises Bad."""
    if not isinstance(value, list) or len(value) > _MOST:
        raise Bad("wrong_type", f"Send a list of at most {_MOST} objects.")
    return tuple(read_one(item, f"/{place}") for place, item in enumerate(value))


def read_word(word: str) -> Name:
    """`system:id` of a query parameter. Raises Bad."""
    system, colon, rest = word.partition(":")
    if not colon:
        raise Bad("wrong_format", "Write system:id.")
    return read_one({"system": system, "id": rest})


def shown(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"system": r["system"], "id": r["ext_id"], "url": r["url"] or None} for r in rows]


def of_objects(singular: str, ids: Collection[UUID], actor: Actor) -> dict[UUID, list[dict[str, Any]]]:
    """The external ids of many objects, in one query."""
    rows = ExternalId.objects.visible_to(actor).filter(resource=singular, object_id__in=ids)
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows.order_by("system", "ext_id").values("object_id", "system", "ext_id", "url"):
        found.setdefault(row["object_id"], []).append(row)  # type: ignore[arg-type]
    return {pk: shown(rows) for pk, rows in found.items()}


def hold(singular: str, names: Iterable[Name]) -> None:
    """Until the transaction ends nobody else makes or finds objects by these names: eight posts, one object."""
    keys = sorted({f"{singular}\0{name.system}\0{name.id}".replace("\0", "\x1f") for name in names})
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(k) FROM (SELECT DISTINCT hashtextextended(t, 11) AS k "
                "FROM unnest(%s::text[]) AS t ORDER BY k) AS keys",
                [keys],
            )


def objects_named(singular: str, names: Collection[Name], actor: Actor) -> dict[tuple[str, str], UUID]:
    """(system, id) → object, of those that this actor sees; one query."""
    if not names:
        return {}
    rows = ExternalId.objects.visible_to(actor).filter(
        resource=singular, system__in={n.system for n in names}, ext_id__in={n.id for n in names}
    )
    return {(system, ext_id): pk for system, ext_id, pk in rows.values_list("system", "ext_id", "object_id")}


def unknown(singular: str, pk: UUID, names: Iterable[Name], actor: Actor) -> list[Name]:
    """Those of the names that the object doesn't bear yet, held for it. Raises Bad when another object bears one."""
    wanted = {name.key: name for name in names}
    if not wanted:
        return []
    hold(singular, wanted.values())
    borne = objects_named(singular, list(wanted.values()), actor)
    if any(other != pk for other in borne.values()):
        raise taken()
    return [name for key, name in wanted.items() if key not in borne]


def taken() -> Bad:
    return Bad("taken", "Another record bears this external id.")


def add(singular: str, pk: UUID, owner: UUID | None, names: Iterable[Name]) -> None:
    """Gives the object names that it doesn't bear. Raises Bad when another object, seen or not, bears one."""
    try:
        add_many(singular, [(pk, owner, names)])
    except IntegrityError:
        raise taken() from None


def add_many(singular: str, named: Iterable[tuple[UUID, UUID | None, Iterable[Name]]]) -> None:
    """Gives (object, owner, names) their names, in one statement. Raises IntegrityError when one is borne already."""
    rows = [
        ExternalId(resource=singular, system=n.system, ext_id=n.id, url=n.url, object_id=pk, partner_id=owner)
        for pk, owner, names in named
        for n in names
    ]
    ExternalId.objects.bulk_create(rows)


def remove(singular: str, pk: UUID, system: str, actor: Actor) -> int:
    """Takes away the names that `system` gave to the object; how many there were."""
    rows = ExternalId.objects.visible_to(actor).filter(resource=singular, object_id=pk, system=system)
    return rows.delete()[0]
