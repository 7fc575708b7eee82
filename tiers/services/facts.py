"""Figures in: computed ones set-based, custom ones from people and other systems."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused
from core.events import record
from tiers.measures import MEASURES
from tiers.models import Fact, ProgramMembership
from tiers.particulars import FactRow, Figure
from tiers.services.assessments import assess

_ROWS = """
    SELECT * FROM unnest(%(memberships)s::uuid[], %(partners)s::uuid[], %(metrics)s::text[], %(windows)s::text[],
                         %(values)s::numeric[], %(lapses)s::jsonb[])
"""
# Only rows that differ are touched, so that a night without news writes nothing.
_PUT = """
    WITH fresh (membership_id, partner_id, metric, "window", value, lapses) AS MATERIALIZED ({rows}),
    gone AS ({gone}),
    put AS (
        INSERT INTO tiers_fact AS f (id, membership_id, partner_id, metric, "window", value, lapses, as_of, metadata)
        SELECT gen_random_uuid(), n.*, %(at)s, '{{}}'
        FROM fresh n LEFT JOIN tiers_fact f USING (membership_id, metric, "window")
        WHERE f.id IS NULL OR (f.value, f.lapses) IS DISTINCT FROM (n.value, n.lapses)
        ON CONFLICT (membership_id, metric, "window") DO UPDATE
           SET value = excluded.value, lapses = excluded.lapses, as_of = excluded.as_of
        RETURNING f.membership_id
    )
    SELECT membership_id FROM put UNION SELECT membership_id FROM gone
"""
_NONE_GONE = "SELECT NULL::uuid AS membership_id WHERE FALSE"
_GONE = """
    DELETE FROM tiers_fact f USING tiers_programmembership m
    WHERE f.membership_id = m.id AND m.status = 'active' AND f.metric = ANY (%(measures)s::text[]) AND ({whose})
      AND NOT EXISTS (SELECT FROM fresh n WHERE (n.membership_id, n.metric, n."window") =
                                                (f.membership_id, f.metric, f."window"))
    RETURNING f.membership_id
"""


@transaction.atomic
def put_facts(rows: Sequence[FactRow], *, at: datetime) -> QuerySet[ProgramMembership]:
    """Writes computed figures in one statement, only where they differ; the memberships whose figures changed."""
    columns: dict[str, Any] = {
        "memberships": [row.membership_id for row in rows],
        "partners": [row.partner_id for row in rows],
        "metrics": [row.metric for row in rows],
        "windows": [row.window for row in rows],
        "values": [row.value for row in rows],
        "lapses": [json.dumps([day.isoformat() for day in row.lapses]) for row in rows],
    }
    return _put(_PUT.format(rows=_ROWS, gone=_NONE_GONE), columns | {"at": at})


@transaction.atomic
def put_computed(select: str, params: Mapping[str, Any], *, whose: str, at: datetime) -> QuerySet[ProgramMembership]:
    """The same with rows from SQL: membership, partner, metric, window, value, lapses.

    They are all computed figures of the active memberships `m` for which the condition `whose` holds: others go.
    """
    statement = _PUT.format(rows=select, gone=_GONE.format(whose=whose))
    return _put(statement, {**params, "at": at, "measures": list(MEASURES)})


def _put(statement: str, params: Mapping[str, Any]) -> QuerySet[ProgramMembership]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        changed = [row[0] for row in cursor.fetchall()]
    return ProgramMembership.objects.filter(pk__in=changed)


@transaction.atomic
def set_figure(membership: ProgramMembership, figure: Figure, *, by: Actor, at: datetime) -> Fact:
    """Sets a custom figure, such as certified people, and judges the membership anew."""
    fact = send_figure(membership, figure, by=by, at=at)
    assess(ProgramMembership.objects.filter(pk=membership.pk), at=at)
    return fact


@transaction.atomic
def send_figure(membership: ProgramMembership, figure: Figure, *, by: Actor, at: datetime) -> Fact:
    """Writes a custom figure; the membership is judged anew on the event. The same value again changes nothing."""
    by.require("tier.decide")
    if figure.metric in MEASURES:
        words = _("%s is computed from deals. Send the figure under another name.")
        raise Refused(words % figure.metric, code="computed_metric", field="metric")
    before = Fact.objects.filter(membership=membership, metric=figure.metric, window=figure.window).first()
    if before and before.value == figure.value:
        return before
    fact, _fresh = Fact.objects.update_or_create(
        membership=membership,
        metric=figure.metric,
        window=figure.window,
        defaults={"partner_id": membership.partner_id, "value": figure.value, "as_of": at},
    )
    moved = {figure.metric: [str(before.value) if before else None, str(figure.value)]}
    record("set", fact, by=by, at=at, partner_id=membership.partner_id, data={"changes": moved})
    return fact
