"""Brings the figures up to date and says what it wrote and how long it took."""

from django.core.management.base import BaseCommand, CommandError

from core.actor import SYSTEM
from core.clock import now
from core.models import Event
from core.scope import scope
from metrics import services
from metrics.reactions import touched_by


class Command(BaseCommand):
    help = "Recomputes all figures, or with --since only what events after that one touched. Prints rows and seconds."

    def add_arguments(self, parser):
        parser.add_argument("--since", type=int, help="number of an event: recompute what later ones touched")

    def handle(self, *args, **options):
        since = options["since"]
        if since is not None and since < 0:
            raise CommandError("--since is the number of an event.")
        with scope(SYSTEM):
            report = services.recompute(at=now()) if since is None else self._since(since)
        for name, seconds in report.seconds.items():
            self.stdout.write(f"{name}: {seconds:.3f} s")
        self.stdout.write(f"rows: {report.total_rows}")
        self.stdout.write(f"seconds: {report.total_seconds:.3f}")

    def _since(self, event_id: int) -> services.Report:
        report = services.Report()
        with report.step("touched"):
            events = Event.objects.filter(pk__gt=event_id)
            touched = touched_by(events.iterator(chunk_size=2000))
        with report.step("refresh"):
            services.refresh(touched, at=now())
        report.rows = {"partners": len(touched.partners), "opportunities": len(touched.opportunities)}
        return report
