"""What market funds have to say on pages over many apps in the console: the queue, a partner's page, counts."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, DateTimeField, Func, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.actor import Actor
from core.calendar import end_of_local_day
from core.money import Money
from core.parts import Column, Crumb, Fact, Row, Table, Tag
from core.queue import QueueItem, Waiting
from mdf import money
from mdf.admin import queries, words
from mdf.enums import ActivityStatus
from mdf.models import Activity, Allocation, Claim, Request
from partners.models import Partner

QUEUE_SHOWN = 100
TAB_SHOWN = 8


def queue(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """Requests whose present step is this reader's; `subject` may narrow to one manager's."""
    if not queries.approvers(actor):
        return None
    rows = queries.waiting_requests(actor)
    if subject:
        rows = rows.filter(_of(subject, "partner") | ~Q(approver="manager"))
    shown = rows.prefetch_related("activities")[:QUEUE_SHOWN]
    return Waiting(tuple(_request(one) for one in shown), **queries.late(rows, at))


def claims(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """Claims to decide; `subject` may narrow to one manager's."""
    if not actor.can("mdf.decide"):
        return None
    rows = queries.waiting_claims(actor)
    if subject:
        rows = rows.filter(_of(subject, "partner"))
    shown = rows.prefetch_related("invoice_lines", "proofs")[:QUEUE_SHOWN]
    return Waiting(tuple(_claim(one) for one in shown), **queries.late(rows, at))


def _of(person: Any, partner: str) -> Q:
    return Q(**{f"{partner}__manager_id": person}) | Q(**{f"{partner}__backup_id": person})


def _request(request: Request) -> QueueItem:
    expects = return_tag(request)
    return QueueItem(
        kind="mdf", kind_label=_("Market funds"), reference=request.reference, title=str(request),
        partner=request.partner.name, url=request.get_console_url(), due_at=request.due_at,
        amount=words.asked(request), checks=expects.text, tone=expects.tone, owner_id=request.partner.manager_id,
    )  # fmt: skip


def return_tag(request: Request) -> Tag:
    return words.return_tag(request.activities.all(), request.fund_terms.return_multiple)


def _claim(claim: Claim) -> QueueItem:
    doubtful = (claim.invoice_lines.all(), claim.proofs.all())
    twins = sum(bool(row.twin) for rows in doubtful for row in rows)
    doubles = ngettext("%d possible duplicate", "%d possible duplicates", twins) % twins
    return QueueItem(
        kind="claims", kind_label=_("Claim"), reference=claim.reference, title=claim.activity.title,
        partner=claim.partner.name, url=claim.get_console_url(), due_at=claim.due_at,
        amount=Money(claim.amount, claim.currency), checks=doubles if twins else _("No duplicate found"),
        tone="bad" if twins else "good", owner_id=claim.partner.manager_id,
    )  # fmt: skip


class _EndOfDay(Func):
    """When a day ends in a time zone: (zone, day)."""

    template, output_field = "timezone(%(expressions)s::timestamp + interval '1 day')", DateTimeField()


def more_time(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """Activities for whose claim the partner asks for more time."""
    if not actor.can("mdf.decide"):
        return None
    rows = Activity.objects.visible_to(actor).filter(
        extension_asked_at__isnull=False, claim_extended=False, status=ActivityStatus.APPROVED
    )
    rows = rows.filter(_of(subject, "partner")) if subject else rows
    counted = rows.annotate(over=_EndOfDay("partner__time_zone", "claim_due_on")).aggregate(
        total=Count("pk"), late=Count("pk", filter=Q(over__lt=at))
    )
    found = list(rows.select_related("partner", "request").order_by("claim_due_on", "id")[:QUEUE_SHOWN])
    return Waiting(tuple(_time(one) for one in found), counted["total"], counted["late"])


def _time(activity: Activity) -> QueueItem:
    due = activity.claim_due_on
    return QueueItem(
        kind="mdf", kind_label=_("Market funds"), reference=activity.request.reference, title=activity.title,
        partner=activity.partner.name, url=activity.request.get_console_url(),
        due_at=end_of_local_day(due, activity.partner.time_zone) if due else None,
        amount=Money(activity.approved_amount or Decimal(0), activity.currency), checks=_("More time asked for"),
        tone="warn", owner_id=activity.partner.manager_id,
    )  # fmt: skip


def nav_count(actor: Actor, subject: Any, at: datetime) -> tuple[str, tuple[QuerySet, ...]] | None:
    """The requests of which something waits for this reader, for the navigation."""
    if not actor.is_vendor or not queries.approvers(actor):
        return None
    of_claims = queries.waiting_claims(actor).order_by().values("activity__request_id")
    waits = Q(pk__in=queries.waiting_requests(actor).order_by().values("pk")) | Q(pk__in=of_claims)
    return "admin:mdf_request_changelist", (Request.objects.visible_to(actor).filter(waits),)


# --- a partner's page ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PartnerCard:
    """A partner's market funds on its page in the console."""

    facts: list[Fact]
    table: Table | None
    links: list[Crumb]
    column: str = "main"
    template: str = "mdf/console/partner_card.html"


def partner_tab(actor: Actor, partner: Partner, at: datetime) -> PartnerCard:
    """Free funds, and the latest requests."""
    given = Allocation.objects.visible_to(actor).filter(partner=partner, deleted_at=None).select_related("budget")
    latest = list(given.order_by("-period_end", "-id")[:3])
    free = money.balances(money.AVAILABLE, [one.pk for one in latest])
    facts = [
        Fact(
            one.budget.name,
            Money(free.get(one.pk, Decimal(0)), one.currency),
            hint=_("free of %(sum)s · %(kind)s, %(number)s")
            % {
                "sum": f"{one.amount:,.2f} {one.currency}",
                "kind": one.get_kind_display().lower(),
                "number": one.reference,
            },
        )
        for one in latest
    ]
    rows = Request.objects.visible_to(actor).filter(partner=partner, deleted_at=None).order_by("-created_at", "-id")
    found = list(rows.prefetch_related("activities")[:TAB_SHOWN])
    columns = (
        Column(_("Request")), Column(_("Status"), "tag"), Column(_("Asked"), "num"), Column(_("Approved"), "num"),
    )  # fmt: skip
    table = Table(
        _("Requests for market funds"),
        columns,
        [Row((str(one), words.status_tag(one), words.asked(one), words.approved(one)), one.get_console_url())
         for one in found],
    )  # fmt: skip
    every = Crumb(_("All requests"), f"{reverse('admin:mdf_request_changelist')}?partner={partner.reference}")
    ask = Crumb(_("Ask on its behalf"), reverse("admin:mdf_request_for", args=[partner.reference]))
    may_ask = [ask] if latest and actor.can("mdf.request") else []
    return PartnerCard(facts, table if found else None, [*may_ask, *([every] if found else [])])
