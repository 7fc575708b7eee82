"""The timetable of deals."""

from celery import shared_task

from core.actor import SYSTEM
from core.clock import now
from core.errors import Refused, Stale
from core.scope import scope
from deals import queries, services

CHUNK = 500


@shared_task
def sweep() -> int:
    """Protections that end soon or have ended. A deal that moved meanwhile is left for the next round."""
    at = now()
    with scope(SYSTEM):
        ending, ended = queries.due_to_approach(at)[:CHUNK], list(queries.due_to_expire(at)[:CHUNK])
    done = [_one(services.approach_end, deal, at) for deal in ending] + [
        _one(services.expire, deal, at) for deal in ended
    ]
    return sum(done)


def _one(service, deal, at) -> bool:
    try:
        with scope(SYSTEM):
            service(deal, at=at)
    except (Refused, Stale):
        return False
    return True
