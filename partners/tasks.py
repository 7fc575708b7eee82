"""The timetable of partners."""

from celery import shared_task

from core.actor import SYSTEM
from core.clock import now
from core.errors import Refused, Stale
from core.scope import scope
from partners import queries, services

CHUNK = 500


@shared_task
def expire_invitations() -> int:
    """Invitations nobody used in time; how many there were."""
    at = now()
    with scope(SYSTEM):
        lapsed = list(queries.lapsed_invitations(at)[:CHUNK])
    return sum(_expire(invitation, at) for invitation in lapsed)


def _expire(invitation, at) -> bool:
    try:
        with scope(SYSTEM):
            services.expire(invitation, by=SYSTEM, at=at)
    except (Refused, Stale):
        return False
    return True
