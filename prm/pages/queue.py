"""The console's first screen: everything that waits for a decision, the oldest promise first."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import slots
from core.console import ConsolePage
from core.parts import Column, Row, Table, Tag
from core.queue import QueueItem, Waiting
from partners import queries

_NEVER = datetime.max.replace(tzinfo=UTC)


class Queue(ConsolePage):
    def get(self, request):
        kind, who = request.GET.get("kind", ""), request.GET.get("who", "")
        mine = self.mine()
        whose = "mine" if who == "mine" or (who == "" and any(w.total for w in mine)) else "all"
        waiting = mine if whose == "mine" else slots.ask("queue_kind", self.actor, None, at=self.at)
        items = sorted((i for w in waiting for i in w.items), key=lambda i: (i.due_at or _NEVER, i.reference))
        context = {
            "heading": _("My queue") if whose == "mine" else _("Queue"),
            "lead": _lead(waiting),
            "chips": _chips(items, kind, whose),
            "whose": whose,
            "decides": bool(waiting),
            "kind": kind,
            "table": self._table([i for i in items if kind in ("", i.kind)]),
        }
        return self.show("pages/queue.html", context)

    def mine(self) -> list[Waiting]:
        """What waits for me, and for those I stand in for while they are away."""
        people = [self.actor.id, *queries.stands_in_for(self.actor, self.at.date())]
        found = [w for person in people for w in slots.ask("queue_kind", self.actor, person, at=self.at)]
        return found if len(people) == 1 else [_once(found)]

    def _table(self, items: list[QueueItem]) -> Table | None:
        columns = (
            Column(_("What")), Column(_("Kind")), Column(_("Partner")), Column(_("Value"), "num"),
            Column(_("Checks"), "tag"), Column(_("Due"), "when"),
        )  # fmt: skip
        return Table(_("What waits for a decision"), columns, [self._row(i) for i in items]) if items else None

    def _row(self, item: QueueItem) -> Row:
        late = item.due_at is not None and item.due_at <= self.at
        due = Tag(_("Late: %s") % f"{item.due_at:%d %b %H:%M}", "bad") if late else item.due_at
        return Row((item.title, item.kind_label, item.partner, item.amount, Tag(item.checks, item.tone), due), item.url)


def _once(waiting: list[Waiting]) -> Waiting:
    """Items that several people share, once."""
    items = tuple({(i.kind, i.url, i.title): i for w in waiting for i in w.items}.values())
    late = sum(w.late for w in waiting)
    return Waiting(items, sum(w.total - len(w.items) for w in waiting) + len(items), late)


def _lead(waiting: list[Waiting]) -> str:
    total, late = sum(w.total for w in waiting), sum(w.late for w in waiting)
    words = ngettext("%d to decide", "%d to decide", total) % total
    return f"{words} · " + (ngettext("%d late", "%d late", late) % late if late else _("none late"))


def _chips(items: list[QueueItem], chosen: str, whose: str) -> list[dict]:
    """One filter per kind that is there, with its count."""
    kinds = {i.kind: i.kind_label for i in items}
    chips = [{"key": "", "label": _("All"), "count": len(items)}]
    chips += [{"key": k, "label": label, "count": sum(i.kind == k for i in items)} for k, label in kinds.items()]
    return [c | {"href": "?" + urlencode({"kind": c["key"], "who": whose}), "here": c["key"] == chosen} for c in chips]
