"""api_key create: a key for a program, from the command line."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actor import SYSTEM
from core.clock import now
from core.errors import Refused
from core.scope import scope
from partners.models import Partner
from partners.particulars import KeyTerms
from partners.services import issue_key


class Command(BaseCommand):
    help = "Creates an API key and prints its token, alone, on standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        create = parser.add_subparsers(dest="verb", required=True).add_parser("create", help="A new key.")
        create.add_argument("--name", required=True, help="What the key is for.")
        create.add_argument(
            "--scopes", required=True, help='Scopes, like "deal_registrations:read partners:read", or "*".'
        )
        create.add_argument("--partner", metavar="REF", help="Reference of the one partner it may see, like P-7F3K2.")
        create.add_argument("--expires", metavar="DAYS", type=int, help="Days until it ends.")

    def handle(self, *args: Any, **options: Any) -> None:
        at = now()
        with scope(SYSTEM):
            partner = self._partner(options["partner"])
            expires = at + timedelta(days=options["expires"]) if options["expires"] is not None else None
            scopes = tuple(options["scopes"].replace(",", " ").split())
            try:
                _key, token = issue_key(KeyTerms(options["name"], scopes, partner, expires), by=SYSTEM, at=at)
            except Refused as error:
                raise CommandError(str(error.reason)) from None
        self.stdout.write(token)

    def _partner(self, reference: str | None) -> Partner | None:
        if reference is None:
            return None
        partner = Partner.objects.filter(reference=reference, deleted_at=None).first()
        if partner is None:
            raise CommandError(f"There is no partner {reference}.")
        return partner
