"""Claims: what was spent, what is shown for it, what is accepted, and what is therefore owed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from core import ledger
from core.actor import SYSTEM, Actor
from core.calendar import days_after, working_days_after
from core.errors import Forbidden, Refused, Stale
from core.events import record
from core.models import StoredFile
from core.money import Money
from core.scope import across
from mdf import money, rules
from mdf.enums import RUNNING, ActivityStatus, ClaimStatus, ProofStatus
from mdf.models import Activity, Claim, InvoiceLine, Proof
from mdf.particulars import ClaimDecision, ClaimPlan, Invoiced, Look, Shown, Words
from mdf.services import accepted, filing, hands, holding
from mdf.services.executing import close_if_done, keep_until, lapse_when_over, settle
from mdf.workflow import CLAIM

MOST_ROWS = 50


@transaction.atomic
def draft(plan: ClaimPlan, *, by: Actor, at: datetime, pk: UUID | None = None) -> Claim:
    """A claim that is not sent yet."""
    by.require("mdf.claim")
    activity = holding.activity(plan.activity.pk)
    _refuse_activity(activity)
    _refuse_plan(plan)
    holding.refuse_taken(Claim, pk)
    claim = Claim.objects.create(
        **({"pk": pk} if pk else {}), typed=dict(plan.typed),
        activity=activity, partner_id=activity.partner_id, amount=plan.amount, currency=activity.currency,
        results=dict(plan.results), created_by_id=hands.person(by),
    )  # fmt: skip
    _write_rows(claim, plan)
    record("drafted", claim, by=by, at=at, partner_id=claim.partner_id)
    return claim


def _refuse_activity(activity: Activity) -> None:
    if activity.status != ActivityStatus.APPROVED or activity.request.status not in RUNNING:
        raise Refused(_("Nothing can be claimed for this activity."), code="illegal_transition")
    most = activity.request.fund_terms.claims_per_activity
    if most is not None and activity.claims.exclude(status=ClaimStatus.WITHDRAWN).count() >= most:
        raise Refused(_("This program takes %d claims for an activity at most.") % most)


def _refuse_plan(plan: ClaimPlan) -> None:
    if plan.amount <= 0:
        raise Refused(_("Enter an amount above 0."), field="amount")
    if max(len(plan.invoices), len(plan.proofs)) > MOST_ROWS:
        raise Refused(_("A claim holds %d invoices and proofs at most. Send a second claim.") % MOST_ROWS)
    for one in plan.invoices:
        if one.net_amount <= 0 or one.recoverable_tax < 0 or one.other_tax < 0 or one.rate <= 0:
            raise Refused(_("Enter amounts above 0 for invoice %s.") % one.invoice_number, field="net_amount")
        if one.budget_line is not None and one.budget_line.activity_id != plan.activity.pk:
            raise Refused(_("Choose a line of this activity."), field="budget_line")


@transaction.atomic
def write(claim: Claim, plan: ClaimPlan, *, by: Actor, at: datetime) -> Claim:
    """Writes a claim anew while it is with the partner. Raises Stale when somebody was faster."""
    by.require("mdf.claim")
    if claim.status not in (ClaimStatus.DRAFT, ClaimStatus.REJECTED, ClaimStatus.INFORMATION_REQUESTED):
        raise Refused(_("What was sent can't be changed. Withdraw it, or wait for our answer."), code="not_open")
    _refuse_plan(plan)
    values = {
        "amount": plan.amount, "results": dict(plan.results), "approved_amount": None, "typed": dict(plan.typed),
    } | ({} if by.partner_ids else {"created_by_id": hands.person(by)})  # fmt: skip
    if Claim.objects.filter(pk=claim.pk, version=claim.version, status=claim.status).update(**values) != 1:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    claim.refresh_from_db()
    _write_rows(claim, plan)
    record("written", claim, by=by, at=at, partner_id=claim.partner_id)
    return claim


def _write_rows(claim: Claim, plan: ClaimPlan) -> None:
    claim.invoice_lines.all().delete()
    claim.proofs.all().delete()
    files = filing.hold(claim, plan.proofs)
    InvoiceLine.objects.bulk_create(_invoices(claim, plan.invoices))
    Proof.objects.bulk_create([_proof(claim, one, files) for one in plan.proofs])


def _invoices(claim: Claim, told: Sequence[Invoiced]) -> list[InvoiceLine]:
    """The lines; one that stands twice in the claim itself names it as its twin."""
    seen: set[_Key] = set()
    with across():
        known = _twins(claim, told)
    rows = []
    for one in told:
        key = _key(one)
        rows.append(_invoice(claim, one, known.get(key) or (claim.reference if key in seen else "")))
        seen.add(key)
    return rows


def _invoice(claim: Claim, one: Invoiced, twin: str) -> InvoiceLine:
    return InvoiceLine(
        claim=claim, partner_id=claim.partner_id, budget_line=one.budget_line, supplier=one.supplier,
        invoice_number=one.invoice_number, invoice_date=one.invoice_date, net_amount=one.net_amount,
        recoverable_tax=one.recoverable_tax, other_tax=one.other_tax, currency=one.currency, rate=one.rate,
        rate_on=one.rate_on or one.invoice_date, twin=twin,
        cost=rules.cost_of(one.net_amount, one.other_tax, one.rate, claim.currency),
    )  # fmt: skip


_Key = tuple[str, str, Decimal]


def _key(one: Invoiced | InvoiceLine) -> _Key:
    """What makes two lines the same invoice; as the database compares them."""
    return one.supplier.upper(), one.invoice_number.upper(), one.net_amount


def twins_of(claim: Claim, told: Sequence[Invoiced]) -> list[tuple[Invoiced, str]]:
    """The invoices that stand in another claim of the same partner already, and in which: what may be told while it
    is written. One statement.
    """
    known = _twins(claim, told, partner_id=claim.partner_id)
    return [(one, known[_key(one)]) for one in told if _key(one) in known]


def _twins(claim: Claim, told: Sequence[Invoiced], **only: Any) -> dict[_Key, str]:
    """Invoice → the claim of the partner's own in which it stands, else that another company has one: the vendor alone
    reads that (`own_twin`).
    """
    if not told:
        return {}
    same = Q()
    for one in told:
        same |= Q(named=Upper(Value(f"{one.supplier}\n{one.invoice_number}")), net_amount=one.net_amount)
    rows = _others(InvoiceLine.objects.filter(same, **only), claim).select_related("claim").order_by("-pk")
    found: dict[_Key, str] = {}
    for row in rows:
        own = row.partner_id == claim.partner_id
        found[_key(row)] = row.claim.reference if own else found.get(_key(row)) or _("another company's claim")
    return found


def _proof(claim: Claim, one: Shown, files: Mapping[UUID, StoredFile]) -> Proof:
    file = files[one.file_id] if one.file_id else None
    name, sign = (file.name, file.came_sha256) if file else (one.file_name, one.file_hash)
    return Proof(
        claim=claim, partner_id=claim.partner_id, kind=one.kind, file_id=one.file_id, file_name=name,
        file_hash=sign, link=one.link, note=one.note, twin=_twin_of_file(claim, sign),
    )  # fmt: skip


def _twin_of_file(claim: Claim, sign: str) -> str:
    if not sign:
        return ""
    with across():
        return _where(Proof.objects.filter(file_hash=sign), claim)


def _where(rows: Any, claim: Claim) -> str:
    """The claim by its number, or that another company has one: the vendor alone reads that (`own_twin`)."""
    return _own(rows, claim) or (_("another company's claim") if _others(rows, claim).exists() else "")


def _own(rows: Any, claim: Claim) -> str:
    found = _others(rows, claim).filter(claim__partner_id=claim.partner_id)
    return found.values_list("claim__reference", flat=True).first() or ""


def _others(rows: Any, claim: Claim) -> Any:
    return rows.exclude(claim=claim).exclude(claim__status=ClaimStatus.WITHDRAWN)


@transaction.atomic
def submit(claim: Claim, *, by: Actor, at: datetime) -> Claim:
    """Sends a claim; the vendor's clock starts."""
    _refuse_ended(holding.claim(claim.pk).activity)
    told = {"amount": str(claim.amount), "currency": claim.currency}
    CLAIM.fire(
        claim, "submit", by=by, at=at, submitted_at=at, decision_reason="", resubmit_by=None, typed={}, data=told
    )
    return _take_up(claim, at)


def _refuse_ended(activity: Activity) -> None:
    """What has lapsed can't be claimed any more."""
    if activity.status != ActivityStatus.APPROVED or activity.request.status not in RUNNING:
        raise Refused(_("Nothing can be claimed for this activity any more."), code="illegal_transition")


def _take_up(claim: Claim, at: datetime) -> Claim:
    days = claim.activity.request.fund_terms.decision_working_days
    due = working_days_after(at, days, claim.partner.time_zone)
    CLAIM.fire(claim, "take_up", by=SYSTEM, at=at, due_at=due)
    return claim


@transaction.atomic
def ask(claim: Claim, words: Words, *, by: Actor, at: datetime) -> Claim:
    CLAIM.fire(claim, "ask", by=by, at=at, question=words.text, due_at=None, data={"text": words.text})
    return claim


@transaction.atomic
def answer(claim: Claim, words: Words, *, by: Actor, at: datetime) -> Claim:
    CLAIM.fire(claim, "answer", by=by, at=at, question="", data={"text": words.text})
    return _take_up(claim, at)


@transaction.atomic
def withdraw(claim: Claim, *, by: Actor, at: datetime) -> Claim:
    """Takes a claim back before it is decided; another one may be sent while there is time."""
    held = holding.claim(claim.pk)
    CLAIM.fire(claim, "withdraw", by=by, at=at, due_at=None)
    close_if_done(held.activity.request, at=at)
    lapse_when_over(held.activity, at=at)
    return claim


@transaction.atomic
def look(claim: Claim, looks: Sequence[Look], *, by: Actor, at: datetime) -> Claim:
    """Accepts or refuses proofs and invoices one by one; nothing is decided yet."""
    by.require("mdf.decide")
    holding.unmoved(claim)
    if claim.status != ClaimStatus.IN_REVIEW:
        raise Refused(_("This claim is not in review any more."), code="illegal_transition")
    for one in looks:
        if one.row.claim_id != claim.pk:
            raise Refused(_("Choose a proof of this claim."), code="not_of_this_claim")
        if not one.accepted and not one.reason:
            raise Refused(_("Say why it is not accepted. The partner reads it."), field="reason")
        status = ProofStatus.ACCEPTED if one.accepted else ProofStatus.REJECTED
        type(one.row).objects.filter(pk=one.row.pk).update(status=status, reason=one.reason)
    holding.touch(claim)
    told = {"looked_at": len(looks), "refused": sum(not one.accepted for one in looks)}
    record("looked_at", claim, by=by, at=at, partner_id=claim.partner_id, data=told)
    return claim


@transaction.atomic
def approve(claim: Claim, decision: ClaimDecision, *, by: Actor, at: datetime) -> Claim:
    """Owes the partner the least of what is claimed, what is left of the approval and our share of accepted cost."""
    activity = holding.activity(claim.activity_id)
    CLAIM.hold(claim, "approve", by=by)
    refuse_own(claim, by)
    if decision.looks:
        look(claim, decision.looks, by=by, at=at)
    CLAIM.check(claim, "approve", by=by, at=at)
    payable = payable_of(claim, activity)
    if not payable.amount:
        raise Refused(_("Nothing can be paid for this. Decline it with a reason."), code="nothing_payable")
    _refuse_silence(payable, decision)
    legs = ledger.move(money.reserved(activity), money.claimed(claim), payable.amount)
    event = CLAIM.fire(
        claim, "approve" if payable.amount == payable.claimed else "approve_partly", by=by, at=at,
        accepted_cost=payable.accepted_cost.amount, approved_amount=payable.amount.amount, due_at=None,
        arithmetic=payable.as_data(), pay_by=(at + timedelta(days=activity.request.fund_terms.pay_days)).date(),
        **hands.decided(decision.reason, by, at),
        data={"text": decision.reason, "arithmetic": payable.as_data()} | ledger.told(legs),
    )  # fmt: skip
    ledger.post(event, legs)
    CLAIM.fire(claim, "ready", by=SYSTEM, at=at)
    settle(activity, at=at)
    lapse_when_over(activity, at=at)
    return claim


def refuse_own(claim: Claim, by: Actor) -> None:
    """Who wrote a claim on behalf of a partner never decides it."""
    if by.kind == "vendor" and claim.created_by_id == by.id:
        raise Forbidden(_("You wrote this claim. Another person decides it."), code="four_eyes_required")


def _refuse_silence(payable: rules.Payable, decision: ClaimDecision) -> None:
    if payable.amount.amount < payable.claimed.amount and not decision.reason:
        raise Refused(_("Say why not all of it is paid. The partner reads it."), field="reason")


def payable_of(claim: Claim, activity: Activity) -> rules.Payable:
    """The arithmetic as it stands: rows that were refused don't count."""
    currency = claim.currency
    return rules.Payable(
        claimed=Money(claim.amount, currency),
        approved_left=money.balance(money.RESERVED, activity),
        share_percent=activity.request.share_percent,
        accepted_cost=Money(accepted.cost(claim, activity), currency),
    )


@transaction.atomic
def reject(claim: Claim, words: Words, *, by: Actor, at: datetime) -> Claim:
    """Not like this: the partner may send it again within the program's days."""
    CLAIM.check(claim, "reject", by=by, at=at)
    refuse_own(claim, by)
    if not words.text:
        raise Refused(_("Say why. The partner reads it."), field="text")
    days = claim.activity.request.fund_terms.resubmit_days
    until = days_after(at, days, claim.partner.time_zone)
    CLAIM.fire(
        claim, "reject", by=by, at=at, resubmit_by=until, due_at=None, **hands.decided(words.text, by, at),
        data={"text": words.text, "resubmit_by": until.isoformat()},
    )  # fmt: skip
    keep_until(claim.activity, until)
    return claim
