"""Moves of many payouts and their lines at once: one statement for the rows, one for their events."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from core import ledger
from core.actor import Actor
from core.bulk import Batch, write_events
from core.errors import Stale
from core.events import Told, record_many
from core.ledger import Leg
from core.models import Event
from earnings.models import EarningLine, Payout, PayoutItem
from earnings.workflow import LINE, PAYOUT

Legs = Callable[[Payout], Sequence[Leg]]
_MOVED = """
    UPDATE earnings_earningline l SET status = %(target)s, paid_at = coalesce(%(paid_at)s, l.paid_at)
    FROM earnings_payoutitem i JOIN earnings_payout p ON p.id = i.payout_id
    WHERE i.line_id = l.id AND i.released_at IS NULL AND i.payout_id = ANY(%(payouts)s) AND l.status = %(source)s
    RETURNING l.id, %(verb)s::text, l.version, l.partner_id, jsonb_build_object(
        'changes', jsonb_build_object('status', jsonb_build_array(%(source)s::text, %(target)s::text)),
        'amount', l.amount::text, 'currency', l.currency, 'reference', l.reference, 'payout', p.reference)
"""


def move_lines(
    step: str, payouts: Collection[UUID], wanted: int, *, by: Actor, at: datetime, paid_at: datetime | None = None
) -> None:
    """Takes one step with every line of these payouts. Raises Stale when they are not the `wanted` number any more."""
    table = LINE.steps[step]
    by.require(table.permission)
    (source,) = table.source
    values: dict[str, Any] = {"source": str(source), "target": str(table.target), "verb": table.verb}
    batch = Batch(by, at)
    moved = write_events(batch, EarningLine, _MOVED, {**values, "payouts": list(payouts), "paid_at": paid_at})
    if len(moved) != wanted:
        raise Stale(_("Some of these lines have changed. Look at them again."))


def items_of(payouts: Collection[UUID]) -> int:
    """How many lines are in these payouts now."""
    return PayoutItem.objects.filter(payout_id__in=list(payouts), released_at=None).count()


def move_payouts(
    step: str, payouts: Collection[UUID], *, by: Actor, at: datetime, legs: Legs | None = None, **values: Any
) -> list[Payout]:
    """Takes one step with each of these payouts, all or none; with `legs`, one transaction of the ledger for each.

    Raises Stale when one of them has moved on.
    """
    table = PAYOUT.steps[step]
    by.require(table.permission)
    rows = Payout.objects.filter(pk__in=list(payouts))
    before = dict(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", "status"))
    if any(state not in table.source for state in before.values()) or len(before) != len(set(payouts)):
        raise Stale(_("Some of these payouts have changed. Look at them again."))
    if not before:
        return []
    rows.update(status=table.target, **values)
    fresh = list(rows.select_related("run", "partner", "bank").order_by("pk"))
    _tell(table.verb, fresh, before, by=by, at=at, legs=legs)
    return fresh


def _tell(
    verb: str, payouts: list[Payout], before: dict[UUID, str], *, by: Actor, at: datetime, legs: Legs | None
) -> list[Event]:
    money = [list(legs(one)) if legs else [] for one in payouts]
    told: list[Told] = [
        (verb, one, one.partner_id, _data(one, before[one.pk]) | (ledger.told(own) if own else {}))
        for one, own in zip(payouts, money, strict=True)
    ]
    events = record_many(told, by=by, at=at)
    postings = [(event, own) for event, own in zip(events, money, strict=True) if own]
    if postings:
        ledger.post_many(postings)
    return events


def _data(one: Payout, before: str) -> dict[str, Any]:
    return {
        "changes": {"status": [before, one.status]}, "amount": str(one.amount), "currency": one.currency,
        "run": one.run.reference, "reference": one.reference, "account": one.bank.hint if one.bank else "",
        "bank_reference": one.bank_reference, "failure": one.failure,
    }  # fmt: skip


def release(payouts: Collection[UUID], *, by: Actor, at: datetime) -> None:
    """The lines of these payouts are payable again; a later run takes them."""
    move_lines("leave_out", payouts, items_of(payouts), by=by, at=at)
    PayoutItem.objects.filter(payout_id__in=list(payouts), released_at=None).update(released_at=at)


def write_answers(answers: Sequence[tuple[UUID, str, str]]) -> None:
    """What the bank said: (payout, its reference, why it failed)."""
    sql = """UPDATE earnings_payout p SET bank_reference = a.reference, failure = a.failure
        FROM unnest(%s::uuid[], %s::text[], %s::text[]) a (id, reference, failure) WHERE p.id = a.id"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(column) for column in zip(*answers, strict=True)])
