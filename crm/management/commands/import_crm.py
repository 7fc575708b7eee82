import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actor import SYSTEM
from core.clock import now
from core.deliver import deliver_due
from core.errors import Refused
from core.models import Delivery, DeliveryState
from core.scope import scope
from crm import mapping
from crm.fields import FIELDS
from crm.job import Job
from crm.load import load, tables_of
from crm.report import OUTCOMES, Lines, Outcome, Report

_SHOWN = 50
_PATIENCE = timedelta(seconds=120)


class Command(BaseCommand):
    help = "Loads a CRM export (CSV files in DIR) by a mapping file. Running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, metavar="DIR")
        parser.add_argument("--mapping", type=Path, required=True, metavar="MAP.yaml")
        parser.add_argument("--all-or-nothing", action="store_true", help="load nothing when one row is invalid")
        parser.add_argument("--report", type=Path, metavar="FILE", help="every row's outcome, as JSON lines or .csv")

    def handle(self, *args: object, **options) -> None:
        begun = time.monotonic()
        with Report(keep_rows=bool(options["report"])) as report:
            job, complete = self._load(report, options)
            if options["report"]:
                report.write(options["report"], rolled_back=not complete)
            self._show(report, complete)
        if not complete:
            raise CommandError(f"Nothing was loaded, as you asked: {report.invalid:,} rows are invalid.")
        catch_up(job.at)
        self.stdout.write(f"Done in {time.monotonic() - begun:.1f} s.")

    def _load(self, report: Report, options: dict) -> tuple[Job, bool]:
        try:
            wanted = mapping.read(options["mapping"])
            job = Job(wanted, tables_of(wanted, options["directory"]), report, now(), self._progress)
            return job, load(job, all_or_nothing=options["all_or_nothing"])
        except mapping.MappingError as error:
            raise CommandError(f"Nothing was loaded.\n{error}") from error
        except Refused as error:
            raise CommandError(str(error.reason)) from error

    def _progress(self, kind: str, rows: int, _outcomes: list[Outcome]) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"{kind}: {rows:,} rows")

    def _show(self, report: Report, complete: bool) -> None:
        for kind in FIELDS:
            if found := report.of(kind):
                counts = ", ".join(f"{found[name]:,} {name}" for name in OUTCOMES if name in found)
                self.stdout.write(f"{kind}: {sum(found.values()):,} rows: {counts}")
        for name, count in report.made.items() if complete else ():
            self.stdout.write(f"{name}: {count:,} made")
        self._list("Not loaded:", report.refused)
        self._list("Listed:", report.notes)

    def _list(self, heading: str, found: Mapping[tuple[str, str], Lines]) -> None:
        if found:
            self.stdout.write(heading)
        for (kind, text), lines in list(found.items())[:_SHOWN]:
            self.stdout.write(f"  {kind}: {text}: {lines}")
        if len(found) > _SHOWN:
            self.stdout.write(f"  and {len(found) - _SHOWN:,} more; --report FILE lists every row")


def catch_up(since: datetime) -> None:
    """What reacts to the load is done before the command ends, by a worker or by ourselves."""
    until = time.monotonic() + _PATIENCE.total_seconds()
    while time.monotonic() < until:
        deliver_due(now())
        with scope(SYSTEM):
            waiting = Delivery.objects.filter(
                event__type="batch.loaded", event__at__gte=since, state=DeliveryState.OPEN, error=""
            ).exists()
        if not waiting:
            return
        time.sleep(0.2)
