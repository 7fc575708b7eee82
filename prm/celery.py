"""The timetable of the jobs. Work itself is started by events (prm.reactions) and by these sweeps alone."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import celeryd_init
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings")
app = Celery("prm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)

TIMETABLE: dict[str, Any] = {
    "core.tasks.sweep_deliveries": 5,
    "core.tasks.sequence": 3,
    "core.tasks.ring_timers": 20,
    "crm.tasks.load_waiting": 5,
    "deals.tasks.set_timers": crontab(minute=27),
    "deals.tasks.index_names": crontab(hour=3, minute=50),
    "earnings.tasks.release_holds": crontab(minute=37),
    "earnings.tasks.settle_day": crontab(hour=0, minute=40),
    "mdf.tasks.accrue": crontab(hour=2, minute=50),
    "partners.tasks.expire_invitations": crontab(minute=17),
    "partners.tasks.expire_applications": crontab(minute=37),
    "partners.tasks.end_partnerships": crontab(minute=47),
    "partners.tasks.begin_terms": crontab(minute=4),
    "partners.tasks.forget": crontab(hour=3, minute=40),
    "metrics.tasks.sweep_active": crontab(minute=7),
    "tiers.tasks.assess_all": crontab(hour=1, minute=10),
    "metrics.tasks.recompute_all": crontab(hour=2, minute=10),
    "core.tasks.forget_old": crontab(hour=3, minute=10),
    "core.tasks.sweep_files": crontab(hour=3, minute=40),
    "crm.tasks.forget_files": crontab(hour=3, minute=30),
    "accounts.tasks.forget_sessions": crontab(hour=3, minute=20),
}
# A message older than its period is worthless: the next one does the same work.
app.conf.beat_schedule = {
    name: {"task": name, "schedule": period, "options": {"expires": period if isinstance(period, int) else 3600}}
    for name, period in TIMETABLE.items()
}


@celeryd_init.connect
def _be_patient(conf: Any, **_more: Any) -> None:
    """A worker waits for its broker; the short time-outs of the settings are for requests that publish."""
    conf.broker_connection_timeout = 10
    conf.broker_transport_options |= {"socket_timeout": 30, "socket_connect_timeout": 10}
