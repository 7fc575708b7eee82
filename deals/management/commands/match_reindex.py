"""The index of customer names, brought up to date or made anew."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from deals.matching import build


class Command(BaseCommand):
    """Indexes the names of accounts, aliases and live registrations that are missing or have changed."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anew",
            action="store_true",
            help="make the whole index anew; checks wait meanwhile (1 million names: minutes)",
        )

    def handle(self, **options: Any) -> None:
        began = time.monotonic()
        written = build.anew() if options["anew"] else build.catch_up()
        self.stdout.write(f"{written} names indexed in {time.monotonic() - began:.1f} s.")
