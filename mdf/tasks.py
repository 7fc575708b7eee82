"""What time does with market funds: bells of the table of timers."""

from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from celery import shared_task

from core.actor import SYSTEM
from core.clock import now
from core.errors import Refused
from core.scope import scope
from core.timers import Bell
from mdf import services
from mdf.models import Activity, Allocation, Request
from partners.models import Program
from tiers.queries import local_day

log = structlog.get_logger(__name__)


def start(pk: UUID, at: datetime) -> None:
    services.executing.start(Request.objects.get(pk=pk), at=at)


def complete(pk: UUID, at: datetime) -> None:
    services.executing.complete(Request.objects.get(pk=pk), at=at)


def run_out(pk: UUID, at: datetime) -> None:
    services.requests.run_out(Request.objects.get(pk=pk), at=at)


def lapse(pk: UUID, at: datetime) -> None:
    services.executing.lapse(Activity.objects.get(pk=pk), at=at)


def expire(pk: UUID, at: datetime) -> None:
    services.accruals.expire(Allocation.objects.get(pk=pk), at=at)


@shared_task
def accrue() -> int:
    """Every night: the spans that are over and have not accrued yet; what can't be done waits for the next night."""
    at, done = now(), 0
    with scope(SYSTEM):
        programs = list(Program.objects.filter(fund_terms__isnull=False).select_related("fund_terms"))
    for run in [run for program in programs for run in services.accruals.due(program, local_day(at))]:
        try:
            with scope(SYSTEM):
                done += len(services.accruals.accrue(run, at=at))
        except Refused as refusal:
            log.warning("accrual_waits", run=run.key, why=str(refusal.reason))
    with scope(SYSTEM):
        services.accruals.fund_all(at=at)
    return done


def _remind(pk: UUID, at: datetime, *, days: int) -> None:
    services.executing.remind(Activity.objects.get(pk=pk), days, at=at)


def _ask_results(pk: UUID, at: datetime, *, days: int) -> None:
    services.results.ask(Activity.objects.get(pk=pk), days, at=at)


RESULTS: dict[str, Bell] = {
    f"mdf_activity.ask_results_{days}": partial(_ask_results, days=days) for days in range(1, 401)
}
REMINDERS: dict[str, Bell] = {f"mdf_activity.remind_{days}": partial(_remind, days=days) for days in range(1, 121)}
