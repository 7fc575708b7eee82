"""The night of tiers for 100,000 partners: figures in SQL, rules in one pass, only changed answers touched.

The plain way beside it reads and judges one membership after the other; it is measured on a part and told for all.
BENCH_PARTNERS sets the partners.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import psycopg2
import yaml
from django.conf import settings
from django.db import connection

from core.actor import SYSTEM
from core.scope import scope
from deals.models import Account, Opportunity, OpportunityPartner
from metrics.services.facts import rebuild_facts
from partners.models import Partner, Program
from tests.benchmarks.attribution import _fill, _id, _scoped
from tests.benchmarks.figures import Figure, seconds
from tests.benchmarks.scratch import scratch
from tiers import rules, services
from tiers.models import Fact, ProgramMembership
from tiers.standings import standings, stored_names

PARTNERS = int(os.environ.get("BENCH_PARTNERS", "100000"))
PART = min(PARTNERS, 1_000)  # memberships of the plain way
GOAL = 30.0  # seconds for a night
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _world(cursor: Any, program: str) -> None:
    """Each partner with four won deals on average, some with many, and the tier of the lowest rank."""
    _fill(cursor, Partner, f"generate_series(0, {PARTNERS - 1}) i", id=_id("p", "i"), name="'Partner ' || i",
          reference="'P-' || i", status="'active'", country="'PT'")  # fmt: skip
    _fill(cursor, ProgramMembership, f"generate_series(0, {PARTNERS - 1}) i", id=_id("m", "i"), partner_id=_id("p", "i"),
          program_id=f"'{program}'", partner_type="'reseller'", starts_on="date '2024-01-01' + i % 700",
          tier_id=f"(SELECT id FROM tiers_tier WHERE program_id = '{program}' ORDER BY rank LIMIT 1)")  # fmt: skip
    _fill(cursor, Account, "generate_series(0, 999) i", id=_id("a", "i"), name="'Customer ' || i")
    deals = (
        f"(SELECT i, floor({PARTNERS} * power(random(), 1.5))::int AS who FROM generate_series(1, {PARTNERS * 4}) i) x"
    )
    cursor.execute(f"CREATE TEMPORARY TABLE deals AS SELECT * FROM {deals}")
    _fill(cursor, Opportunity, "deals", id=_id("o", "i"), reference="'O-' || i", account_id=_id("a", "i % 1000"),
          stage="'won'", amount="1000 + i % 9000", closed_on="date '2025-01-01' + i % 690")  # fmt: skip
    _fill(cursor, OpportunityPartner, "deals", id=_id("w", "i"), opportunity_id=_id("o", "i"), role="'selling'",
          partner_id=_id("p", "who"), membership_id=_id("m", "who"))  # fmt: skip
    cursor.execute("ANALYZE")


def _load(program: str) -> None:
    here = connection.settings_dict
    session = psycopg2.connect(host=here["HOST"], dbname=here["NAME"], user="postgres")
    with closing(session), session, session.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SELECT setseed(0.5)")
        _world(cursor, program)


def _one_by_one(definition: dict[str, Any]) -> list[int | None]:
    """The plain way: one membership after the other, each with a question for its figures."""
    found = []
    for pk in ProgramMembership.objects.order_by("pk").values_list("pk", flat=True)[:PART]:
        facts = {name: f.value for f in Fact.objects.filter(membership=pk) for name in stored_names(f.metric, f.window)}
        earned = rules.assess(definition, facts).earned
        found.append(earned.rank if earned else None)
    return found


def _judge() -> int:
    return services.assess(ProgramMembership.objects.all(), at=NOW)


def _all_at_once(definition: dict[str, Any]) -> dict[Any, int | None]:
    """Every membership judged in one pass, nothing written."""
    found = list(standings(ProgramMembership.objects.all(), rules.sound(definition)))
    ranks = rules.judge_all(definition, [one.facts for one in found])
    return {one.membership_id: rank for one, rank in zip(found, ranks, strict=True)}


def _settled(ranks: dict[Any, int | None]) -> None:
    """Each stands on the tier that it has earned, as after many nights."""
    pairs = [(pk, rank) for pk, rank in ranks.items() if rank is not None]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tiers_programmembership m SET tier_id = t.id, earned_tier_id = t.id FROM unnest(%s::uuid[], %s::int[])"
            " AS r (pk, rank) JOIN tiers_tier t ON t.rank = r.rank WHERE m.id = r.pk AND t.program_id = m.program_id",
            [[pk for pk, _rank in pairs], [rank for _pk, rank in pairs]],
        )


def _timed(what: str, act: Callable[[], Any], plain: float | None = None, goal: str = "") -> Figure:
    return Figure(what, seconds(_scoped(act)), "s", plain, goal)


def run() -> Iterator[Figure]:
    """Seconds of a night: figures, judgement, both; the plain way judged a part of it."""
    with scratch():
        definition = yaml.safe_load((settings.BASE_DIR / "examples/program-default.yaml").read_text())["programs"][0]
        with scope(SYSTEM):
            services.load_program(definition, by=SYSTEM, at=NOW)
            program = str(Program.objects.get(key=definition["id"]).pk)
        _load(program)
        day, size, goal = NOW.date(), f"{PARTNERS:,} partners", f"≤ {GOAL:g}"
        yield _timed(f"figures of {size}, all new", lambda: rebuild_facts(day, at=NOW))
        plain = seconds(_scoped(lambda: _one_by_one(definition))) * PARTNERS / PART
        yield _timed("all judged in one pass, nothing written", lambda: _all_at_once(definition), plain)
        _scoped(lambda: _settled(_all_at_once(definition)))()
        yield _timed("the first night after: whose tier is at risk", _judge)
        figures = _timed("a usual night: figures", lambda: rebuild_facts(day, at=NOW))
        judged = _timed("a usual night: judged", _judge, plain)
        yield figures
        yield judged
        yield Figure(f"a usual night of {size}", figures.value + judged.value, "s", plain, goal)
