"""The demo company: Northwind, its partners and two years of deals."""

import time
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.clock import now
from prm.seed.load import load
from prm.seed.plan import Size


class Command(BaseCommand):
    """Loads the demo company once; a second run changes nothing."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--partners", "--tenants", type=int, default=40, metavar="N", help="how many partners")
        parser.add_argument("--deals", type=int, metavar="N", help="how many registrations (20 for each partner)")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed gives the same company")
        parser.add_argument("--canary", action="store_true", help="marks every text of a partner with its name")

    def handle(self, **options: Any) -> None:
        began = time.monotonic()
        size = Size(options["partners"], options["deals"], options["seed"], options["canary"])
        try:
            loaded = load(size, at=now())
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        if loaded is None:
            self.stdout.write("The demo company is here already.")
            return
        self.stdout.write(
            f"{loaded.partners} partners, {loaded.registrations} registrations, {loaded.opportunities} opportunities, "
            f"{loaded.events} events in {time.monotonic() - began:.1f} s."
        )
