"""The parameters of a list: filters, windows of time, keyset cursors."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import connection
from django.db.models import QuerySet
from django.http import QueryDict

from core.actor import Actor
from core.api import external
from core.api.kinds import Bad, Moment, YesNo
from core.api.problems import Problem
from core.api.resources import Field, Resource
from core.api.show import listed, parameter
from core.models import ExternalId

MOST, USUAL = 1000, 100
PAGING = ("limit", "cursor", "include", "fields", "expand")
WINDOWS = {"updated_since": "updated_at__gte", "updated_before": "updated_at__lt", "created_since": "created_at__gte"}
_SALT = "api.cursor"


def words(query: QueryDict, known: Mapping[str, Any] | set[str]) -> dict[str, str]:
    """The parameters of an address, each once, all of them known. Raises Problem."""
    for name, values in query.lists():
        if name not in known:
            raise parameter(name[:80], "There is no such parameter here.", "unknown_parameter")
        if len(values) > 1:
            raise parameter(name, "Give it once.")
        if "\x00" in values[0]:
            raise parameter(name, "It holds a NUL character.")
        if not values[0]:
            raise parameter(name, "It is empty.")
    return {name: values[0] for name, values in query.lists()}


def filters(res: Resource, actor: Actor) -> dict[str, Field]:
    """The filters of a list by parameter: each as it is, and as `field[in]`."""
    fields = [f for f in res.shown_to(actor) if f.filter]
    return {f.name: f for f in fields} | {f"{f.name}[in]": f for f in fields}


def known_parameters(res: Resource, actor: Actor) -> set[str]:
    return {*PAGING, *WINDOWS, "include_deleted", "external_id", *filters(res, actor)}


def read_word(kind: Any, name: str, word: str) -> Any:
    try:
        return kind.read_word(word)
    except Bad as bad:
        raise parameter(name, str(bad.detail)) from None


def limit(word: str | None) -> int:
    if word is None:
        return USUAL
    if not (word.isascii() and word.isdecimal() and 1 <= len(word) <= 4 and 1 <= int(word) <= MOST):
        raise parameter("limit", f"Use a whole number from 1 to {MOST}.")
    return int(word)


def horizon() -> datetime:
    """The moment before which nothing can still appear: no open transaction is older."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT core_horizon()")
        return cursor.fetchone()[0]


def narrowed(res: Resource, rows: QuerySet, given: Mapping[str, str], actor: Actor) -> QuerySet:
    """The rows that the filters leave. Raises Problem."""
    if not (given.get("include_deleted") and read_word(YesNo(), "include_deleted", given["include_deleted"])):
        rows = rows.filter(deleted_at=None)
    for name, lookup in WINDOWS.items():
        if name in given:
            rows = rows.filter(**{lookup: read_word(Moment(), name, given[name])})
    if "updated_since" in given:
        rows = rows.filter(updated_at__lt=horizon())
    for name, f in filters(res, actor).items():
        if name in given:
            rows = rows.filter(**_condition(f, name, given[name]))
    if "external_id" in given:
        rows = rows.filter(pk__in=_named(res, given["external_id"], actor))
    return rows


def _condition(f: Field, name: str, word: str) -> dict[str, Any]:
    if not name.endswith("[in]"):
        return {f.source: read_word(f.kind, name, word)}
    return {f"{f.source}__in": [read_word(f.kind, name, one) for one in listed(name, word)]}


def _named(res: Resource, word: str, actor: Actor) -> QuerySet:
    try:
        name = external.read_word(word)
    except Bad as bad:
        raise parameter("external_id", str(bad.detail)) from None
    rows = ExternalId.objects.visible_to(actor).filter(resource=res.singular, system=name.system, ext_id=name.id)
    return rows.values("object_id")


# --- cursors ------------------------------------------------------------------------------------------------------


def fingerprint(name: str, given: Mapping[str, str]) -> str:
    """What a cursor is bound to: the resource and its filters, not the size or shape of the page."""
    bound = sorted((key, value) for key, value in given.items() if key not in PAGING)
    return hashlib.sha256(repr((name, bound)).encode()).hexdigest()[:16]


def seal(place: list[Any], bound: str) -> str:
    return signing.dumps([bound, *place], salt=_SALT)


def unseal(word: str, bound: str) -> list[Any]:
    """The place in a cursor. Raises Problem when it is not ours or belongs to other filters."""
    try:
        mark, *place = signing.loads(word, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise Problem("invalid_cursor", "Use next_cursor of a page, unchanged.") from None
    if mark != bound:
        raise Problem("invalid_cursor", "This cursor belongs to other filters. Keep them, or begin without a cursor.")
    return place


@dataclass(frozen=True)
class Page:
    """One page of rows, and the cursor of what follows."""

    rows: list[dict[str, Any]]
    cursor: str | None
    count: int | None = None


def page(rows: QuerySet, columns: set[str], given: Mapping[str, str], bound: str) -> Page:
    """The rows after the cursor in the order (updated_at, id): a keyset, never an offset."""
    size = limit(given.get("limit"))
    count = rows.count() if counted(given) else None
    if "cursor" in given:
        moment, pk = unseal(given["cursor"], bound)
        at = datetime.fromisoformat(moment)
        rows = rows.filter(updated_at__gte=at).exclude(updated_at=at, id__lte=UUID(pk))
    found = list(rows.order_by("updated_at", "id").values(*columns)[: size + 1])
    shown, more = found[:size], len(found) > size
    last = shown[-1] if more else None
    return Page(shown, seal([last["updated_at"].isoformat(), last["id"].hex], bound) if last else None, count)


def counted(given: Mapping[str, str]) -> bool:
    if "include" in given and given["include"] != "count":
        raise parameter("include", "Only count can be included.")
    return "include" in given


def next_address(path: str, given: Mapping[str, str], cursor: str) -> str:
    """The address of the next page, on the configured base address whatever Host said."""
    return f"{settings.BASE_URL}{quote(path)}?{urlencode({**given, 'cursor': cursor}, safe=':,')}"


def envelope(data: list[Any], page_cursor: str | None, address: str | None, count: int | None = None) -> dict[str, Any]:
    """The list: `next` stands before `next_cursor`, because some clients take the first key that begins with next."""
    listed = {
        "object": "list",
        "data": data,
        "next": address,
        "next_cursor": page_cursor,
        "has_more": address is not None,
    }
    return listed if count is None else {**listed, "count": count}
