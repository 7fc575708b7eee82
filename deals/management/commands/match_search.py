"""Finds company names in a list."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from deals.matching.files import BadFile, cells, header
from deals.matching.memory import Names

_HELP = """Reads a list of names and a list of queries from CSV files (UTF-8; the column "name", else the first column)
and prints for each query, in order, the row numbers of the best matches in NAMES.csv, best first, with tabs between.
Row numbers count from 0 at the first row below the header. A query that is like no name gets an empty line."""


class Command(BaseCommand):
    """One line per query: row numbers, best first."""

    help = _HELP
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", metavar="NAMES.csv", help="the names to search")
        parser.add_argument("queries", metavar="QUERIES.csv", help="the names to look for")
        parser.add_argument("--top", type=int, default=5, metavar="N", help="how many matches to print (5)")

    def handle(self, **options: Any) -> None:
        if options["top"] < 1:
            raise CommandError("--top must be 1 or more.", returncode=2)
        try:
            names = Names(_names(options["names"]))
            for query in _names(options["queries"]):
                self.stdout.write("\t".join(map(str, names.nearest(query, options["top"]))))
        except BadFile as error:
            raise CommandError(str(error), returncode=2) from error


def _names(path: str) -> list[str]:
    columns = header(path)
    if not columns:
        raise BadFile(f"{path} is empty. Give it a header and one name per row.")
    return [text for (text,) in cells(path, "name" if "name" in columns else columns[0])]
