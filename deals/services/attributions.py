"""A manager's word on who sourced an opportunity, and new versions of the rules: drafted, tried, published."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused, Stale
from core.events import changes, record
from deals import attribution
from deals.attribution import Move
from deals.enums import Stage
from deals.models import AttributionDecision, AttributionRule, Opportunity
from deals.particulars import Reason, RuleDraft, SourcingDecision
from deals.rules.attribution import Terms, faults

TRIED_WITHIN = timedelta(days=1)  # a dry run says what publishing does only while the data are the same
SHOWN_MOVES = 200


# --- decisions ------------------------------------------------------------------------------------------------------


@transaction.atomic
def decide(opportunity: Opportunity, decision: SourcingDecision, *, by: Actor, at: datetime) -> AttributionDecision:
    """Says who sourced it, above all evidence, also after the close; a decision before this one is withdrawn."""
    by.require("attribution.decide")
    _refuse_undecidable(opportunity, decision)
    Opportunity.objects.select_for_update(no_key=True).get(pk=opportunity.pk)
    before = AttributionDecision.objects.filter(opportunity=opportunity, withdrawn_at=None).first()
    if before:
        _withdraw(before, at)
    row = AttributionDecision.objects.create(
        opportunity=opportunity, partner=decision.partner, reason=decision.reason, decided_at=at,
        decided_by_id=_person(by),
    )  # fmt: skip
    was = before.partner.public_id if before and before.partner else None
    now = decision.partner.public_id if decision.partner else None
    data = {"opportunity": opportunity.public_id, "text": decision.reason, "changes": {"partner": [was, now]}}
    record("made", row, by=by, at=at, data=data)
    return row


def _refuse_undecidable(opportunity: Opportunity, decision: SourcingDecision) -> None:
    if decision.partner is not None and decision.partner.is_direct:
        raise Refused(_("Our own people source nothing. Choose a partner, or nobody."), field="partner")
    whole = opportunity.account_id and opportunity.amount is not None
    if opportunity.opened_on is None or (opportunity.stage == Stage.OPEN and not whole):
        raise Refused(_("An open opportunity without account, opening day or amount is credited to nobody."))


@transaction.atomic
def withdraw_decision(decision: AttributionDecision, reason: Reason, *, by: Actor, at: datetime) -> AttributionDecision:
    """Takes a decision back: the evidence speaks again."""
    by.require("attribution.decide")
    if not _withdraw(decision, at):
        raise Stale(_("This decision was withdrawn already."))
    decision.refresh_from_db()
    data = {"opportunity": decision.opportunity.public_id, "text": reason.text}
    record("withdrawn", decision, by=by, at=at, data=data)
    return decision


def _withdraw(decision: AttributionDecision, at: datetime) -> int:
    return AttributionDecision.objects.filter(pk=decision.pk, withdrawn_at=None).update(withdrawn_at=at)


def _person(by: Actor) -> UUID | None:
    return by.id if by.kind == "vendor" else None


# --- rules ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def draft_rules(draft: RuleDraft, *, by: Actor, at: datetime) -> AttributionRule:
    """The next version as a draft; a draft that is there is replaced. Raises Refused for rules that don't fit."""
    by.require("attribution.decide")
    wrong = faults(draft.definition)
    if wrong:
        raise Refused(" ".join(wrong), field="definition")
    definition = Terms.of(draft.definition).definition()
    open_draft = AttributionRule.objects.select_for_update().filter(published_at=None).first()
    if open_draft is None:
        made = AttributionRule.objects.create(number=_next_number(), definition=definition, note=draft.note)
        record("drafted", made, by=by, at=at, data={"text": draft.note})
        return made
    moved = changes(open_draft.definition, definition)
    AttributionRule.objects.filter(pk=open_draft.pk).update(definition=definition, note=draft.note, metadata={})
    open_draft.refresh_from_db()
    record("updated", open_draft, by=by, at=at, data={"text": draft.note, "changes": moved})
    return open_draft


def _next_number() -> int:
    last = AttributionRule.objects.order_by("-number").values_list("number", flat=True).first()
    return max(last or 0, attribution.versions()[0].number) + 1


@transaction.atomic
def try_rules(rule: AttributionRule, *, by: Actor, at: datetime) -> list[Move]:
    """The dry run: what publishing the draft would change. Its summary stays with the draft."""
    by.require("attribution.decide")
    if rule.published_at:
        raise Refused(_("These rules are published already."), code="illegal_transition")
    moves = attribution.dry_run(Terms.of(rule.definition), at=at)
    rows = AttributionRule.objects.filter(pk=rule.pk, version=rule.version, published_at=None)
    if rows.update(metadata={"dry_run": summary(moves, at)}) != 1:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    rule.refresh_from_db()
    record("tried", rule, by=by, at=at, data={"moves": len(moves)})
    return moves


def summary(moves: Sequence[Move], at: datetime) -> dict[str, Any]:
    """Of a dry run: how many credits move, what they are worth by kind of move and currency, and the first of them."""
    counts = Counter(_way(move) for move in moves)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for move in moves:
        sums[f"{_way(move)} {move.currency}"] += (move.amount or Decimal(0)) * _difference(move) / 100
    return {
        "at": at.isoformat(),
        "moves": len(moves),
        "counts": dict(counts),
        "sums": {key: str(value.quantize(Decimal("0.01"))) for key, value in sums.items()},
        "rows": [_line(move) for move in moves[:SHOWN_MOVES]],
    }


def _way(move: Move) -> str:
    return f"{move.was or 'none'}>{move.becomes or 'none'}"


def _difference(move: Move) -> Decimal:
    """By how many percent of the amount the credit of this kind grows; a loss is below 0."""
    if move.was == move.becomes:
        return (move.share or Decimal(0)) - (move.was_share or Decimal(0))
    return move.share if move.share is not None else -(move.was_share or Decimal(0))


def _line(move: Move) -> list[str | None]:
    amount = None if move.amount is None else str(move.amount)
    return [move.opportunity, move.customer, move.partner, move.was, move.becomes, amount, move.currency]


@transaction.atomic
def publish_rules(rule: AttributionRule, reason: Reason, *, by: Actor, at: datetime) -> AttributionRule:
    """The draft becomes the rules of all open opportunities from now on. Raises Refused without a fresh dry run."""
    by.require("attribution.decide")
    if rule.published_at:
        raise Refused(_("These rules are published already."), code="illegal_transition")
    tried = parse_datetime(rule.metadata.get("dry_run", {}).get("at", ""))
    if tried is None or at - tried > TRIED_WITHIN:
        raise Refused(_("Run the dry run first: it lists what would change."), code="rule")
    rows = AttributionRule.objects.filter(pk=rule.pk, version=rule.version, published_at=None)
    if rows.update(published_at=at, published_by=by.label[:200], note=reason.text[:300] or rule.note) != 1:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    rule.refresh_from_db()
    record("published", rule, by=by, at=at, data={"text": reason.text, "number": rule.number})
    return rule
