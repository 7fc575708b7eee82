"""Brings all read models up to date: everything in one pass, or only what an event touched. Both run the same SQL."""

import time
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet

from deals import attribution
from deals.enums import TAKES_BACK
from deals.models import Attribution, Opportunity, OpportunityPartner, Registration, RevenueEvent
from metrics.models import Run, Scorecard
from metrics.particulars import Touched
from metrics.services.days import rebuild_partners, rebuild_total
from metrics.services.facts import rebuild_facts
from metrics.services.scorecards import rebuild_scorecards
from metrics.services.snapshots import take
from metrics.services.spans import rebuild_spans
from metrics.windows import local_day
from partners import activity
from tiers import services as tiers
from tiers.models import ProgramMembership

log = structlog.get_logger(__name__)
_MANY = 5_000  # partners from which on all are computed
_LOCK = 0x6D657472  # one recompute at a time; events wait for a full one and then see what it wrote


@dataclass
class Report:
    """What a recompute wrote, by read model, and how long each took in seconds."""

    rows: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str):
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started

    @property
    def total_rows(self) -> int:
        return sum(self.rows.values())

    @property
    def total_seconds(self) -> float:
        return sum(self.seconds.values())


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


@transaction.atomic
def recompute(*, at: datetime) -> Report:
    """Everything anew, in one transaction: readers see the old figures until it ends, then the new ones.

    What it had to correct is what events missed; after a load that is all of it. Needs a scope that sees all.
    """
    _one_at_a_time()
    with connection.cursor() as cursor:
        # All rows are read, so no nested loop pays, whatever the statistics of freshly loaded tables say.
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '128MB'; SET LOCAL enable_nestloop = off")
    report, day = Report(), local_day(at)
    with report.step("attributions"):
        report.rows["attributions"] = sum(attribution.recompute().values())
    with report.step("days"):
        report.rows["partner days"], report.rows["days"] = len(rebuild_partners()), len(rebuild_total())
    with report.step("activity"):
        report.rows["spans"] = rebuild_spans()
    with report.step("scorecards"):
        report.rows["scorecards"] = len(rebuild_scorecards(day))
        _note_activity(None, at)
    with report.step("tiers"):
        rebuild_facts(day, at=at)
        report.rows["tiers"] = tiers.assess(ProgramMembership.objects.all(), at=at)
    with report.step("snapshot"):
        take(at)
    _keep(report, at)
    return report


def _keep(report: Report, at: datetime) -> None:
    """Notes the run. Rows that differ although every event was answered mean that an event was missed."""
    last = Run.objects.order_by("-started_at").first()
    if last and report.total_rows:
        log.warning("recompute_corrected", **{name.replace(" ", "_"): n for name, n in report.rows.items() if n})
    seconds = Decimal(str(round(report.total_seconds, 3)))
    Run.objects.create(started_at=at, seconds=seconds, rows=report.total_rows, corrected=report.total_rows)


def _note_activity(partner_ids: Iterable[UUID] | None, at: datetime) -> None:
    cards = Scorecard.objects.all() if partner_ids is None else Scorecard.objects.filter(pk__in=partner_ids)
    activity.note(dict(cards.values_list("partner_id", "last_commercial_at")), at=at)


@transaction.atomic
def refresh(touched: Touched, *, at: datetime) -> None:
    """Brings up to date what events touched, in the same words as `recompute`. Needs a scope that sees all."""
    _one_at_a_time()
    touched |= _around(touched.opportunities)
    credited = attribution.recompute(touched.opportunities) if touched.opportunities else {}
    touched |= Touched(frozenset(credited))
    if touched.days:
        rebuild_total(touched)
    if touched.partners:
        _refresh_partners(touched, at)
    take(at)


def _refresh_partners(touched: Touched, at: datetime) -> None:
    day, partners = local_day(at), touched.partners
    if touched.days:
        rebuild_partners(touched)
    rebuild_spans(partners)
    rebuild_scorecards(day, partners)
    _note_activity(partners, at)
    tiers.assess(rebuild_facts(day, at=at, partner_ids=partners), at=at)


@transaction.atomic
def judge(memberships: QuerySet[ProgramMembership], *, at: datetime) -> int:
    """Figures and tiers of memberships that are new, or under new rules. How many changed. Sees all."""
    _one_at_a_time()
    partners = list(memberships.order_by().values_list("partner_id", flat=True).distinct()[: _MANY + 1])
    rebuild_facts(local_day(at), at=at, partner_ids=partners if len(partners) <= _MANY else None)
    return tiers.assess(memberships, at=at)


def _around(opportunity_ids: frozenset[UUID]) -> Touched:
    """The partners and days of opportunities as they are now."""
    if not opportunity_ids:
        return Touched()
    rows = Opportunity.objects.filter(pk__in=opportunity_ids).values_list("opened_on", "closed_on")
    back = RevenueEvent.objects.filter(opportunity_id__in=opportunity_ids, kind__in=TAKES_BACK, deleted_at=None)
    refunds = back.values_list("occurred_on", flat=True)
    partners: set[UUID] = set()
    for model in (OpportunityPartner, Attribution, Registration):
        partners |= set(model.objects.filter(opportunity_id__in=opportunity_ids).values_list("partner_id", flat=True))
    days = {day for row in rows for day in row if day}
    return Touched(frozenset(partners), opportunity_ids, frozenset(days | set(refunds)))


def sweep_active(*, at: datetime) -> int:
    """Partners whose 90 days ran out without any event become inactive. How many labels changed."""
    return activity.set_activity(at=at)
