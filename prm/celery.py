"""The timetable of the jobs. Work itself is started by events (prm.reactions) and by these sweeps alone."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings")
app = Celery("prm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

TIMETABLE: dict[str, Any] = {
    "core.tasks.sweep_deliveries": 5,
    "core.tasks.sequence": 3,
    "deals.tasks.sweep": 60,
    "metrics.tasks.sweep_active": crontab(minute=7),
    "tiers.tasks.assess_all": crontab(hour=1, minute=10),
    "metrics.tasks.recompute_all": crontab(hour=2, minute=10),
    "core.tasks.forget": crontab(hour=3, minute=10),
}
# A message older than its period is worthless: the next one does the same work.
app.conf.beat_schedule = {
    name: {"task": name, "schedule": period, "options": {"expires": period if isinstance(period, int) else 3600}}
    for name, period in TIMETABLE.items()
}
