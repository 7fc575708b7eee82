"""Approving several routine requests at once: a preview first, then each by itself under the same rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.actor import Actor
from core.console import ConsolePage
from core.errors import Forbidden, Refused, Stale
from core.money import Money
from core.parts import Column, Row, Table, Tag
from core.text import clean
from mdf import money, rules, services
from mdf.admin import queries, words
from mdf.admin.pages import crumbs, why_not
from mdf.enums import Criterion
from mdf.models import Request
from mdf.particulars import Decision, Ruling
from mdf.workflow import REQUEST

MOST = 50


@dataclass(frozen=True)
class Line:
    """A request in the preview: what it would reserve, or why it is left out."""

    request: Request
    amount: Money
    why: str = ""

    @property
    def mark(self) -> str:
        """Which request, as it was read."""
        return f"{self.request.reference}:{self.request.version}"


def preview(rows: Iterable[Request], actor: Actor, at: Any) -> list[Line]:
    """What each would do, in order: earlier ones of the list use up the partner's funds first."""
    requests = list(rows)
    prefetch_related_objects(requests, "steps_taken")
    left = money.balances(money.AVAILABLE, {one.allocation_id for one in requests if one.allocation_id})
    lines = []
    for one in requests:
        asked = words.asked(one)
        why = _refusal(one, actor, at) or _short(one, asked.amount, left)
        if not why and one.steps_done + 1 >= len(one.steps):
            left[one.allocation_id] -= asked.amount  # type: ignore[index]
        lines.append(Line(one, asked, why))
    return lines


def _refusal(request: Request, actor: Actor, at: Any) -> str:
    refused = REQUEST.refusal(request, "approve", by=actor, at=at)
    if refused is not None:
        return str(refused.reason)  # type: ignore[attr-defined]
    return why_not(services.deciding.refuse_others, request, actor) or _not_routine(request)


def _not_routine(request: Request) -> str:
    """What wants a person's look at its own page: a return below the benchmark, or words of the program against it."""
    benchmark = request.fund_terms.return_multiple
    for activity in request.activities.all():
        pipeline, asked = activity.expected_pipeline, activity.asked_amount
        if pipeline is None or rules.multiple(pipeline, asked) < benchmark:
            return _("It expects less return than the program looks for. Decide it on its page.")
    return ""


def _short(request: Request, asked: Decimal, left: dict[Any, Decimal]) -> str:
    free = left.get(request.allocation_id, Decimal(0))
    if asked <= free:
        return ""
    return _("Only %s is free then. Decide a part on its page.") % f"{max(free, Decimal(0)):,.2f} {request.currency}"


def whole(request: Request, note: str) -> Decision:
    """All that was asked for, with the three criteria met: what was confirmed for the whole list."""
    met = {str(criterion): {"met": True, "reason": ""} for criterion in Criterion}
    return Decision([Ruling(one, one.asked_amount, met) for one in request.activities.all()], note)


class BulkApprove(ConsolePage):
    """GET shows what would happen; POST does it, each request by itself, and tells what was refused."""

    permission = "mdf.decide"

    def get(self, request):
        picked = request.GET.getlist("pick")[:MOST]
        return self._page(preview(self._rows(picked), self.actor, self.at))

    def post(self, request):
        picked = dict(clean(mark).partition(":")[::2] for mark in request.POST.getlist("pick")[:MOST])
        rows = self._rows(list(picked))
        if not request.POST.get("met"):
            return self._page(preview(rows, self.actor, self.at), 422, _("Say that all three criteria are met."))
        done = [one for one in rows if self._approve(one, picked[one.reference])]
        if done:
            n = ngettext("%d request approved.", "%d requests approved.", len(done)) % len(done)
            messages.success(request, f"{n} {_sums(done)}")
        return redirect("admin:index")

    def _rows(self, references: Sequence[str]) -> list[Request]:
        """In the order of the queue: the oldest promise first."""
        rows = queries.with_activities(self.actor).filter(reference__in=[ref.partition(":")[0] for ref in references])
        return list(rows.order_by("due_at", "id"))

    def _approve(self, one: Request, version: str) -> bool:
        """The same service as on the request's page; what is refused leaves nothing behind."""
        try:
            with transaction.atomic():
                if version != str(one.version):
                    raise Stale(_("Somebody changed this while you looked at it."))
                if why := _not_routine(one):
                    raise Refused(why)
                services.deciding.approve(one, whole(one, ""), by=self.actor, at=self.at)
        except (Refused, Forbidden, Stale) as refusal:
            messages.error(self.request, f"{one}: {refusal.reason}")
            return False
        return True

    def _page(self, lines: list[Line], status: int = 200, fault: str = "") -> HttpResponse:
        good = [line for line in lines if not line.why]
        context = {
            "heading": _("Approve several requests"),
            "crumbs": crumbs(),
            "lead": ngettext("%d of them can be approved now.", "%d of them can be approved now.", len(good))
            % len(good),
            "table": _table(lines) if lines else None,
            "good": good,
            "sums": _sums([line.request for line in good]),
            "texts": [fault] if fault else [],
            "back": reverse("admin:mdf_request_changelist"),
        }
        return self.show("mdf/console/bulk.html", context, status)


def _sums(requests: Iterable[Request]) -> str:
    """What they come to, by currency."""
    found: dict[str, Decimal] = {}
    for one in requests:
        found[one.currency] = found.get(one.currency, Decimal(0)) + words.asked(one).amount
    return ", ".join(f"{amount:,.2f} {currency}" for currency, amount in sorted(found.items()))


def _table(lines: list[Line]) -> Table:
    columns = (
        Column(_("Request")), Column(_("Partner")), Column(_("Return"), "tag"), Column(_("Reserves"), "num"),
        Column(_("What happens")),
    )  # fmt: skip
    return Table(_("What would happen"), columns, [
        Row(
            (
                str(line.request), line.request.partner.name,
                words.return_tag(line.request.activities.all(), line.request.fund_terms.return_multiple),
                None if line.why else line.amount, line.why or _happens(line.request),
            ),
            line.request.get_console_url(),
        )
        for line in lines
    ])  # fmt: skip


def _happens(request: Request) -> Tag:
    last = request.steps_done + 1 >= len(request.steps)
    return Tag(_("Approved") if last else _("This step is approved, the next is another person's"), "good")
