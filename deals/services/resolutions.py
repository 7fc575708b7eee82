"""The vendor's decision about two claims on one customer."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused, Stale
from core.events import record
from deals import check, rules
from deals.enums import LIVE, PROTECTED, CaseOutcome, CaseStatus, RejectReason, Side
from deals.matching import index
from deals.models import ConflictCase, Registration
from deals.particulars import Rejection, Resolution
from deals.services import answering
from deals.services.decisions import reject
from deals.services.writing import write
from deals.standing import policy_of


@transaction.atomic
def resolve(case: ConflictCase, resolution: Resolution, *, by: Actor, at: datetime) -> ConflictCase:
    """Decides a conflict for good and tells both sides what each may know. Whoever stays in the race is then approved
    or declined as any other. Raises Refused when the decision lacks something, Stale when somebody was faster.
    """
    by.require("deal.decide")
    fault = rules.unfit(case, resolution, policy_of(case.registration))
    if fault:
        raise Refused(fault[1], field=fault[0])
    _close(case, resolution, by=by, at=at)
    moved = {"status": [CaseStatus.OPEN, CaseStatus.RESOLVED], "outcome": ["", resolution.outcome]}
    record("resolved", case, by=by, at=at, data={"changes": moved, "winner": resolution.winner})
    _EFFECTS[CaseOutcome(resolution.outcome)](case, by=by, at=at)
    return case


def _close(case: ConflictCase, resolution: Resolution, *, by: Actor, at: datetime) -> None:
    values = asdict(resolution) | {"decided_at": at, "decided_by_id": by.id if by.kind == "vendor" else None}
    rows = ConflictCase.objects.filter(pk=case.pk, status=CaseStatus.OPEN)
    if rows.update(status=CaseStatus.RESOLVED, **values) != 1:
        raise Stale(_("Somebody was faster: this conflict is decided."))
    case.refresh_from_db()


def _remember(case: ConflictCase, *, by: Actor, at: datetime) -> None:
    """Two companies: the check never asks about this pair again."""
    index.tell_apart(*check.sides_of(case), case.reason, by=by, at=at)
    _tell(case.registration, case.ours_told, by=by, at=at)


def _first_wins(case: ConflictCase, *, by: Actor, at: datetime) -> None:
    winner, loser, told = _sides(case)
    if winner is None and loser is not None:  # our own team has it
        engaged = Rejection(RejectReason.VENDOR_ENGAGED, told or _("Our own team is working with this customer."))
        reject(loser, engaged, by=by, at=at)
    elif winner is not None and loser is not None:
        _put_in_line(loser, winner, told, by=by, at=at)
    _tell_winner(case, by=by, at=at)


def _customer_chose(case: ConflictCase, *, by: Actor, at: datetime) -> None:
    _winner, loser, told = _sides(case)
    if loser is not None:
        _refuse_to_unseat(loser)
        chosen = Rejection(RejectReason.CUSTOMER_CHOICE, told or _("The customer has chosen another way in writing."))
        reject(loser, chosen, by=by, at=at)
    _tell_winner(case, by=by, at=at)


def _together(case: ConflictCase, *, by: Actor, at: datetime) -> None:
    """Both go on; whoever is approved second joins the opportunity of the first."""
    _tell(case.registration, case.ours_told, by=by, at=at)
    if case.other_registration:
        _tell(case.other_registration, case.other_told, by=by, at=at)


_EFFECTS = {
    CaseOutcome.DIFFERENT: _remember,
    CaseOutcome.FIRST_WINS: _first_wins,
    CaseOutcome.CO_SELL: _together,
    CaseOutcome.SPLIT: _together,
    CaseOutcome.CUSTOMER_CHOICE: _customer_chose,
}


def _sides(case: ConflictCase) -> tuple[Registration | None, Registration | None, str]:
    """(winner, loser, what the loser is told); None stands for our own team."""
    ours, other = case.registration, case.other_registration
    return (ours, other, case.other_told) if case.winner == Side.OURS else (other, ours, case.ours_told)


def _tell_winner(case: ConflictCase, *, by: Actor, at: datetime) -> None:
    winner, _loser, _told = _sides(case)
    if winner is not None:
        _tell(winner, case.ours_told if case.winner == Side.OURS else case.other_told, by=by, at=at)


def _tell(deal: Registration, text: str, *, by: Actor, at: datetime) -> None:
    if text:
        record("conflict_decided", deal, by=by, at=at, partner_id=deal.partner_id, data={"text": text})


def _refuse_to_unseat(loser: Registration) -> None:
    if loser.status in PROTECTED:
        raise Refused(
            _("The other side is protected. Two people must revoke it, or it must be handed over."), field="winner"
        )


def _put_in_line(loser: Registration, winner: Registration, told: str, *, by: Actor, at: datetime) -> None:
    """The loser waits behind the winner, its clock stopped, until the winner ends without a deal."""
    _refuse_to_unseat(loser)
    if winner.status not in LIVE:
        raise Refused(_("That registration has ended. Decide for the other one."), field="winner")
    if loser.status not in LIVE:
        return
    write(loser, {"queued_behind": winner, **answering.stopped(loser, at)})
    answering.watch(loser)
    text = told or _("Another registration comes first. You are next in line and told when it ends.")
    record("queued", loser, by=by, at=at, partner_id=loser.partner_id, data={"text": text})
