"""What time does with market funds: bells of the table of timers."""

from datetime import datetime
from functools import partial
from uuid import UUID

from core.timers import Bell
from mdf import services
from mdf.models import Activity, Request


def start(pk: UUID, at: datetime) -> None:
    services.executing.start(Request.objects.get(pk=pk), at=at)


def complete(pk: UUID, at: datetime) -> None:
    services.executing.complete(Request.objects.get(pk=pk), at=at)


def run_out(pk: UUID, at: datetime) -> None:
    services.requests.run_out(Request.objects.get(pk=pk), at=at)


def lapse(pk: UUID, at: datetime) -> None:
    services.executing.lapse(Activity.objects.get(pk=pk), at=at)


def _remind(pk: UUID, at: datetime, *, days: int) -> None:
    services.executing.remind(Activity.objects.get(pk=pk), days, at=at)


REMINDERS: dict[str, Bell] = {f"mdf_activity.remind_{days}": partial(_remind, days=days) for days in range(1, 121)}
