"""What of a claim's invoices counts: those that were not refused, under the program's caps."""

from decimal import Decimal
from uuid import UUID

from core.money import round_money
from mdf.enums import CLAIM_OWED, ClaimStatus, ProofStatus
from mdf.models import Activity, Claim, InvoiceLine
from mdf.rules import within_lines

_COUNTED = (*CLAIM_OWED, ClaimStatus.PAID, ClaimStatus.RECONCILED)


def cost(claim: Claim, activity: Activity) -> Decimal:
    """In the budget's currency; line by line where the program caps each by its plan."""
    rows = claim.invoice_lines.exclude(status=ProofStatus.REJECTED)
    return within_lines(rows.values_list("budget_line_id", "cost"), room(claim, activity))


def room(claim: Claim, activity: Activity) -> dict[UUID, Decimal] | None:
    """Line → what of its plan was approved and no earlier claim has used; None where lines are no caps."""
    lines = activity.lines.all() if activity.request.fund_terms.cap_by_line else ()
    if not lines:
        return None
    part = (activity.approved_amount or Decimal(0)) / activity.asked_amount
    room = {line.pk: round_money(line.cost * part, activity.currency) for line in lines}
    earlier = InvoiceLine.objects.filter(claim__activity=activity, claim__status__in=_COUNTED).exclude(claim=claim)
    for line, amount in earlier.exclude(status=ProofStatus.REJECTED).values_list("budget_line_id", "cost"):
        if line in room:
            room[line] -= amount
    return room
