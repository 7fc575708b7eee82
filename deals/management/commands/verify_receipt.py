"""Checks a receipt, PDF or JSON, against the public keys: without network and without the database."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from deals.receipts import keys, seal


class Command(BaseCommand):
    help = "Says whether a receipt is genuine. Exits with 1 when a single byte was changed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--key", type=Path, metavar="KEYS.json", help="a saved copy of prm-receipt-key.json")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            known = self._keys(options["key"])
            found = seal.verify(options["file"].read_bytes(), known)
        except OSError as error:
            raise CommandError(f"The file can't be read: {error.strerror}.") from error
        except seal.Broken as broken:
            raise CommandError(f"Not genuine. {broken}") from broken
        about = f"registration {found['number']} of {found['partner']['name']}" if "number" in found else "the PDF"
        self.stdout.write(f"Genuine: {about}, at place {found['position']} of the log.")

    def _keys(self, file: Path | None) -> dict[str, bytes]:
        if file is None:
            return keys.public_keys()
        try:
            return keys.from_published(json.loads(file.read_bytes()))
        except (KeyError, TypeError, ValueError) as error:
            raise CommandError("The key file isn't a copy of prm-receipt-key.json.") from error
