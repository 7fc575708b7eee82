"""The timetable of tiers."""

from celery import shared_task

from core.actor import SYSTEM
from core.clock import now
from core.scope import scope
from tiers import services
from tiers.models import ProgramMembership


@shared_task(acks_late=True, reject_on_worker_lost=True)
def assess_all() -> int:
    """Every night: windows move on, so tiers are judged again without any event."""
    with scope(SYSTEM):
        return services.assess(ProgramMembership.objects.all(), at=now())
