"""What revenue would give, before it is entered."""

from datetime import datetime

from django.db import transaction

from core.actor import Actor
from deals.models import Opportunity
from deals.particulars import Revenue
from deals.services import enter_revenue
from earnings import queries
from earnings.enums import LineStatus
from earnings.models import EarningLine
from earnings.services.settling import settle


def foretell(opportunity: Opportunity, told: Revenue, *, by: Actor, at: datetime) -> list[EarningLine]:
    """The lines that this revenue would earn, take back or change: entered as it will be, and undone.

    Raises what entering raises.
    """
    with transaction.atomic():
        before = dict(EarningLine.objects.filter(opportunity=opportunity).values_list("pk", "version"))
        enter_revenue(opportunity, told, by=by, at=at)
        settle([opportunity.pk], at=at)
        lines = queries.lines(by).filter(opportunity=opportunity).exclude(status=LineStatus.CANCELLED).order_by("id")
        found = [line for line in lines if before.get(line.pk) != line.version]
        transaction.set_rollback(True)
    return found
