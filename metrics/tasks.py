"""The timetable of figures."""

from celery import shared_task

from core.actor import SYSTEM
from core.clock import now
from core.scope import scope
from metrics import services


@shared_task
def sweep_active() -> int:
    """Every hour: 90 days run out without any event."""
    with scope(SYSTEM):
        return services.sweep_active(at=now())


@shared_task(acks_late=True, reject_on_worker_lost=True)
def recompute_all() -> None:
    """Every night: all figures anew, and whether the events of the day had left any of them different."""
    with scope(SYSTEM):
        services.recompute(at=now())
