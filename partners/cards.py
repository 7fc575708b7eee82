"""What partners have to say on pages over many apps: tabs of a partner's page, and next steps in the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from core import slots
from core.actor import Actor
from core.parts import Crumb, Table, Tag
from core.queue import QueueItem, Waiting
from partners import queries, shown_together
from partners.enums import ExportStatus
from partners.models import Call, Merge, Partner, PartnerExport

QUEUE_SHOWN = 100
CALLS_SHOWN = 10
EXPORTS_SHOWN = 5


@dataclass(frozen=True)
class TogetherCard:
    """Integrations and what each side gives."""

    template: ClassVar[str] = "partners/tab_together.html"
    column: ClassVar[str] = "main"

    table: Table | None
    exchanges: Sequence[shown_together.Exchange]
    us: str
    partner: Partner
    add: Crumb | None
    add_value: Crumb | None


def together(actor: Actor, partner: Partner, at: datetime) -> TogetherCard:
    edits = actor.can("partner.edit")

    def page(name: str):
        return (lambda row: _page(name, partner, row.public_id)) if edits else None

    return TogetherCard(
        shown_together.integrations(queries.integrations(actor, partner), page("integration")),
        shown_together.exchanges(queries.mutual_values(actor, partner), page("value")),
        shown_together.us(), partner,
        Crumb(_("Add an integration"), _page("integration_new", partner)) if edits else None,
        Crumb(_("Add what each side gives"), _page("value_new", partner)) if edits else None,
    )  # fmt: skip


def _page(name: str, partner: Partner, *more: object) -> str:
    return reverse(f"admin:{name}", args=[partner.reference, *more])


@dataclass(frozen=True)
class Talk:
    """A call as the vendor's people read it; `done` is where its next step is ticked off."""

    at: datetime
    who: str
    with_whom: str
    said: str
    next_step: str
    due: datetime | None
    late: bool
    done: str


@dataclass(frozen=True)
class CallsCard:
    template: ClassVar[str] = "partners/tab_calls.html"
    column: ClassVar[str] = "main"

    talks: Sequence[Talk]
    us: str
    add: Crumb | None


def calls(actor: Actor, partner: Partner, at: datetime) -> CallsCard | None:
    """Talks, for the vendor's people alone."""
    if not actor.is_vendor:
        return None
    writes = actor.can("note.write")
    talks = [_talk(call, partner, at, writes) for call in queries.calls(actor, partner)[:CALLS_SHOWN]]
    return CallsCard(
        talks, shown_together.us(), Crumb(_("Log a call"), _page("call_new", partner)) if writes else None
    )  # fmt: skip


def _talk(call: Call, partner: Partner, at: datetime, writes: bool) -> Talk:
    waits = call.next_step != "" and call.done_at is None
    late = waits and call.next_step_due is not None and call.next_step_due < at
    done = _page("call_verb", partner, call.public_id, "done") if waits and writes else ""
    due = call.next_step_due if waits else None
    return Talk(call.at, str(call.author or ""), call.with_whom, call.summary, call.next_step, due, late, done)


@dataclass(frozen=True)
class PlanCard:
    template: ClassVar[str] = "partners/tab_plan.html"
    column: ClassVar[str] = "side"

    year: int
    plan: shown_together.PlanPage | None
    us: str
    partner: Partner
    edit: Crumb | None


def plan(actor: Actor, partner: Partner, at: datetime) -> PlanCard:
    """The plan of this year."""
    row = queries.plan_of(actor, partner, at.year)
    reached = dict(slots.ask("plan_reached", actor, (partner, at.year), at=at)) if row else {}
    words = _("Change the plan") if row else _("Write the plan")
    edit = Crumb(words, _page("plan", partner, at.year)) if actor.can("partner.edit") else None
    shown = shown_together.plan(row, reached) if row else None
    return PlanCard(at.year, shown, shown_together.us(), partner, edit)


def queue(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """Next steps from calls, the first due first; `subject` may narrow to one person's."""
    if not actor.can("note.write"):
        return None
    rows = queries.next_steps(actor)
    rows = rows.filter(Q(author_id=subject) | Q(partner__manager_id=subject)) if subject else rows
    counts = rows.order_by().aggregate(total=Count("pk"), late=Count("pk", filter=Q(next_step_due__lt=at)))
    return Waiting(tuple(_item(call) for call in rows[:QUEUE_SHOWN]), counts["total"], counts["late"])


def _item(call: Call) -> QueueItem:
    return QueueItem(
        kind="calls", kind_label=_("Next step"), reference=call.partner.reference, title=call.next_step,
        partner=call.partner.name, url=call.partner.get_console_url(), due_at=call.next_step_due,
        checks=_("Promised to %s") % call.with_whom, tone="info", owner_id=call.author_id,
    )  # fmt: skip


def merges(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """Merges that wait for a second person; nobody decides their own."""
    if not actor.can("partner.merge"):
        return None
    rows = queries.merges(actor).exclude(proposed_by_id=actor.id)
    return Waiting(tuple(_merge(merge) for merge in rows[:QUEUE_SHOWN]), rows.count(), 0)


def _merge(merge: Merge) -> QueueItem:
    return QueueItem(
        kind="merges", kind_label=_("Merge of partners"), reference=merge.loser.reference,
        title=_("%(loser)s into %(winner)s") % {"loser": merge.loser, "winner": merge.winner},
        partner=merge.winner.name, url=reverse("admin:merge", args=[merge.public_id]), due_at=None,
        checks=_("Proposed by %s") % merge.proposed_by, tone="info",
    )  # fmt: skip


@dataclass(frozen=True)
class ExportRow:
    at: datetime
    state: Tag
    count: int
    fetch: str


@dataclass(frozen=True)
class ExportsCard:
    template: ClassVar[str] = "partners/tab_exports.html"
    column: ClassVar[str] = "side"

    rows: Sequence[ExportRow]
    ask: str


def exports(actor: Actor, partner: Partner, at: datetime) -> ExportsCard | None:
    """Files of the partner's data, for those who may make them."""
    if not actor.can("partner.export"):
        return None
    rows = [_export(row) for row in queries.exports(actor, partner)[:EXPORTS_SHOWN]]
    return ExportsCard(rows, reverse("admin:partner_verb", args=[partner.reference, "export"]))


def _export(row: PartnerExport) -> ExportRow:
    ready = row.file_id is not None
    over = row.status == ExportStatus.READY and not ready
    state = Tag(_("No longer kept")) if over else Tag(row.get_status_display(), "good" if ready else "info")
    fetch = reverse("admin:export_verb", args=[row.public_id, "fetch"]) if ready else ""
    return ExportRow(row.asked_at, state, row.rows, fetch)
