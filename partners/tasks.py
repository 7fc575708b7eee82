"""The timetable of partners."""

from celery import shared_task

from core.actor import SYSTEM
from core.clock import now
from core.errors import Refused, Stale
from core.scope import scope
from partners import queries, queries_lifecycle, services

CHUNK = 500


@shared_task
def expire_invitations() -> int:
    """Invitations nobody used in time; how many there were."""
    at = now()
    with scope(SYSTEM):
        lapsed = list(queries.lapsed_invitations(at)[:CHUNK])
    return sum(_try(services.expire, invitation, at) for invitation in lapsed)


def _try(service, subject, at) -> bool:
    try:
        with scope(SYSTEM):
            service(subject, by=SYSTEM, at=at)
    except (Refused, Stale):
        return False
    return True


@shared_task
def expire_applications() -> int:
    """Links of applications that nobody opened in time."""
    at = now()
    with scope(SYSTEM):
        lapsed = list(queries_lifecycle.lapsed_applications(at)[:CHUNK])
    return sum(_try(services.expire_application, application, at) for application in lapsed)


@shared_task
def end_partnerships() -> int:
    """Partners whose last day is over leave, as soon as no money is open."""
    at = now()
    with scope(SYSTEM):
        leaving = list(queries_lifecycle.leaving(at)[:CHUNK])
    return sum(_try(services.leave, partner, at) for partner in leaving)


@shared_task
def begin_terms() -> None:
    """Changes of the channel manager whose day has come."""
    at = now()
    with scope(SYSTEM):
        due = list(queries.due_terms(at)[:CHUNK])
    for term in due:
        with scope(SYSTEM):
            services.begin_announced(term, at=at)


@shared_task
def forget() -> None:
    """Files of data that were kept long enough, and people after their time."""
    at = now()
    with scope(SYSTEM):
        services.forget_exports(at=at)
    with scope(SYSTEM):
        services.forget_people(at=at)
