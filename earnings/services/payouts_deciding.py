"""A run on its way: reviewed, approved by another person, handed to the bank, or taken back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.actor import Actor
from core.errors import Forbidden, Refused
from core.events import record
from earnings.enums import CarryReason, Direction, LineStatus, PayoutStatus, RunStatus
from earnings.models import EarningLine, Payout, PayoutRun
from earnings.payout_particulars import Because, Period
from earnings.rules.payouts import not_by
from earnings.services.payouts_counting import bank_details, prepare, weigh
from earnings.services.payouts_moving import move_payouts, release
from earnings.services.payouts_settling import close_if_answered, settle_empty
from earnings.workflow import PAYOUT, RUN


def pks(run: PayoutRun, status: str) -> list[UUID]:
    return list(run.payouts.filter(status=status).values_list("pk", flat=True))


@transaction.atomic
def review(run: PayoutRun, *, by: Actor, at: datetime) -> PayoutRun:
    """Somebody has looked at every sum. Who approves a run above the limit is another person."""
    RUN.fire(run, "review", by=by, at=at, **_reviewed(by, at))
    return run


def _reviewed(by: Actor, at: datetime) -> dict[str, Any]:
    return {"reviewed_at": at, "reviewed_by": by.id, "reviewed_label": by.label}


@transaction.atomic
def send_back(run: PayoutRun, because: Because, *, by: Actor, at: datetime) -> PayoutRun:
    """Not like this: it is looked at again."""
    _refuse_silence(because)
    RUN.fire(run, "send_back", by=by, at=at, reason=because.reason, data={"reason": because.reason})
    return run


def _refuse_silence(because: Because) -> None:
    if not because.reason:
        raise Refused(_("Say why."), field="reason")


@transaction.atomic
def approve(run: PayoutRun, *, by: Actor, at: datetime) -> PayoutRun:
    """The money may go. Raises Forbidden for who made, changed or reviewed a run above the limit."""
    if shut := RUN.shut(run, "approve", by=by):
        raise shut
    if why := not_by(run, by):
        raise Forbidden(why, code="four_eyes_required")
    if moved := moved_on(run):
        raise Refused(moved, code="moved_on")
    RUN.fire(run, "approve", by=by, at=at, approved_at=at, approved_by=by.id, approved_label=by.label,
             data={"total": str(run.total), "currency": run.currency})  # fmt: skip
    move_payouts("schedule", pks(run, PayoutStatus.DRAFT), by=by, at=at)
    return run


def moved_on(run: PayoutRun) -> str | None:
    """What has happened since the run was counted that changes what it should pay."""
    drafts = run.payouts.filter(status=PayoutStatus.DRAFT)
    same = drafts.filter(partner_id=OuterRef("partner_id"), currency=OuterRef("currency"))
    back = Q(direction=Direction.PAYABLE, amount__lt=0) | Q(direction=Direction.RECEIVABLE, nets=True, amount__gt=0)
    taken = EarningLine.objects.filter(back, Exists(same), status=LineStatus.APPROVED).count()
    if taken:
        return ngettext(
            "%d amount was taken back since this run was counted. Count it anew, then review it.",
            "%d amounts were taken back since this run was counted. Count it anew, then review it.", taken,
        ) % taken  # fmt: skip
    if drafts.filter(bank__superseded_at__isnull=False).exists():
        return _("Bank details have changed since this run was counted. Count it anew, then review it.")
    return None


@transaction.atomic
def send(run: PayoutRun, *, by: Actor, at: datetime) -> PayoutRun:
    """The bank has the file: from now on only its answer moves a payout."""
    RUN.fire(run, "send", by=by, at=at, sent_at=at)
    sent = move_payouts("send", pks(run, PayoutStatus.SCHEDULED), by=by, at=at, sent_at=at)
    settle_empty([one for one in sent if one.amount == 0], by=by, at=at)
    close_if_answered(run, by=by, at=at)
    return run


@transaction.atomic
def retry(run: PayoutRun, *, by: Actor, at: datetime) -> PayoutRun:
    """What failed goes to the bank details as they are now, after another approval."""
    if shut := RUN.shut(run, "retry", by=by):
        raise shut
    failed = list(run.payouts.filter(status=PayoutStatus.FAILED).select_related("partner"))
    known = bank_details({one.partner_id for one in failed})
    nowhere = [one.partner.name for one in failed if one.partner_id not in known]
    if nowhere:
        raise Refused(_("Bank details are missing: %s. Ask for them, or leave the payout out.") % ", ".join(nowhere))
    RUN.fire(run, "retry", by=by, at=at, **_reviewed(by, at), changed_by=by.id, approved_at=None, approved_by=None,
             approved_label="")  # fmt: skip
    move_payouts("retry", [one.pk for one in failed], by=by, at=at, failure="", sent_at=None)
    for one in failed:
        Payout.objects.filter(pk=one.pk).exclude(bank_id=known[one.partner_id].id).update(
            bank_id=known[one.partner_id].id
        )
    weigh(run)
    return run


@transaction.atomic
def leave_out(payout: Payout, because: Because, *, by: Actor, at: datetime) -> Payout:
    """One partner's payout is taken out of a run that was not sent, or given up after it failed; its lines wait for
    a later run."""
    _refuse_silence(because)
    run = PayoutRun.objects.select_for_update(no_key=True).get(pk=payout.run_id)
    if shut := PAYOUT.shut(payout, "release", by=by):
        raise shut
    release([payout.pk], by=by, at=at)
    told = {"reason": because.reason, "amount": str(payout.amount), "currency": payout.currency}
    PAYOUT.fire(payout, "release", by=by, at=at, carried=CarryReason.LEFT_OUT, data=told)
    PayoutRun.objects.filter(pk=run.pk).update(changed_by=by.id)
    run.refresh_from_db()
    if run.status == RunStatus.REVIEWED:
        RUN.fire(run, "reopen", by=by, at=at, data={"left_out": payout.reference})
    if run.status == RunStatus.FAILED:
        close_if_answered(run, by=by, at=at)
    else:
        weigh(run)
    return payout


@transaction.atomic
def cancel(run: PayoutRun, because: Because, *, by: Actor, at: datetime) -> PayoutRun:
    """The run is not made; all its lines wait for another."""
    _refuse_silence(because)
    if run.payouts.filter(status__in=(PayoutStatus.PAID, PayoutStatus.SENT)).exists():
        raise Refused(_("Some of this run was paid already. Leave out what is not to be paid."), code="rule")
    RUN.fire(run, "cancel", by=by, at=at, reason=because.reason, closed_at=at, data={"reason": because.reason})
    drafts = pks(run, PayoutStatus.DRAFT)
    release(drafts, by=by, at=at)
    move_payouts("release", drafts, by=by, at=at)
    return run


@transaction.atomic
def recount(run: PayoutRun, *, by: Actor, at: datetime) -> PayoutRun:
    """The run as it is now: this one is cancelled and a new one made for the same period."""
    cancel(run, Because(_("Counted anew")), by=by, at=at)
    return prepare(Period(run.period_start), by=by, at=at)


@transaction.atomic
def export_for_bank(run: PayoutRun, *, by: Actor, at: datetime) -> list[Payout]:
    """The payouts that the bank is to make, with their bank details; that somebody took them out is recorded."""
    by.require("payout.approve")
    if run.status not in (RunStatus.APPROVED, RunStatus.SENT):
        raise Refused(_("Only an approved run goes to the bank. Approve it first."), code="illegal_transition")
    states = (PayoutStatus.SCHEDULED, PayoutStatus.SENT)
    rows = run.payouts.filter(status__in=states, amount__gt=0).select_related("partner", "bank")
    found = list(rows.order_by("reference"))
    record("exported", run, by=by, at=at, data={"payouts": len(found)})
    return found
