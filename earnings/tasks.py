"""The timetable of earnings."""

from celery import shared_task

from core.actor import SYSTEM
from core.clock import now
from core.scope import scope
from earnings import services


@shared_task
def release_holds() -> int:
    """Makes lines payable whose hold has ended; how many."""
    with scope(SYSTEM):
        return services.release_holds(at=now())


@shared_task
def settle_day() -> int:
    """Every night: revenue whose day has come, and forecasts whose time is over."""
    with scope(SYSTEM):
        return services.settle_day(at=now())
