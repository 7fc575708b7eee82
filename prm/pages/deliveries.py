"""What could not be delivered, and the button that tries again."""

from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import deliver
from core.console import ConsolePage
from core.models import Delivery, DeliveryState
from core.parts import Column, Row, Table, Tag

SHOWN = 100


def _uuid(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None


class Deliveries(ConsolePage):
    """Dead deliveries first, then those that wait for another try."""

    permission = "delivery.manage"

    def get(self, request):
        rows = list(deliver.in_trouble()[:SHOWN])
        context = {
            "heading": _("Deliveries"),
            "lead": _("What should have happened after an event, and has not."),
            "table": self._table(rows) if rows else None,
            "dead": any(row.state == DeliveryState.DEAD for row in rows),
        }
        return self.show("pages/deliveries.html", context)

    def post(self, request):
        done = deliver.retry_dead([pk for word in request.POST.getlist("delivery") if (pk := _uuid(word))], self.at)
        messages.success(request, ngettext("%d is tried again now.", "%d are tried again now.", done) % done)
        return redirect("admin:deliveries")

    def _table(self, rows: list[Delivery]) -> Table:
        columns = (
            Column(_("Event")), Column(_("Reaction")), Column(_("State"), "tag"), Column(_("Tries"), "num"),
            Column(_("Next try"), "when"), Column(_("Reason")),
        )  # fmt: skip
        return Table(_("Deliveries"), columns, [self._row(row) for row in rows])

    def _row(self, row: Delivery) -> Row:
        dead = row.state == DeliveryState.DEAD
        state = Tag(_("Given up"), "bad") if dead else Tag(_("Tried again"), "warn")
        what = f"{row.event.type} · {row.event.subject_public_id}"
        return Row(
            (what, row.reaction, state, row.attempts, None if dead else row.due_at, row.error[:200]), id=str(row.pk)
        )
