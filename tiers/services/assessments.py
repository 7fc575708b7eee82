"""Facts in, tiers out: what a membership earns is computed anew each time, never counted up."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.actor import SYSTEM, Actor
from core.events import record
from core.ids import uuid7
from tiers import rules
from tiers.enums import MembershipStatus
from tiers.explained import explain
from tiers.models import Assessment, Fact, ProgramMembership, ProgramVersion, Tier
from tiers.particulars import TRAILING_YEAR, Enrolment, FactRow, Figure
from tiers.services.reviews import follow, give_tier

_PUT = """
    INSERT INTO tiers_fact AS f (id, partner_id, membership_id, metric, "window", value, as_of, lapses, metadata)
    SELECT n.id, n.partner_id, n.membership_id, n.metric, n."window", n.value, %(at)s, n.lapses::jsonb, '{}'
    FROM unnest(%(ids)s::uuid[], %(partners)s::uuid[], %(memberships)s::uuid[], %(metrics)s::text[],
                %(windows)s::text[], %(values)s::numeric[], %(lapses)s::text[])
         AS n (id, partner_id, membership_id, metric, "window", value, lapses)
    ON CONFLICT (membership_id, metric, "window") DO UPDATE
       SET value = excluded.value, lapses = excluded.lapses, as_of = excluded.as_of
     WHERE (f.value, f.lapses) IS DISTINCT FROM (excluded.value, excluded.lapses)
    RETURNING f.membership_id
"""


@transaction.atomic
def put_facts(rows: Sequence[FactRow], *, at: datetime) -> QuerySet[ProgramMembership]:
    """Writes computed figures in one statement, only where they differ; the memberships whose figures changed."""
    columns: dict[str, Any] = {
        "ids": [uuid7() for _row in rows],
        "partners": [row.partner_id for row in rows],
        "memberships": [row.membership_id for row in rows],
        "metrics": [row.metric for row in rows],
        "windows": [row.window for row in rows],
        "values": [row.value for row in rows],
        "lapses": [json.dumps([day.isoformat() for day in row.lapses]) for row in rows],
    }
    with connection.cursor() as cursor:
        cursor.execute(_PUT, columns | {"at": at})
        changed = {row[0] for row in cursor.fetchall()}
    return ProgramMembership.objects.filter(pk__in=changed)


@transaction.atomic
def set_figure(membership: ProgramMembership, figure: Figure, *, by: Actor, at: datetime) -> Fact:
    """Sets a custom figure, such as certified people, and judges the membership anew."""
    by.require("tier.decide")
    before = Fact.objects.filter(membership=membership, metric=figure.metric, window=figure.window).first()
    fact, _fresh = Fact.objects.update_or_create(
        membership=membership,
        metric=figure.metric,
        window=figure.window,
        defaults={"partner_id": membership.partner_id, "value": figure.value, "as_of": at},
    )
    moved = {figure.metric: [str(before.value) if before else None, str(figure.value)]}
    record("set", fact, by=by, at=at, partner_id=membership.partner_id, data={"changes": moved})
    assess(ProgramMembership.objects.filter(pk=membership.pk), at=at)
    return fact


@transaction.atomic
def enrol(enrolment: Enrolment, *, by: Actor, at: datetime) -> ProgramMembership:
    """Takes a partner into a program; the entry tier is given at once."""
    by.require("partner.edit")
    membership = ProgramMembership.objects.create(
        partner=enrolment.partner,
        program=enrolment.program,
        partner_type=enrolment.partner_type,
        starts_on=enrolment.starts_on,
    )
    record("created", membership, by=by, at=at, partner_id=membership.partner_id)
    assess(ProgramMembership.objects.filter(pk=membership.pk), at=at)
    membership.refresh_from_db()
    return membership


@transaction.atomic
def assess(memberships: QuerySet[ProgramMembership], *, at: datetime) -> int:
    """Judges memberships by the rules in force; gives entry tiers, proposes moves up. How many changed.

    Writes only where the answer is another one, so that a repeat changes nothing.
    """
    rows = memberships.filter(status=MembershipStatus.ACTIVE, deleted_at=None)
    members = list(rows.select_related("tier", "earned_tier", "partner"))
    if not members:
        return 0
    rulebook, facts = _Rulebook.in_force({m.program_id for m in members}, at), _facts(members)
    known = [m for m in members if rulebook.knows(m)]
    moved = {m.pk for m in known if _judge(m, rulebook, facts[m.pk], at)}
    return len(moved | follow(rows.filter(program__in=rulebook.versions), at=at))


class _Rulebook:
    """The versions in force and the tiers of some programs, read once."""

    def __init__(self, versions: dict[UUID, ProgramVersion], tiers: dict[tuple[UUID, int], Tier]):
        self.versions, self.tiers = versions, tiers

    @classmethod
    def in_force(cls, program_ids: Iterable[UUID], at: datetime) -> "_Rulebook":
        rows = ProgramVersion.objects.filter(program_id__in=program_ids, effective_from__lte=at.date())
        versions = {v.program_id: v for v in rows.order_by("program_id", "number")}
        tiers = Tier.objects.filter(program_id__in=program_ids, deleted_at=None)
        return cls(versions, {(t.program_id, t.rank): t for t in tiers})

    def knows(self, member: ProgramMembership) -> bool:
        return member.program_id in self.versions

    def verdict(self, member: ProgramMembership, facts: rules.Facts) -> tuple[rules.Verdict, Tier | None]:
        verdict = rules.assess(self.versions[member.program_id].definition, facts)
        rank = verdict.earned.rank if verdict.earned else None
        return verdict, self.tiers.get((member.program_id, rank)) if rank is not None else None

    def entry(self, member: ProgramMembership) -> Tier | None:
        ranks = [rank for program, rank in self.tiers if program == member.program_id]
        return self.tiers[member.program_id, min(ranks)] if ranks else None


def _facts(members: Sequence[ProgramMembership]) -> dict[UUID, dict[str, Decimal]]:
    """Figures by membership; those of a window other than the usual one under `metric@window`."""
    found: dict[UUID, dict[str, Decimal]] = defaultdict(dict)
    narrow = Q(membership__in=members) if len(members) < 1000 else Q()
    for pk, metric, window, value in Fact.objects.filter(narrow).values_list(
        "membership_id", "metric", "window", "value"
    ):
        found[pk][metric if window == TRAILING_YEAR else f"{metric}@{window}"] = value
    return found


def _judge(member: ProgramMembership, book: _Rulebook, facts: rules.Facts, at: datetime) -> bool:
    verdict, earned = book.verdict(member, facts)
    fresh = member.tier is None and (entry := book.entry(member)) is not None
    if fresh:
        give_tier(member, entry, _("Entry tier of the program."), by=SYSTEM, at=at)  # type: ignore[arg-type]
    moved = member.earned_tier_id != (earned.pk if earned else None)
    if moved:
        ProgramMembership.objects.filter(pk=member.pk).update(earned_tier=earned)
        member.refresh_from_db()
        _keep(member, book.versions[member.program_id], verdict, facts, at)
    return moved or fresh


def _keep(
    member: ProgramMembership, version: ProgramVersion, verdict: rules.Verdict, facts: rules.Facts, at: datetime
) -> Assessment:
    return Assessment.objects.create(
        partner_id=member.partner_id,
        membership=member,
        program_version=version,
        tier_id=member.earned_tier_id,
        at=at,
        facts={name: str(value) for name, value in facts.items()},
        explanation=[explain(tier) for tier in verdict.tiers],
    )
