"""The rows that a check looks at, each read by one plain statement: the same ones for every customer, found or not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model

from deals.enums import LIVE, Stage, Status
from deals.models import Account, Opportunity, Registration
from partners.models import Product, Program
from tiers.models import ProgramMembership

Row = TypeVar("Row", bound=Model)
# building these with the query builder took longer than PostgreSQL's answer
_CUSTOMER = """domain = ANY (%(domains)s::text[])
    OR normal_name = %(name)s AND (%(country)s::text IS NULL OR country = ANY (ARRAY[%(country)s::text, '']))"""
_ACCOUNTS = f"""SELECT * FROM deals_account
    WHERE deleted_at IS NULL AND ({_CUSTOMER} OR id = ANY (%(accounts)s::uuid[]))
    ORDER BY created_at, id LIMIT %(most)s"""  # noqa: S608 - words of code
_REGISTRATIONS = f"""SELECT * FROM deals_registration
    WHERE deleted_at IS NULL AND ({_CUSTOMER}
        OR id = ANY (%(owners)s::uuid[]) OR account_id = ANY (%(accounts)s::uuid[]))
    AND (status = ANY (%(live)s) OR status = %(lost)s AND first_right_until > %(at)s)
    AND (%(ignore)s::uuid IS NULL OR id <> %(ignore)s::uuid)
    ORDER BY submitted_at LIMIT %(most)s"""  # noqa: S608 - words of code
_DIRECT = """SELECT * FROM deals_opportunity o WHERE account_id = ANY (%s::uuid[]) AND stage = %s
    AND NOT EXISTS (SELECT FROM deals_opportunitypartner p WHERE p.opportunity_id = o.id)"""


@dataclass(frozen=True)
class Wanted:
    """Whose rows are looked for: by domains, by a name in a country, by what the index of names found."""

    domains: tuple[str, ...]
    name: str
    country: str
    owners: tuple[UUID, ...]  # registrations
    accounts: tuple[UUID, ...]

    def values(self, most: int) -> dict[str, Any]:
        return {
            "domains": [one for one in self.domains if one],
            "name": self.name or None,
            "country": self.country or None,
            "owners": list(self.owners),
            "accounts": list(self.accounts),
            "most": most,
        }


def accounts(wanted: Wanted, most: int) -> list[Account]:
    """Accounts, the oldest first, with the two companies above each."""
    found = list(Account.objects.raw(_ACCOUNTS, wanted.values(most)))
    level: list[Account] = found
    for _ in range(2):
        above = _by_pk(Account, (row.parent_id for row in level))
        for row in level:
            row.parent = above.get(row.parent_id)
        level = list(above.values())
    return found


def direct(found: Iterable[Account]) -> dict[UUID, Opportunity]:
    """By account: an open opportunity of the vendor's own team."""
    rows = Opportunity.objects.raw(_DIRECT, [[row.pk for row in found], str(Stage.OPEN)])
    return {row.account_id: row for row in rows if row.account_id}


def claims(wanted: Wanted, most: int, *, ignore: UUID | None, at: datetime) -> list[Registration]:
    """Live registrations, and lost ones while their partner has the first right, with membership and program."""
    states = {"live": [str(status) for status in LIVE], "lost": str(Status.LOST)}
    asked = {**wanted.values(most), **states, "at": at, "ignore": ignore}
    found = list(Registration.objects.raw(_REGISTRATIONS, asked))
    members = _by_pk(ProgramMembership, (row.membership_id for row in found))
    programs = _by_pk(Program, (one.program_id for one in members.values()))
    for one in members.values():
        one.program = programs[one.program_id]
    for row in found:
        row.membership = members[row.membership_id]
    return found


def products(found: Iterable[Registration], asked: UUID | None) -> Product | None:
    """The product asked for; the registrations get theirs."""
    rows = list(found)
    known = _by_pk(Product, (*(row.product_id for row in rows), asked))
    for row in rows:
        row.product = known.get(row.product_id) if row.product_id else None
    return known.get(asked) if asked else None


def _by_pk(kind: type[Row], wanted: Iterable[UUID | None]) -> dict[Any, Row]:
    """Asked for nobody's, too: how long the answer takes tells nothing."""
    keys = list({key for key in wanted if key})
    sql = f"SELECT * FROM {kind._meta.db_table} WHERE id = ANY (%s::uuid[])"  # noqa: S608 - a table of ours
    return {row.pk: row for row in kind._default_manager.raw(sql, [keys])}
