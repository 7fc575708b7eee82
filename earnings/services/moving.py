"""Moves of many lines at once: one statement, one event for each line, one posting where money moves."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import ledger
from core.actor import Actor
from core.errors import Stale
from core.events import Told, record_many
from core.ledger import Leg
from earnings.books import Books
from earnings.models import EarningLine
from earnings.workflow import LINE

Legs = Callable[[EarningLine], Sequence[Leg]]


@transaction.atomic
def move_all(
    step: str, lines: Iterable[EarningLine], *, by: Actor, at: datetime, legs: Legs | None = None, **values: Any
) -> list[EarningLine]:
    """Takes one step with each line, all or none, as they are now. `values` are columns that change with the state.

    Raises the refusal of the first line that can't take it, Stale when one has moved on meanwhile.
    """
    rows = sorted(lines, key=lambda line: line.pk)
    if not rows:
        return []
    before = {line.pk: line.status for line in rows}
    checked = [LINE.check(line, step, by=by, at=at) for line in rows]
    mine = EarningLine.objects.filter(pk__in=before)
    held = dict(mine.select_for_update(no_key=True).order_by("pk").values_list("pk", "status"))
    if held != before:
        raise Stale(_("Some of these lines have changed. Look at them again."))
    mine.update(status=checked[0].target, **values)
    fresh = list(mine.order_by("pk"))
    tell([(LINE.steps[step].verb, line, [before[line.pk], line.status]) for line in fresh], by=by, at=at, legs=legs)
    return fresh


def tell(
    moved: Sequence[tuple[str, EarningLine, list[str | None]]], *, by: Actor, at: datetime, legs: Legs | None = None
) -> None:
    """Writes the event of each line (verb, line, [state before, after]) and posts what it moves."""
    money = [list(legs(line)) if legs else [] for _verb, line, _states in moved]
    told: list[Told] = [
        (verb, line, line.partner_id, {"changes": {"status": states}, **_about(line), **_posted(own)})
        for (verb, line, states), own in zip(moved, money, strict=True)
    ]
    events = record_many(told, by=by, at=at)
    postings = [(event, own) for event, own in zip(events, money, strict=True) if own]
    if postings:
        ledger.post_many(postings)


def _posted(legs: Sequence[Leg]) -> dict[str, Any]:
    return ledger.told(legs) if legs else {}


def _about(line: EarningLine) -> dict[str, Any]:
    return {"amount": str(line.amount), "currency": line.currency, "reference": line.reference}


def include(lines: Iterable[EarningLine], *, by: Actor, at: datetime) -> list[EarningLine]:
    """Takes payable lines into a payout."""
    return move_all("include", lines, by=by, at=at)


def leave_out(lines: Iterable[EarningLine], *, by: Actor, at: datetime) -> list[EarningLine]:
    """Takes lines out of a payout that was not sent, or failed: they are payable again."""
    return move_all("leave_out", lines, by=by, at=at)


def pay(lines: Iterable[EarningLine], *, by: Actor, at: datetime) -> list[EarningLine]:
    """The payout of these lines has arrived: what we owed is paid."""
    rows, books = list(lines), Books()
    books.preload(rows)
    return move_all("pay", rows, by=by, at=at, legs=books.paid, paid_at=at)


def invoice(lines: Iterable[EarningLine], *, by: Actor, at: datetime) -> list[EarningLine]:
    """Hands fees that the partner owes to invoicing."""
    return move_all("invoice", lines, by=by, at=at, invoiced_at=at)
