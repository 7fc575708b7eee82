"""What a dry run of the rules of attribution found, ready to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from core.money import Money
from core.parts import Column, Row, Table
from deals.enums import Credit
from deals.models import AttributionRule


@dataclass(frozen=True)
class DryRun:
    at: datetime | None
    moves: int
    totals: Table | None
    rows: Table | None
    listed: int


def credit_words(credit: str | None) -> str:
    return str(Credit(credit).label) if credit else _("Nothing")


def dry_run(rule: AttributionRule) -> DryRun | None:
    """None before it was run."""
    kept = rule.metadata.get("dry_run")
    if not kept:
        return None
    return DryRun(parse_datetime(kept["at"]), kept["moves"], _totals(kept), _rows(kept["rows"]), len(kept["rows"]))


def _totals(kept: dict[str, Any]) -> Table | None:
    columns = (Column(_("Move")), Column(_("Credits"), "num"), Column(_("Difference"), "num"))
    rows = []
    for key, amount in sorted(kept["sums"].items()):
        way, _space, currency = key.rpartition(" ")
        was, _arrow, becomes = (None if word == "none" else word for word in way.partition(">"))
        words = f"{credit_words(was)} → {credit_words(becomes)}"
        rows.append(Row((words, kept["counts"][way], Money(Decimal(amount), currency))))
    return Table(_("What moves"), columns, rows) if rows else None


def _rows(rows: Sequence[Sequence[Any]]) -> Table | None:
    columns = (
        Column(_("Opportunity")), Column(_("Customer")), Column(_("Partner")), Column(_("From")), Column(_("To")),
        Column(_("Amount"), "num"),
    )  # fmt: skip
    found = [
        Row((one, customer, partner, credit_words(was), credit_words(becomes),
             Money(Decimal(amount), currency) if amount is not None else None))
        for one, customer, partner, was, becomes, amount, currency in rows
    ]  # fmt: skip
    return Table(_("Every credit that moves"), columns, found) if found else None
