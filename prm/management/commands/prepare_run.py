"""Migrations of an installation without demo data; where the demo was, nobody works in earnest."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from prm.seed.load import held

HELD = (
    "Here was the demo, whose people have a password that everybody knows. "
    "Start in another directory: make run DATA=another-directory"
)


class Command(BaseCommand):
    """Brings the database up to date. Refuses one that holds the demo's people."""

    help = __doc__
    requires_system_checks: list[str] = []

    def handle(self, **_options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        if held():
            raise CommandError(HELD)
