"""A partner finds a line wrong: it waits until the vendor has answered. What was wrong is put right by a line of its
own."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused
from core.events import record
from earnings.dossier import local_day
from earnings.enums import Direction, LineStatus, RuleKind
from earnings.models import Dispute, EarningLine, EarningTerms
from earnings.particulars import Adjustment, Objection, Verdict
from earnings.services.earning import earn, go_on
from earnings.services.keeping import keep
from earnings.workflow import DISPUTE, LINE

ANSWER_DAYS = 15


@transaction.atomic
def dispute(line: EarningLine, objection: Objection, *, by: Actor, at: datetime) -> Dispute:
    """The partner's word against a line, within the days its program names. The line waits for our answer."""
    if not objection.text:
        raise Refused(_("Say what is wrong with this line."), field="text")
    keep(line.partner_id)
    LINE.fire(line, "dispute", by=by, at=at, data={"text": objection.text})
    made = Dispute.objects.create(
        partner_id=line.partner_id, line=line, text=objection.text, asked_at=at,
        asked_by_id=by.id if by.kind == "partner" else None, due_at=at + timedelta(days=ANSWER_DAYS),
    )  # fmt: skip
    told = _told(line, objection.text) | {"line": line.public_id, "due_at": made.due_at.isoformat()}
    record("opened", made, by=by, at=at, partner_id=made.partner_id, data=told)
    return made


@transaction.atomic
def uphold(one: Dispute, verdict: Verdict, *, by: Actor, at: datetime) -> Dispute:
    """The partner is right: the difference to what the line should have been is a line of its own."""
    _refuse_silence(verdict)
    keep(one.partner_id)
    line = one.line
    DISPUTE.fire(one, "uphold", by=by, at=at, **_decided(verdict, by, at), data=_told(line, verdict.text))
    LINE.fire(line, "resolve", by=by, at=at, data={"text": verdict.text})
    if verdict.amount is not None and verdict.amount != line.amount:
        known = {"line": line.reference, "before": str(line.amount), "right": str(verdict.amount)}
        _adjust(line, verdict.amount - line.amount, verdict.text, known, by=by, at=at)
    go_on([line.pk], at=at)
    line.refresh_from_db()
    return one


@transaction.atomic
def refuse_dispute(one: Dispute, verdict: Verdict, *, by: Actor, at: datetime) -> Dispute:
    """The line stands, and goes on from where it was."""
    _refuse_silence(verdict)
    DISPUTE.fire(one, "refuse", by=by, at=at, **_decided(verdict, by, at), data=_told(one.line, verdict.text))
    LINE.fire(one.line, "resolve", by=by, at=at, data={"text": verdict.text})
    go_on([one.line_id], at=at)
    one.line.refresh_from_db()
    return one


def _told(line: EarningLine, text: str) -> dict[str, str]:
    """What was said, and which line it is about: the mails are written from it."""
    return {"text": text, "reference": line.reference, "amount": str(line.amount), "currency": line.currency}


def _refuse_silence(verdict: Verdict) -> None:
    if not verdict.text:
        raise Refused(_("Say why. The partner reads it."), field="text")


def _decided(verdict: Verdict, by: Actor, at: datetime) -> dict[str, Any]:
    return {"answer": verdict.text, "decided_at": at, "decided_by_id": by.id if by.kind == "vendor" else None}


def _adjust(
    line: EarningLine, amount: Decimal, reason: str, inputs: dict[str, Any], *, by: Actor, at: datetime
) -> EarningLine:
    made = EarningLine(
        partner_id=line.partner_id, membership_id=line.membership_id, opportunity_id=line.opportunity_id,
        kind=RuleKind.ADJUSTMENT, direction=line.direction, nets=line.nets, status=LineStatus.ACCRUED, amount=amount,
        currency=line.currency, occurred_on=local_day(at), inputs=inputs, reason=reason[:300], accrued_at=at,
        arithmetic=[{"step": "adjusted", "gives": str(amount)}], dispute_until=at + timedelta(days=_days()),
    )  # fmt: skip
    earn([made], at=at, by=by)
    made.refresh_from_db()
    return made


def _days() -> int:
    return EarningTerms._meta.get_field("dispute_days").default


@transaction.atomic
def adjust(told: Adjustment, *, by: Actor, at: datetime) -> EarningLine:
    """An amount beside the rules, such as a clawback that no refund stands behind. It is payable at once."""
    by.require("earnings.decide")
    if not told.amount:
        raise Refused(_("Enter an amount other than zero."), field="amount")
    if not told.reason:
        raise Refused(_("Say why. The partner reads it."), field="reason")
    keep(told.partner.pk)
    blank = EarningLine(
        partner=told.partner, opportunity=told.opportunity, direction=Direction.PAYABLE, currency=told.currency
    )
    return _adjust(blank, told.amount, told.reason, {"by": by.label}, by=by, at=at)
