"""Runs the statements of attribution under the versions of the rules that are published."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from deals.attribution import sql
from deals.enums import Status
from deals.models import AttributionRule
from deals.rules.attribution import OURS, RANKED, Terms

APPROVED_ONCE = (Status.APPROVED, Status.EXPIRING, Status.EXPIRED, Status.RELEASED, Status.WON, Status.LOST)
_WHOLE_TABLES = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL work_mem = '128MB'",
    "SET LOCAL enable_nestloop = off",
    "SET LOCAL jit = off",
)
FIRST = 1  # the number of the rules that hold before any version was published


@dataclass(frozen=True)
class Version:
    """Rules in force from the end of a day on: what closed before keeps the version before."""

    number: int
    terms: Terms
    starts_on: date | None = None  # None: always


@dataclass(frozen=True)
class Move:
    """A credit that other rules would change. `was` and `becomes` are None where there is none."""

    opportunity: str
    customer: str
    partner: str
    partner_reference: str
    was: str | None
    was_evidence: str | None
    was_share: Decimal | None
    becomes: str | None
    evidence: str | None
    share: Decimal | None
    amount: Decimal | None
    currency: str
    stage: str
    opportunity_id: UUID
    partner_id: UUID


def local_day(at: datetime) -> date:
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def versions() -> list[Version]:
    """Every published version, the oldest first; the built-in one where none has the first number."""
    rows = AttributionRule.objects.filter(published_at__isnull=False, deleted_at=None).order_by("number")
    found = [Version(r.number, Terms.of(r.definition), local_day(r.published_at)) for r in rows if r.published_at]
    if not found or found[0].number != FIRST:
        found.insert(0, Version(FIRST, Terms()))
    return [replace(found[0], starts_on=None), *found[1:]]


def version_on(day: date | None, known: Sequence[Version] | None = None) -> Version:
    """The version an opportunity stands under that closed on this day; None: that is open."""
    known = versions() if known is None else known
    past = known if day is None else [one for one in known if one.starts_on is None or one.starts_on <= day]
    return past[-1]


@transaction.atomic
def recompute(opportunity_ids: Collection[UUID] | None = None) -> dict[UUID, int]:
    """Brings the credit for these opportunities (default: for all) in line with the evidence.

    Answers how many rows changed, by partner. Needs a scope that sees all.
    """
    return dict(_run(sql.WRITE, versions(), opportunity_ids))


@transaction.atomic
def dry_run(terms: Terms, *, at: datetime, opportunity_ids: Collection[UUID] | None = None) -> list[Move]:
    """What publishing these terms at `at` would change. Writes nothing. Needs a scope that sees all."""
    known = versions()
    proposed = Version(known[-1].number + 1, terms, local_day(at))
    return [Move(*row) for row in _run(sql.COMPARE, [*known, proposed], opportunity_ids)]


def _run(statement: str, known: Sequence[Version], opportunity_ids: Collection[UUID] | None) -> list[tuple]:
    which = "TRUE" if opportunity_ids is None else "o.id = ANY (%(ids)s::uuid[])"
    words, params = _by_version([one.terms for one in known])
    params |= {
        "ids": list(opportunity_ids or ()),
        "approved": [str(s) for s in APPROVED_ONCE],
        "zone": settings.TIME_ZONE,
        "ours": [str(s) for s in OURS],
        "last": len(known) - 1,
        "starts": [one.starts_on for one in known[1:]],
        "numbers": [one.number for one in known],
    }
    with connection.cursor() as cursor:
        if opportunity_ids is None:
            # All rows are read, so no nested loop pays, whatever the row policies make of the estimates.
            cursor.execute("; ".join(_WHOLE_TABLES))
        cursor.execute(statement.format(which=which, **words), params)
        return cursor.fetchall()


def _by_version(terms: Sequence[Terms]) -> tuple[dict[str, str], dict[str, Any]]:
    """The SQL of what the rules say about a row, and its parameters: lists with a place for each version."""
    params: dict[str, Any] = {
        "late": [one.late_days for one in terms],
        "before": [one.touch_days_before for one in terms],
        "after": [one.touch_entered_days for one in terms],
        "kinds": [",".join(one.touch_kinds) for one in terms],
    }
    for evidence in RANKED:
        params[f"rank_{evidence}"] = [_place(one, evidence) for one in terms]
        params[f"lives_{evidence}"] = [one.days.get(evidence) for one in terms]
    words = {name: f"(%({name})s::int[])[d.v]" for name in ("before", "after")}
    words |= {name: _case(name) for name in ("rank", "lives")}
    words |= {
        "late": "(%(late)s::int[])[c.v]",
        "kinds": "string_to_array((%(kinds)s::text[])[d.v], ',')",
        "number": "(%(numbers)s::int[])[d.v]",
    }
    return words, params


def _place(terms: Terms, evidence: str) -> int | None:
    return terms.ranks.index(evidence) + 1 if evidence in terms.ranks else None


def _case(name: str) -> str:
    whens = " ".join(f"WHEN '{e}' THEN (%({name}_{e})s::int[])[c.v]" for e in RANKED)
    return f"CASE c.evidence {whens} END"
