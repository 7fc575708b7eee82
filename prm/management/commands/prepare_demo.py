"""Migrations and the demo company in one process: every further process costs seconds at the start."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from prm.seed.load import held, is_empty


class Command(BaseCommand):
    """Brings the database of the demo up to date and loads the demo company once."""

    help = __doc__
    requires_system_checks: list[str] = []

    def handle(self, **_options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        if not held() and not is_empty():
            raise CommandError("Here is data of your own. Load the demo elsewhere: make demo DATA=another-directory")
        call_command("seed_demo")
