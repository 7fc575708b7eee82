"""Two partners become one: its market funds go along."""

from datetime import datetime

from django.db.models import F, Value
from django.db.models.functions import Concat, Left

from core.actor import Actor
from mdf.models import (
    Activity,
    Allocation,
    BudgetLine,
    Claim,
    InvoiceLine,
    Payment,
    Proof,
    Request,
    StepTaken,
)
from partners.services.merging import Pair, hand
from tiers.merging import doubles

BESIDE = (Activity, BudgetLine, StepTaken, Claim, InvoiceLine, Proof, Payment)


def lock(actor: Actor, pair: Pair, at: datetime) -> None:
    """Whoever decides on or pays a request of the loser is done first: requests are locked before partners."""
    list(Request.objects.filter(partner=pair.loser).select_for_update().order_by("pk").values_list("pk"))


def funds(actor: Actor, pair: Pair, at: datetime) -> tuple[str, int]:
    """Allocations, requests and claims with all that hangs on them. The money stands on their own accounts and stays
    there; the accounts' readers follow their owners."""
    _keep_periods_apart(pair)
    hand(Allocation, pair)
    for mine, theirs in doubles(pair):
        Request.objects.filter(membership=theirs).update(membership=mine)
    moved = hand(Request, pair)
    for model in BESIDE:
        hand(model, pair)
    return "market_funds", moved


def _keep_periods_apart(pair: Pair) -> None:
    """What both accrued in one period are two allocations of one partner: the loser's names where it came from."""
    both = Allocation.objects.filter(partner=pair.winner).exclude(period_key="").values("period_key")
    twins = Allocation.objects.filter(partner=pair.loser, period_key__in=both)
    twins.update(period_key=Concat(Left(F("period_key"), 30), Value(f" {pair.loser.reference}")))
