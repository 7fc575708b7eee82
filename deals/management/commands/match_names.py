"""Scores pairs of company names."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from deals.matching.files import BadFile, cells
from deals.matching.model import SAME_HOUSE, of_texts

_HELP = f"""Reads the columns name_1 and name_2 of a CSV file (UTF-8; other columns are ignored) and prints for each
row, in order, the score from 0 to 1, a tab, and 1 when the score is {SAME_HOUSE} or more: one company, or companies of
one group."""


class Command(BaseCommand):
    """One line per pair: score, tab, 0 or 1."""

    help = _HELP
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pairs", metavar="PAIRS.csv", help="CSV with the columns name_1 and name_2")

    def handle(self, **options: Any) -> None:
        try:
            for one, two in cells(options["pairs"], "name_1", "name_2"):
                value = of_texts(one, two)
                self.stdout.write(f"{value:.6f}\t{int(value >= SAME_HOUSE)}")
        except BadFile as error:
            raise CommandError(str(error), returncode=2) from error
