"""The timetable of sign-in."""

from celery import shared_task

from accounts.sessions import SessionStore


@shared_task
def forget_sessions() -> None:
    """Removes sessions that have run out; their cookies open nothing anyway."""
    SessionStore.clear_expired()
