"""The bells of deals: a moment has come, one service is called. What has moved on since needs no bell."""

from datetime import datetime
from uuid import UUID

from celery import shared_task

from core.actor import SYSTEM
from core.clock import now
from core.scope import scope
from deals import services
from deals.matching import build
from deals.models import Registration, Touch
from deals.services import touches


def _deal(pk: UUID) -> Registration:
    rows = Registration.objects.visible_to(SYSTEM).select_related("partner", "membership__program")
    return rows.get(pk=pk)


def approach_end(pk: UUID, at: datetime) -> None:
    services.approach_end(_deal(pk), at=at)


def remind(pk: UUID, at: datetime) -> None:
    services.remind(_deal(pk), at=at)


def extend(pk: UUID, at: datetime) -> None:
    services.extend_for_activity(_deal(pk), at=at)


def lapse(pk: UUID, at: datetime) -> None:
    services.lapse(_deal(pk), at=at)


def move_line(pk: UUID, at: datetime) -> None:
    services.end_grace(_deal(pk), at=at)


def escalate(pk: UUID, at: datetime) -> None:
    services.escalate(_deal(pk), "escalate", at=at)


def escalate_more(pk: UUID, at: datetime) -> None:
    services.escalate(_deal(pk), "escalate_more", at=at)


def lapse_touch(pk: UUID, at: datetime) -> None:
    touches.lapse(Touch.objects.visible_to(SYSTEM).get(pk=pk), at=at)


@shared_task
def set_timers() -> int:
    """Gives what was loaded, not approved here, the clocks it runs by; how many there were."""
    with scope(SYSTEM):
        return services.set_timers(at=now())


@shared_task
def index_names() -> int:
    """Brings the index of customer names up to date with what no service wrote, and counts its common keys again."""
    return build.catch_up()
