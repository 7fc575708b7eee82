"""The importer's timetable."""

from celery import shared_task

from core.actor import SYSTEM
from core.clock import now
from core.scope import scope
from crm import services
from crm.work import work


@shared_task
def load_waiting() -> None:
    """Loads what waits, and what a dead worker left."""
    work(now)


@shared_task
def forget_files() -> None:
    """Removes uploaded files after 30 days."""
    with scope(SYSTEM):
        services.forget_old(now())
