"""The vendor's own service levels about deals, measured: answers in time, appeals upheld, protections broken."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from core.actor import Actor
from core.parts import Promise
from core.scope import elevated

WINDOW = timedelta(days=90)


@dataclass(frozen=True)
class Figures:
    """What was counted in the window; `None` stands for nothing to count."""

    decided: int
    late: int
    median_hours: float | None
    waiting_late: int
    appeals: int
    upheld: int
    breaches: int
    broken: int
    unresolved: int


# A decision was late when its clock had run out before: then the sweep has written deal_registration.escalated.
_DECIDED = """
    SELECT count(*),
        count(*) FILTER (WHERE EXISTS (SELECT 1 FROM core_event e WHERE e.subject_id = r.id
            AND e.type = 'deal_registration.escalated' AND e.at <= r.decided_at)),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM r.decided_at - r.submitted_at) / 3600)
    FROM deals_registration r
    WHERE r.decided_at > %(since)s AND r.submitted_at IS NOT NULL AND r.deleted_at IS NULL
        AND (%(all)s OR r.partner_id = ANY (%(partners)s::uuid[]))"""
_WAITING = """
    SELECT count(*) FROM deals_registration r
    WHERE r.status = 'in_review' AND r.due_at < %(at)s AND r.deleted_at IS NULL
        AND (%(all)s OR r.partner_id = ANY (%(partners)s::uuid[]))"""
_APPEALS = """
    SELECT count(*), count(*) FILTER (WHERE e.type = 'deal_registration.appeal_granted')
    FROM core_event e JOIN deals_registration r ON r.id = e.subject_id
    WHERE e.type IN ('deal_registration.appeal_granted', 'deal_registration.appeal_refused')
        AND e.at > %(since)s
        AND (%(all)s OR r.partner_id = ANY (%(partners)s::uuid[]))"""
_BREACHES = """
    SELECT count(*), count(*) FILTER (WHERE r.outcome = 'broken'), count(*) FILTER (WHERE r.outcome = '')
    FROM deals_breach r WHERE r.found_at > %(since)s AND r.outcome <> 'different'
        AND (%(all)s OR r.partner_id = ANY (%(partners)s::uuid[]))"""


def measured(partner_ids: Collection[UUID] | None, at: datetime) -> Figures:
    """The figures of the last 90 days: of these partners, or of all. Reads across the wall: sums alone leave here."""
    ids = "{" + ",".join(str(i) for i in partner_ids or ()) + "}"
    known: dict[str, Any] = {"all": partner_ids is None, "partners": ids, "since": at - WINDOW, "at": at}
    with elevated(), connection.cursor() as cursor:
        rows = []
        for sql in (_DECIDED, _WAITING, _APPEALS, _BREACHES):
            cursor.execute(sql, known)
            rows += cursor.fetchone()
    return Figures(*rows)


def promise(actor: Actor, subject: Any, at: datetime) -> Promise:
    """How the vendor keeps its word about deals; people of a partner see theirs beside everybody's."""
    everybody = measured(None, at)
    own = measured(actor.partner_ids, at) if actor.is_partner else None
    text = _("We answer a registration within the time shown when it is sent, and nobody sells past your protection.")
    pairs = zip(_words(own) if own else [("", "")] * 5, _words(everybody), strict=True)
    return Promise(_("Deals"), text, [(label, mine, value) for (_label, mine), (label, value) in pairs])


def _words(figures: Figures) -> list[tuple[str, str]]:
    on_time = figures.decided - figures.late
    return [
        (_("Answered in time"), _of(on_time, figures.decided)),
        (_("Half of all answers came within"), _hours(figures.median_hours)),
        (_("Late now"), str(figures.waiting_late)),
        (_("Appeals that were right"), _of(figures.upheld, figures.appeals)),
        (_("Protected deals we touched"), _breaches(figures)),
    ]


def _of(part: int, whole: int) -> str:
    if not whole:
        return _("none yet")
    return _("%(percent)d%% (%(part)d of %(whole)d)") % {
        "percent": round(100 * part / whole), "part": part, "whole": whole,
    }  # fmt: skip


def _hours(hours: float | None) -> str:
    return _("none yet") if hours is None else _("%d hours") % round(hours)


def _breaches(figures: Figures) -> str:
    if not figures.breaches:
        return _("none")
    told = _("%(count)d, of which %(broken)d broken and %(open)d undecided")
    return told % {"count": figures.breaches, "broken": figures.broken, "open": figures.unresolved}
