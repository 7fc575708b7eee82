"""What must always hold of deals."""

from datetime import datetime
from typing import Any

from django.db.models import Sum

from core.actor import Actor
from deals.enums import PartnerRole
from deals.models import OpportunityPartner

SHOWN = 5


def shares(actor: Actor, subject: Any, at: datetime) -> tuple[str, list[str]]:
    """The sourcing shares of an opportunity sum to 100%."""
    rows = OpportunityPartner.objects.visible_to(actor).filter(role=PartnerRole.SOURCING, deleted_at=None)
    sums = rows.values("opportunity__reference").annotate(total=Sum("share_percent")).exclude(total=100)
    wrong = sums.order_by("opportunity__reference")[:SHOWN]
    return "shares", [f"{row['opportunity__reference']} adds up to {row['total']}%" for row in wrong]
