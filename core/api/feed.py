"""`events`: what happened, in the one order of all events; the cursor is a place in it."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from core.actor import Actor
from core.api import query, show
from core.api.frame import ActorView, answer
from core.api.kinds import Choice, Text, moment
from core.api.resources import READ, all_resources
from core.models import Event, SequenceEntry
from core.scope import elevated
from core.sequencer import sequence

PARAMETERS = ("limit", "cursor", "start", "type", "type[in]", "resource", "resource_id")
_ID = Text(50, r"[a-z_]+_[0-9a-f]{32}")
_NAME = Text(80, r"[a-z_]+(\.[a-z_]+)?")


def resource_types() -> dict[str, str]:
    return {res.singular: res.name for res in all_resources()}


class Events(ActorView):
    """GET reads on from a cursor; an empty page gives a cursor to come back with."""

    settings_name = "events"

    def get(self, request):
        self.require(READ)
        given = query.words(request.query_params, set(PARAMETERS))
        size, bound = (
            query.limit(given.get("limit")),
            query.fingerprint("events", {n: w for n, w in given.items() if n != "start"}),
        )
        with elevated():
            sequence()
        head = _head()
        after = _start(given, bound, head)
        rows = list(_between(_narrowed(given, self.actor), after, head)[: size + 1])
        more = len(rows) > size
        place = rows[size - 1].position if more else max(head, after)
        cursor = query.seal([place], bound)
        address = query.next_address(request.path, given, cursor) if more else None
        data = [shown(event, self.actor) for event in rows[:size]]
        response = answer(query.envelope(data, cursor, address))
        if address:
            response.headers["Link"] = f'<{address}>; rel="next"'
        return response


def _head() -> int:
    last = SequenceEntry.objects.order_by("-position").values_list("position", flat=True).first()
    return last or 0


def _start(given: dict[str, str], bound: str, head: int) -> int:
    if "cursor" in given:
        if "start" in given:
            raise show.parameter("start", "Give a cursor or a start, not both.")
        return query.unseal(given["cursor"], bound)[0]
    words = Choice(("beginning", "now"))
    return head if query.read_word(words, "start", given.get("start", "beginning")) == "now" else 0


def _narrowed(given: dict[str, str], actor: Actor) -> QuerySet:
    rows = Event.objects.visible_to(actor)
    if "type" in given:
        rows = rows.filter(type=query.read_word(_NAME, "type", given["type"]))
    if "type[in]" in given:
        types = show.listed("type[in]", given["type[in]"])
        rows = rows.filter(type__in=[query.read_word(_NAME, "type[in]", word) for word in types])
    if "resource" in given:
        singular = {name: one for one, name in resource_types().items()}
        rows = rows.filter(subject_type=singular[query.read_word(Choice(singular), "resource", given["resource"])])
    if "resource_id" in given:
        word = query.read_word(_ID, "resource_id", given["resource_id"])
        rows = rows.filter(subject_id=UUID(word[-32:]), subject_public_id=word)
    return rows


def _between(rows: QuerySet, after: int, head: int) -> QuerySet:
    # no foreign key joins the two tables: the log must never depend on anything
    return rows.extra(
        select={"position": "core_sequence.position"},
        tables=["core_sequence"],
        where=["core_sequence.event_id = core_event.id", "core_sequence.position > %s", "core_sequence.position <= %s"],
        params=[after, head],
        order_by=["core_sequence.position"],
    )


def shown(event: Any, actor: Actor) -> dict[str, Any]:
    """An event; partner keys see who did it by side alone, and of the data what their own objects show them."""
    ours = actor.sees_all or event.actor_id == actor.id or event.actor_kind == "partner"
    return {
        "object": "event",
        "id": f"evt_{event.pk}",
        "position": event.position,
        "type": event.type,
        "resource": resource_types().get(event.subject_type),
        "resource_id": event.subject_public_id,
        "version": event.subject_version,
        "at": moment(event.at),
        "recorded_at": moment(event.recorded_at),
        "actor": {"kind": event.actor_kind, "label": event.actor_label if ours else None},
        "request_id": event.request_id or None,
        "data": event.data if actor.sees_all else _for_partner(event, actor),
    }


def _for_partner(event: Any, actor: Actor) -> dict[str, Any]:
    res = next((r for r in all_resources() if r.singular == event.subject_type), None)
    if res is None:
        return {}
    open_names = {f.name for f in res.shown_to(actor)} | {c for f in res.shown_to(actor) for c in f.columns}
    told = {part: event.data.get(part) or {} for part in ("changes", "fields")}
    return {part: _only(open_names, names) for part, names in told.items() if names}


def _only(open_names: set[str], names: Any) -> Any:
    """Of {name: [before, after]}, or of a list of names, what may be told."""
    if isinstance(names, dict):
        return {name: pair for name, pair in names.items() if name in open_names}
    return [name for name in names if name in open_names]
