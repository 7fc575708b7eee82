"""What partners earn and what they are paid, in the REST API. Actions of money need the version that was read."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from core.actor import Actor
from core.api.containers import Data
from core.api.kinds import Choice, Day, Moment, Number, Text, Whole, YesNo, money
from core.api.resources import CREATE, READ, Derived, Field, Ref, Resource, same
from core.api.resources import Action as Verb
from earnings import services
from earnings.enums import CarryReason, Direction, LineStatus, PayoutStatus, RuleKind, RunStatus
from earnings.models import EarningLine, Payout, PayoutRun
from earnings.particulars import Objection
from earnings.payout_particulars import Answer, Because, Period
from earnings.services import payouts
from earnings.workflow import LINE, PAYOUT, RUN

_PARTNER = Field("partner_id", Ref("partners"), write=READ, null=False, filter=True)
_CURRENCY = Field("currency", Text(3), write=READ, null=False, filter=True)
_REASON = (Field("reason", Text(500), required=True),)

COMMISSIONS = Resource(
    "commissions",
    EarningLine,
    about="One amount that a partner earns, keeps or owes. What turns out otherwise is a new line, never an edit.",
    owner="partner_id",
    has_reference=True,
    workflow=LINE,
    fields=(
        _PARTNER,
        Field("opportunity_id", Ref("opportunities"), write=READ, filter=True),
        Field("kind", Choice(RuleKind.values), write=READ, null=False, filter=True),
        Field("direction", Choice(Direction.values), write=READ, null=False, filter=True),
        Field("status", Choice(LineStatus.values), write=READ, null=False, filter=True),
        Field("basis_amount", money(), write=READ),
        Field("rate_percent", Number(digits=4), write=READ),
        Field("amount", money(), write=READ, null=False, about="Below zero for what was taken back."),
        _CURRENCY,
        Field("occurred_on", Day(), write=READ, null=False, filter=True),
        Field("earned_at", Moment(), "accrued_at", write=READ),
        Field("hold_until", Day(), write=READ),
        Field("dispute_until", Moment(), write=READ),
        Field("paid_at", Moment(), write=READ),
        Field("reason", Text(300), write=READ),
        Field("inputs", Data(), write=READ, null=False),
        Field("arithmetic", Data("array"), write=READ, null=False, about="The steps by which the amount was made."),
    ),
    actions=(
        Verb("dispute", same(services.dispute), "Say that the line is wrong.", "dispute",
             (Field("text", Text(2000), required=True),), Objection, needs_version=True),
    ),
)  # fmt: skip


def _statement(partner_id: Any, period_start: Any) -> str:
    """The page of the month's statement."""
    return settings.BASE_URL + reverse("portal:statement", args=[Period.of(period_start).key])


def _answer(paid: bool):
    def read(one: Payout, told: dict[str, str], *, by: Actor, at: datetime) -> None:
        if shut := PAYOUT.shut(one, "pay" if paid else "fail", by=by):
            raise shut
        payouts.reconcile(one.run, [Answer(one.reference, paid, **told)], by=by, at=at)

    return read


PAYOUTS = Resource(
    "payouts",
    Payout,
    about="What one partner is paid in a run, in one currency. Partners see it once it is approved.",
    owner="partner_id",
    has_reference=True,
    workflow=PAYOUT,
    fields=(
        _PARTNER,
        Field("payout_run_id", Ref("payout_runs"), "run_id", write=READ, null=False, filter=True, vendor=True),
        Field("period_start", Day(), write=READ, null=False),
        Field("period_end", Day(), write=READ, null=False),
        Field("status", Choice(PayoutStatus.values), write=READ, null=False, filter=True),
        Field("carried", Choice(CarryReason.values, blank=True), write=READ, about="Why it is not paid now."),
        Field("amount", money(), write=READ, null=False),
        Field("owed_amount", money(), "owed", write=READ, null=False),
        Field("fees_amount", money(), "fees", write=READ, null=False, about="License fees taken from it."),
        _CURRENCY,
        Field("lines", Whole(), write=READ, null=False),
        Field("reference_of_bank", Text(140), "bank_reference", write=READ),
        Field("failure", Text(300), write=READ),
        Field("sent_at", Moment(), write=READ),
        Field("settled_at", Moment(), write=READ),
        Derived("statement_url", Text(500), null=False, of=("partner_id", "period_start"), by=_statement),
    ),
    actions=(
        Verb("pay", _answer(True), "The bank has made it.", "pay",
             (Field("reference_of_bank", Text(140), "bank_reference"),), lambda **told: told, needs_version=True),
        Verb("fail", _answer(False), "The bank sent it back.", "fail",
             (Field("reason", Text(300), "failure", required=True),), lambda **told: told, needs_version=True),
        Verb("release", payouts.leave_out, "Leave it out; its lines wait for a later run.", "release", _REASON, Because,
             needs_version=True),
    ),
)  # fmt: skip


def _prepare(values: dict[str, Any], *, by: Actor, at: datetime) -> PayoutRun:
    return payouts.prepare(Period.of(values["period_start"]), by=by, at=at)


PAYOUT_RUNS = Resource(
    "payout_runs",
    PayoutRun,
    about="All payouts of a month. Above the limit another person approves it than made or reviewed it; a key never.",
    verbs=frozenset({"create"}),
    writers=("payout.prepare",),
    has_reference=True,
    workflow=RUN,
    create=_prepare,
    fields=(
        Field("period_start", Day(), write=CREATE, required=True, null=False, filter=True,
              about="Any day of the month."),
        Field("period_end", Day(), write=READ, null=False),
        Field("status", Choice(RunStatus.values), write=READ, null=False, filter=True),
        Field("total_amount", money(), "total", write=READ),
        Field("limit_amount", money(), "limit", write=READ, null=False),
        Field("currency", Text(3), write=READ, null=False),
        Field("needs_two", YesNo(), write=READ, null=False),
        Field("made_at", Moment(), write=READ, null=False),
        Field("reviewed_at", Moment(), write=READ),
        Field("approved_at", Moment(), write=READ),
        Field("sent_at", Moment(), write=READ),
        Field("closed_at", Moment(), write=READ),
        Field("reason", Text(500), write=READ),
    ),
    actions=(
        Verb("review", payouts.review, "Every sum was looked at.", "review", needs_version=True),
        Verb("send_back", payouts.send_back, "It is to be looked at again.", "send_back", _REASON, Because,
             needs_version=True),
        Verb("approve", payouts.approve, "The money may go.", "approve", needs_version=True),
        Verb("send", payouts.send, "The bank has it.", "send", needs_version=True),
        Verb("retry", payouts.retry, "What failed is tried again, after another approval.", "retry",
             needs_version=True),
        Verb("cancel", payouts.cancel, "The run is not made.", "cancel", _REASON, Because, needs_version=True),
    ),
)  # fmt: skip
RESOURCES = (COMMISSIONS, PAYOUTS, PAYOUT_RUNS)
