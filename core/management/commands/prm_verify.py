import json
import sys

from django.core.management.base import BaseCommand

from core import verify
from core.actor import SYSTEM
from core.clock import now
from core.scope import scope


class Command(BaseCommand):
    """Checks order, deliveries, states, walls and sums; exit status 1 names what doesn't hold."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args, **options):
        with scope(SYSTEM):
            found = verify.verify(now())
        holds = not any(found.values())
        if options["json"]:
            checks = {name: {"ok": not wrong, "found": wrong} for name, wrong in found.items()}
            self.stdout.write(json.dumps({"ok": holds, "checks": checks}))
        else:
            for name, wrong in found.items():
                self.stdout.write(f"{name}: {'; '.join(wrong) if wrong else 'holds'}")
        if not holds:
            sys.exit(1)
