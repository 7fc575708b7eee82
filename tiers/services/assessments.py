"""Facts in, tiers out: what a membership earns is computed anew each time, never counted up."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.actor import SYSTEM, Actor
from core.events import record
from tiers import rules
from tiers.enums import MembershipStatus
from tiers.explained import explain
from tiers.models import Assessment, ProgramMembership, ProgramVersion, Tier
from tiers.particulars import Enrolment
from tiers.services.reviews import follow, give_tier
from tiers.standings import Standing, standings

log = structlog.get_logger(__name__)
_CHUNK = 2_000


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

    One pass for each program; only memberships whose answer is another one are touched: a repeat writes nothing.
    """
    rows = memberships.filter(status=MembershipStatus.ACTIVE, deleted_at=None)
    books = list(_books(rows, at))
    moved = {pk for book in books for pk in book.judge(rows.filter(program=book.version.program_id), at)}
    return len(moved | follow(rows.filter(program__in=[book.version.program_id for book in books]), at=at))


def _books(rows: QuerySet[ProgramMembership], at: datetime) -> Iterable["_Rulebook"]:
    """The rules in force of the programs of memberships. Programs without usable rules are left out."""
    programs = rows.order_by().values("program_id").distinct()
    versions = ProgramVersion.objects.in_force(at.date()).filter(program_id__in=programs)
    tiers = list(Tier.objects.filter(program_id__in=programs, deleted_at=None).order_by("rank"))
    for version in versions:
        try:
            program = rules.sound(version.definition)
        except rules.CannotJudge as reason:
            log.warning("program_cannot_judge", program_version=version.public_id, reason=str(reason))
            continue
        yield _Rulebook(version, program, [t for t in tiers if t.program_id == version.program_id])


class _Rulebook:
    """A program's version in force with its tiers, lowest first."""

    def __init__(self, version: ProgramVersion, program: rules.Program, tiers: Sequence[Tier]):
        self.version, self.program, self.tiers = version, program, tiers
        self.of_rank = {tier.rank: tier for tier in tiers}
        self.explained: dict[tuple[Any, ...], list[dict[str, Any]]] = {}

    def judge(self, rows: QuerySet[ProgramMembership], at: datetime) -> Iterable[Any]:
        """Writes what these memberships of the program earn; the ids of those that changed."""
        rank, fresh, moved = rules.judge(self.program), [], []
        for standing in standings(rows, self.program):
            earned = self.of_rank.get(rank(standing.facts))  # type: ignore[arg-type]
            if standing.earned_tier_id != (earned.pk if earned else None):
                moved.append((standing, earned))
            if standing.tier_id is None and self.tiers:
                fresh.append(standing.membership_id)
        for i in range(0, len(moved), _CHUNK):
            self._keep(moved[i : i + _CHUNK], at)
        for member in ProgramMembership.objects.filter(pk__in=fresh).select_related("tier"):
            give_tier(member, self.tiers[0], _("Entry tier of the program."), by=SYSTEM, at=at)
        return [*fresh, *(standing.membership_id for standing, _earned in moved)]

    def _keep(self, moved: Sequence[tuple[Standing, Tier | None]], at: datetime) -> None:
        """The new answers, each with the version, the figures it read and the arithmetic."""
        for tier in {earned for _standing, earned in moved}:
            whose = [standing.membership_id for standing, earned in moved if earned == tier]
            ProgramMembership.objects.filter(pk__in=whose).update(earned_tier=tier)
        Assessment.objects.bulk_create([self._assessment(*one, at) for one in moved])

    def _assessment(self, standing: Standing, earned: Tier | None, at: datetime) -> Assessment:
        return Assessment(
            partner_id=standing.partner_id,
            membership_id=standing.membership_id,
            program_version=self.version,
            tier=earned,
            at=at,
            facts={name: str(value) for name, value in standing.facts.items() if value not in (None, ())},
            explanation=self._explanation(standing.facts),
        )

    def _explanation(self, facts: rules.Facts) -> list[dict[str, Any]]:
        key = tuple(sorted(facts.items()))
        if key not in self.explained:
            self.explained[key] = [explain(tier) for tier in rules.verdict(self.program, facts).tiers]
        return self.explained[key]
