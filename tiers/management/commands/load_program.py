"""Loads channel programs from a YAML file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from core.actor import SYSTEM
from core.clock import now
from core.errors import Refused
from core.scope import scope
from tiers import services


class Command(BaseCommand):
    help = "Loads programs with their tiers from a file. A changed program becomes its next version."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="PROGRAMS.yaml")

    def handle(self, *args, **options):
        try:
            with scope(SYSTEM):
                programs = services.load_program(options["file"], by=SYSTEM, at=now())
                lines = [f"{program.name}: version {program.versions.count()}" for program in programs]
        except FileNotFoundError as error:
            raise CommandError(f"{options['file']} is not there.") from error
        except Refused as refusal:
            raise CommandError(str(refusal.reason)) from refusal
        self.stdout.write("\n".join(lines))
