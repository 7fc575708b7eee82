"""What other rules of attribution would change, before anybody publishes them."""

import json
from pathlib import Path

import yaml
from django.core.management.base import BaseCommand, CommandError

from core.actor import SYSTEM
from core.clock import now
from core.scope import scope
from deals import attribution
from deals.rules.attribution import Terms, faults
from deals.services.attributions import summary


class Command(BaseCommand):
    help = "Lists what a file of attribution rules would change. Writes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--rules", required=True, help="YAML or JSON with the rules")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args, **options):
        try:
            definition = yaml.safe_load(Path(options["rules"]).read_text())
        except (OSError, yaml.YAMLError) as error:
            raise CommandError(f"{options['rules']} can't be read: {error}") from error
        wrong = faults(definition)
        if wrong:
            raise CommandError("\n".join(wrong))
        at = now()
        with scope(SYSTEM):
            moves = attribution.dry_run(Terms.of(definition), at=at)
        if options["format"] == "json":
            rows = [[m.opportunity, m.partner_reference, m.was, m.becomes, str(m.amount), m.currency] for m in moves]
            self.stdout.write(json.dumps({**summary(moves, at), "rows": rows}, indent=1))
            return
        for one in moves:
            line = (one.opportunity, one.partner, f"{one.was or '-'} > {one.becomes or '-'}", one.amount, one.currency)
            self.stdout.write("\t".join("" if word is None else str(word) for word in line))
        found = summary(moves, at)
        for key, amount in sorted(found["sums"].items()):
            self.stdout.write(f"total\t{key}\t{amount}")
        self.stdout.write(f"credits that move: {found['moves']}")
