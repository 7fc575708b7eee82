"""Taps the worker on the shoulder after a commit. Nothing depends on the message arriving."""

import time
from threading import Lock

import structlog
from django.conf import settings
from django.db import transaction

log = structlog.get_logger(__name__)
_QUIET_SECONDS = 30  # a dead broker is left alone for this long
_lock = Lock()
_quiet_until = 0.0


def wake_after_commit() -> None:
    """Once per transaction: after its commit, asks a worker to deliver what is due."""
    connection = transaction.get_connection()
    if not any(function is wake for _sids, function, _robust in connection.run_on_commit):
        transaction.on_commit(wake, robust=True)


def wake() -> None:
    """Publishes one message; gives up at once when the broker is dead, and stays quiet for 30 seconds."""
    global _quiet_until  # noqa: PLW0603 - one per process, guarded by the lock
    if not settings.WAKE_WORKER or time.monotonic() < _quiet_until:
        return
    from celery import current_app  # noqa: PLC0415 - Celery is slow to import and not needed where nothing wakes

    try:
        current_app.send_task("core.tasks.sweep_deliveries", retry=False, ignore_result=True)
    except Exception as error:  # whatever the broker's client raises, the request must not fail
        with _lock:
            _quiet_until = time.monotonic() + _QUIET_SECONDS
        log.warning("worker_not_woken", error=type(error).__name__)
