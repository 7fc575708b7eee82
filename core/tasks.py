"""The cellar's timetable."""

import time

from celery import shared_task

from core import deliver, forget, sequencer, timers
from core.actor import SYSTEM
from core.clock import now
from core.files import store
from core.scope import scope

SWEEP_SECONDS = 60


@shared_task(time_limit=2 * SWEEP_SECONDS)  # one that hangs holds up the others no longer
def sweep_deliveries() -> int:
    """Delivers what is due: woken after commits, and every few seconds for what the broker lost."""
    done, end = 0, time.monotonic() + SWEEP_SECONDS
    while time.monotonic() < end and (several := deliver.deliver_due(now(), rounds=1)):
        done += several  # each claim runs from its own moment
    return done


@shared_task(time_limit=2 * SWEEP_SECONDS)
def ring_timers() -> int:
    """Does what was set for this moment: reminders, escalations, ends of protection."""
    return timers.ring(now())


@shared_task
def sequence() -> int:
    """Gives finished events their place in the one order."""
    with scope(SYSTEM):
        return sequencer.sequence()


@shared_task
def forget_old() -> None:
    """Removes stored answers after 24 hours and finished deliveries after 90 days."""
    with scope(SYSTEM):
        forget.forget(now())


@shared_task
def sweep_files() -> None:
    """Removes files that were sent and never used."""
    with scope(SYSTEM):
        store.sweep(now())
